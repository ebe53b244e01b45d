"""Unified inbox: people's changes to conversations, their recount, and the build of those an installation had no rows for."""
