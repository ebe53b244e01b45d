"""Reads of customers from a replica of the database, if DATABASE_REPLICA_URL names one.

`reading.read` runs a read transaction there, `positions` makes callers see their own writes, and `watching` finds out whether the replica
can be used. Without the setting nothing is asked of any database.
"""

from .positions import note
from .reading import is_reading, read
from .watching import watch

__all__ = ["is_reading", "note", "read", "watch"]
