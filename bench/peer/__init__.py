"""Comparison system: a FastAPI service on asyncpg that finishes all work of an event before answering.

Written to be fast: uvloop and httptools, a small pool, prepared statements, one short transaction per event, the contended counters
written last. It imports nothing of the product and runs in an environment of its own.
"""
