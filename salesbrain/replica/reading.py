"""Run the read transaction of a customer on the replica, and again on the primary if that fails.

While it runs, `connections["default"]` of this thread is a connection to the replica, so that every query of the request goes there without
naming it. Before it, and for what writes, the primary stays what it was: rate limits, sessions, memberships, audit.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.http import Http404

from salesbrain.kernel import db
from salesbrain.kernel.db_deadline import db_deadline
from salesbrain.kernel.serving import lending
from salesbrain.replica import positions
from salesbrain.replica.watching import ALIAS, NotUsable, replayed_position, watch

logger = logging.getLogger(__name__)
T = TypeVar("T")

READ_WITHIN = 10.0
"""Seconds for a whole read on the replica; then its connection is cut, and the primary is asked."""

IMPOSSIBLE = {"25006", "0A000"}
"""SQLSTATE of what no standby can do: write, lock rows, read unlogged tables."""


class Behind(Exception):
    """Error: the replica has not replayed the caller's last write yet."""


def is_reading() -> bool:
    """Return whether this thread's `default` is the replica at the moment."""
    return connections[DEFAULT_DB_ALIAS].alias == ALIAS


def read(user: Any, work: Callable[[], T]) -> T:
    """Run `work` with the replica as `default`, or with the primary; return its result.

    `work` opens its transaction and scope itself, writes nothing, and may be run twice. The primary is taken without a replica, for staff
    (their reads are audited), inside a transaction, while the replica is not usable or has not replayed the user's last write, and once
    more where the replica fails in the middle or raises Http404. Raises no error of the replica's.
    """
    if not (settings.DATABASE_REPLICA_URL and watch.is_usable) or user.is_staff:
        return work()
    if connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return work()
    needed = positions.needed(user.pk)
    try:
        with _replica(needed):
            return work()
    except (Behind, lending.NoneLeft, Http404):
        pass  # of what is not there, the replica may not have heard yet
    except NotUsable as error:
        watch.refuse(str(error))
    except (DatabaseError, InterfaceError) as error:
        _note_failure(error)
    return work()


@contextmanager
def _replica(needed: int) -> Iterator[None]:
    """Make the replica this thread's `default`. Raises Behind before anything was read, lending.NoneLeft and DatabaseError."""
    with lending.borrowed(ALIAS, until=monotonic()):
        replica, primary = connections[ALIAS], connections[DEFAULT_DB_ALIAS]
        try:
            _require(needed)
            with db_deadline(monotonic() + READ_WITHIN, using=ALIAS):
                connections[DEFAULT_DB_ALIAS] = replica
                try:
                    yield
                finally:
                    connections[DEFAULT_DB_ALIAS] = primary
        except (DatabaseError, InterfaceError) as error:
            if db.is_disconnected(error):
                replica.close()
            raise


def _require(needed: int) -> None:
    """Raise Behind unless the replica has replayed the log up to this position. It is also the question whether it lives."""
    is_standby, replayed = replayed_position()
    if not is_standby or replayed < needed:
        raise Behind


def _note_failure(error: DatabaseError | InterfaceError) -> None:
    """Stop using the replica where it did not answer; log what no replica can do, which is a mistake of ours."""
    if db.is_disconnected(error):
        watch.failed(error)
    elif getattr(error.__cause__, "sqlstate", None) in IMPOSSIBLE:
        logger.error("A read wrote, and was repeated on the primary; name it as one that does: %s", error)
    else:
        logger.info("The replica failed, and the read was repeated on the primary: %s", error)
