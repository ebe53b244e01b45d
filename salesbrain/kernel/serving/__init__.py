"""Limits of a web process: threads, database connections, memory, slow clients."""
