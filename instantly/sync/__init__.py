"""Sync: mirror campaigns and email accounts of an Instantly workspace into our tables."""
