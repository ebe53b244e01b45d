"""What people use today: a FastAPI service on asyncpg that does all of an event's work before it answers.

Written to be good at it: uvloop and httptools, a small pool, prepared statements, one short transaction per event, the
counters (the rows everybody wants) written last. It imports nothing of the product and runs in an environment of its own.
"""
