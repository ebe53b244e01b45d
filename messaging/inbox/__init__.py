"""Unified inbox of replies: lists of conversations, people's changes of them, replies, recount."""
