"""Bounds on what requests may cost a web process: threads, database connections, memory, patience with slow clients."""
