"""Unified inbox: people's changes of conversations, replies, recount, and initial build."""
