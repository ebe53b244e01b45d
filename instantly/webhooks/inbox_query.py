"""SQL queries of the webhook on a database connection of its own, with a deadline.

A query on a dead connection is repeated once on a new one.
"""

from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, connections

from salesbrain.kernel import db
from salesbrain.kernel.db_deadline import db_deadline
from salesbrain.kernel.serving import lending

from .auth import ALIAS
from .group_commit import TooLate

Result = TypeVar("Result")

CONNECTING = 2.5  # seconds that must be left for a new connection: connecting has its own limit of 3, and the deadline does not cover it


def ask(question: Callable[[], Result], until: float, lender: str = ALIAS) -> Result:
    """Run `question` with a deadline (`until`, of time.monotonic); repeat it once on a new connection if the kept one is dead.

    The repetition is safe: a delivery stored twice is recognized as a copy. Raises TooLate after the deadline, lending.NoneLeft without a
    free connection, and what `question` raises.
    """
    with lending.borrowed(lender, until=until):
        kept = connections[ALIAS].connection is not None
        if not kept and monotonic() > until - CONNECTING:
            raise TooLate("waiting for others left no time to connect")
        try:
            with db_deadline(until, using=ALIAS):
                return question()
        except (DatabaseError, InterfaceError) as error:
            connections[ALIAS].close()
            if not (kept and db.is_disconnected(error)) or monotonic() > until - CONNECTING:
                raise
        try:
            with db_deadline(until, using=ALIAS):
                return question()
        except (DatabaseError, InterfaceError):
            connections[ALIAS].close()
            raise
