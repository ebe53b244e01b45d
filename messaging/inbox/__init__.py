"""Unified inbox: changes of conversations by people, recount, and initial build."""
