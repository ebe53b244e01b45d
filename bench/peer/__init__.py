"""Comparison system of the benchmark: a FastAPI service that processes an event before answering.

Written to be fast: asyncpg, uvloop and httptools, a small pool, prepared statements, one short transaction per event, the contended
counters written last. It imports nothing of the product and runs in an environment of its own.
"""
