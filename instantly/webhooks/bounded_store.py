"""Store webhook deliveries within a deadline: ordinary ones by group commit, a large one alone.

The reasons are in docs/decisions/0009.
"""

from collections.abc import Sequence

from . import bodies
from . import store as storage
from .auth import ALIAS
from .group_commit import GroupCommit
from .inbox_query import ask
from .store import NewDelivery

GROUP_BYTES = 1024 * 1024


def _store_group(deliveries: Sequence[NewDelivery], until: float) -> Sequence[int | Exception | None]:
    return ask(lambda: storage.store_all(deliveries, using=ALIAS), until)


store = GroupCommit(_store_group, size=lambda delivery: len(delivery.body), most=GROUP_BYTES)
"""`store.submit(delivery, until)` returns the new id, or None for a copy; it is durable then."""


def store_large(delivery: NewDelivery, until: float) -> int | None:
    """Store one large delivery by `until` (time.monotonic); return its id, or None for a copy. Raises TooLate, DatabaseError."""
    return ask(lambda: storage.store_large(delivery, using=ALIAS), until, lender=bodies.LENDER)
