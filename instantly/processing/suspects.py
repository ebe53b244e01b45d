"""Isolate faulty webhook deliveries: halve a failing batch until one is alone, then hold that one.

Does nothing while the database does not answer: the batch is then not at fault.
"""

import logging

from django.db import DatabaseError, InterfaceError, connection

from .batch import fail

logger = logging.getLogger(__name__)


class Suspects:
    """Batches to try again. One that failed twice in the same way is never claimed again unchanged, whatever the error's class: a batch
    that breaks its own connection causes the same errors as a database that is down.
    """

    def __init__(self) -> None:
        self.waiting: list[tuple[list[int], str]] = []
        self.announced: list[int] = []
        self.reason = ""

    def next(self) -> list[int] | None:
        """Return the ids to process next; None: the oldest ones."""
        self.announced = []
        ids, self.reason = self.waiting.pop() if self.waiting else (None, "")
        return ids

    def begin(self, ids: list[int]) -> None:
        """Note the batch that is processed now, which a failure will be blamed on."""
        self.announced = ids

    def failed(self, error: Exception) -> None:
        """Record that the announced batch failed. A delivery that failed alone twice in the same way is held."""
        ids, reason = (
            self.announced,
            f"{type(error).__name__} {getattr(error.__cause__, 'sqlstate', None) or ''}".strip(),
        )
        if not ids:
            return  # nothing was claimed: the database is not there
        if reason != self.reason:
            self.waiting.append((ids, reason))
        elif len(ids) > 1:
            middle = len(ids) // 2
            self.waiting += [(ids[middle:], reason), (ids[:middle], reason)]
        else:
            logger.error("Delivery %d failed twice alone (%s); it is held", ids[0], reason)
            try:
                fail(ids[0], f"processing it failed again and again: {str(error).strip()[:300] or reason}")
            except (DatabaseError, InterfaceError) as refused:  # it is not this delivery's fault alone
                connection.close()
                self.waiting.append((ids, reason))
                logger.error("Delivery %d cannot be held now: %s", ids[0], str(refused).strip())
