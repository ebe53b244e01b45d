"""Watch over the replica, every second: it answers, is a standby, and is not too far behind.

The lag is measured, not believed: the primary's position in its log is remembered with the time, and the replica is behind since the
oldest one that it has not replayed. So a replica that lost its primary shows (`now() - pg_last_xact_replay_timestamp()` grows on every idle
database, and what it received equals what it replayed), and one of an idle primary is not behind.
"""

import logging
import threading
from collections import deque
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections

from salesbrain.kernel import db
from salesbrain.kernel.db_deadline import db_deadline
from salesbrain.rls.checks import reasons_against_login

logger = logging.getLogger(__name__)

ALIAS = "replica"
INTERVAL = 1.0
ANSWERS_WITHIN = 2.0
"""Seconds the replica has to answer; one that takes longer is not used until it answers again."""

STALE_AFTER = 10.0
"""Seconds after which a state is not believed any more."""

KEPT = 1000
"""Positions of the primary that are remembered while the replica stands still; the oldest says since when."""

WRITTEN = "SELECT (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint"
REPLAYED = "SELECT pg_is_in_recovery(), coalesce(pg_last_wal_replay_lsn() - '0/0'::pg_lsn, 0)::bigint"


class NotUsable(Exception):
    """Error: the replica must not be read, with the reason."""


class Watch:
    """Latest state of the replica. `reason`: why it is not read; empty if it may be."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Set the state of a new process."""
        self.reason = "It was not looked at yet."
        self.lag = 0.0
        self._looked_at = 0.0
        self._written: deque[tuple[float, int]] = deque()

    @property
    def is_usable(self) -> bool:
        """Return whether the replica may be read. A state that is no longer kept up says nothing: the thread may hang with the primary."""
        return not self.reason and monotonic() - self._looked_at < STALE_AFTER

    def look(self) -> None:
        """Ask both servers and set the state. Logs changes. Uses this thread's connections; raises nothing of the databases'."""
        try:
            self.refuse(self._look())
        except NotUsable as error:
            self.refuse(str(error))
        except (DatabaseError, InterfaceError) as error:
            self.failed(error)

    def failed(self, error: Exception) -> None:
        """Stop reading from the replica until the next look finds that it answers."""
        self.refuse(f"It does not answer: {' '.join(str(error).split())[:200]}")

    def refuse(self, reason: str) -> None:
        """Set why the replica is not read until the next look; an empty reason lets it be read. Logs when that changes."""
        self._looked_at = monotonic()
        if bool(reason) != bool(self.reason):
            if reason:
                logger.warning("Customers' reads go to the primary, and not to the replica: %s", reason)
            else:
                logger.info("Customers' reads go to the replica.")
        self.reason = reason

    def start(self) -> None:
        """Look now, and then every second in a background thread; nothing without a replica."""
        if settings.DATABASE_REPLICA_URL:
            threading.Thread(target=self._run, name="replica-watch", daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                self.look()
            except Exception:
                logger.exception("Could not look at the replica")
                self.refuse("Looking at it failed; the log has more.")
            sleep(INTERVAL)

    def _look(self) -> str:
        """Return why the replica is not read, empty if it may be. Raises NotUsable and Django's DatabaseError classes."""
        written = self._written_position()
        is_standby, replayed = replayed_position()
        if not is_standby:
            return "It is no standby: DATABASE_REPLICA_URL names a server that is written to."
        self.lag = self._measured(written, replayed, monotonic())
        most = settings.DATABASE_REPLICA_LAG_SECONDS
        return f"It is more than {most:g} seconds behind." if self.lag > most else ""

    def _written_position(self) -> int:
        """Return the primary's position. Raises NotUsable where it does not answer: nobody knows then how far behind the replica is."""
        try:
            return int(_ask(WRITTEN, using=DEFAULT_DB_ALIAS)[0])
        except (DatabaseError, InterfaceError) as error:
            raise NotUsable("The primary does not answer, so its lag is unknown.") from error

    def _measured(self, written: int, replayed: int, now: float) -> float:
        """Return for how many seconds the replica has not replayed something that the primary had written."""
        if len(self._written) < KEPT and (not self._written or self._written[-1][1] < written):
            self._written.append((now, written))
        while self._written and self._written[0][1] <= replayed:
            self._written.popleft()
        return now - self._written[0][0] if self._written else 0.0


def replayed_position() -> tuple[bool, int]:
    """Return whether the replica is a standby, and how far it has replayed the log; the first question on each connection.

    Raises NotUsable if its login passes row-level security, and Django's DatabaseError classes if it does not answer in time.
    """
    is_standby, replayed = _ask(REPLAYED, using=ALIAS)
    return is_standby, replayed


def _ask(sql: str, *, using: str) -> tuple[Any, ...]:
    """Return the row of a short question, asked once more on a fresh connection if the kept one turns out to be dead.

    The deadline ends before a connection is closed: what it would cut is a number, which the next socket of any thread may get.
    """
    was_open = connections[using].connection is not None
    try:
        return _ask_once(sql, using)
    except (DatabaseError, InterfaceError) as error:
        connections[using].close()
        if not (was_open and db.is_disconnected(error)):
            raise
    try:
        return _ask_once(sql, using)
    except (DatabaseError, InterfaceError):
        connections[using].close()
        raise


def _ask_once(sql: str, using: str) -> tuple[Any, ...]:
    is_new = connections[using].connection is None
    with db_deadline(monotonic() + ANSWERS_WITHIN, using=using):
        wrong = reasons_against_login(using) if is_new and using == ALIAS else []
        row = db.prepared(sql, using=using).fetchone()
    if wrong:
        connections[using].close()
        raise NotUsable(" ".join(f"{text} {hint}" for _, text, hint in wrong))
    assert row is not None
    return row


watch = Watch()
