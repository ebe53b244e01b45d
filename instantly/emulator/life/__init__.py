"""Simulated life: leads that open, click and reply, accounts that fail, campaigns that send at a pace."""
