"""Limits of a web process on requests: threads, database connections, memory, slow clients."""
