"""Worker loop: process queued webhook deliveries until none is left, then sleep until a NOTIFY.

Its listening connection also holds an advisory lock on the worker's number and stores the ids of the deliveries it is about to
read. A body that kills the process outright leaves the row and releases the lock; the next worker takes that batch one by one. A
delivery that killed a worker while it was processed alone counts as failed and waits for its next try.
"""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic, sleep

import orjson
import psycopg
from django.db import DatabaseError, InterfaceError, connection

from messaging import organization_stats
from messaging.intelligence.triage.pending import triage_pending
from messaging.search import index_one_by_one, index_pending
from salesbrain.kernel import allocator, db, gc_tuning, tracing
from salesbrain.kernel.bounded_process import Unavailable
from salesbrain.rls.self_check import self_check

from . import notify
from .batch import BATCH, fail, number_events, process_pending, release_held, resolve_stale_alerts
from .read_ahead import ReadAhead
from .steps import Steps
from .suspects import Suspects

logger = logging.getLogger(__name__)

IDLE = 1.0  # seconds; a NOTIFY can be lost with its connection, so look anyway
SWEEP = 30.0
LOOK = 2.0  # for what dead workers left: nobody else takes it until then
TRIM_EVERY = 20.0  # at most: a batch of large bodies leaves the process with memory that it does not need again
LARGE = 4 * 1024 * 1024  # bytes; the rows of an ordinary full batch are one or two million as JSON, several times
RETRY = 1.0  # while the database is away
INDEXED_AT_ONCE = 200
INDEX_AT_LEAST = 2.0  # seconds between two search steps while deliveries come in a rush
SUM_AT_LEAST = 5.0  # seconds between two steps that sum organizations' days while deliveries come; without them it costs reads more

REGISTER = "SELECT pg_advisory_lock(%s)"
ANNOUNCE = """INSERT INTO instantly_workerbatch (worker, delivery_ids) VALUES (%s, %s)
    ON CONFLICT (worker) DO UPDATE SET delivery_ids = excluded.delivery_ids, started_at = now()"""
LEFT = (
    "DELETE FROM instantly_workerbatch WHERE worker <> %s AND pg_try_advisory_xact_lock(worker) RETURNING delivery_ids"
)
STILL_PENDING = "SELECT delivery_id FROM instantly_pending WHERE delivery_id = ANY (%s) ORDER BY delivery_id"


class Listener:
    """The worker's second connection, autocommit and direct, because a pooler in transaction mode would swallow LISTEN."""

    def __init__(self) -> None:
        self.number = secrets.randbits(62)
        self.connection = db.direct_connection()
        self.connection.execute(
            "SELECT set_config('app.user_role', 'sb_admin', false), set_config('role', 'sb_staff', false)"
        )
        # What it announces must outlive this process, not the server: no wait for the disk at every batch.
        self.connection.execute("SET synchronous_commit = off")
        self.connection.execute(REGISTER, [self.number])
        self.connection.execute(f"LISTEN {notify.CHANNEL}")

    def announce(self, ids: list[int]) -> None:
        """Store the ids the worker is about to process, before any is read, so that they are known if it is killed."""
        self.connection.execute(ANNOUNCE, [self.number, orjson.dumps(ids).decode()])

    def orphaned_batches(self) -> list[list[int]]:
        """Return, once, the batches of dead workers that are still pending."""
        batches = [ids for (ids,) in self.connection.execute(LEFT, [self.number])]
        pending = [[id for (id,) in self.connection.execute(STILL_PENDING, [ids])] for ids in batches]
        return [ids for ids in pending if ids]

    def wait(self, seconds: float) -> None:
        for _ in self.connection.notifies(timeout=seconds, stop_after=1):
            pass

    def close(self) -> None:
        if not self.connection.closed:
            self.connection.execute("DELETE FROM instantly_workerbatch WHERE worker = %s", [self.number])
            self.connection.close()


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()
    try:
        yield listener
    finally:
        try:
            listener.close()
        except psycopg.Error:
            logger.info("The database went before the worker could say good-bye")


def run(*, stopped: Callable[[], bool], limit: int = BATCH) -> None:
    """Process deliveries until `stopped()`; survives failures and restarts of the database."""
    gc_tuning.reduce_gc_frequency()  # looking through Django again and again cost a third of the worker's Python
    suspects, steps = Suspects(), Steps()
    trimming = allocator.Trimming(every=TRIM_EVERY)
    while not stopped():
        try:
            with (
                listening() as listener,
                ReadAhead(limit, announce=listener.announce, begin=suspects.begin, worker=listener.number) as ahead,
            ):
                logger.info("Worker %d listens", listener.number)
                _serve(listener, ahead, stopped, limit, suspects, steps, trimming)
        except (DatabaseError, InterfaceError, psycopg.Error, Unavailable) as error:
            if isinstance(error, DatabaseError | InterfaceError):
                suspects.failed(error)
            if stopped():
                return
            logger.error("%s (%s); trying again", _failure_summary(error), _first_line(error))
            connection.close()
            sleep(RETRY)


def _failure_summary(error: Exception) -> str:
    if isinstance(error, Unavailable):
        return "No text can be read"
    gone = isinstance(error, psycopg.Error) or (
        isinstance(error, DatabaseError | InterfaceError) and db.is_disconnected(error)
    )
    return f"The database {'is not there' if gone else 'refused a step of the worker'}"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error) else type(error).__name__


def _serve(
    listener: Listener,
    ahead: ReadAhead,
    stopped: Callable[[], bool],
    limit: int,
    suspects: Suspects,
    steps: Steps,
    trimming: allocator.Trimming,
) -> None:
    swept, looked, indexed, summed = float("-inf"), float("-inf"), monotonic(), monotonic()

    def announce(ids: list[int]) -> None:
        suspects.begin(ids)
        listener.announce(ids)

    while not stopped():
        began = monotonic()
        if began - looked > LOOK:
            for ids in listener.orphaned_batches():
                ahead.drop()  # it would be announced no more
                process_one_by_one(ids, listener)
            trimming.look()
            looked = monotonic()
        if began - swept > SWEEP:
            if (
                self_check.check()
            ):  # nothing is lost: deliveries are stored, and processed when the protection is complete again
                listener.wait(IDLE)
                continue
            steps.run("releasing held deliveries", release_held, 0)
            steps.run("resolving alerts", resolve_stale_alerts, 0)
            swept = monotonic()
        batch_began = monotonic()
        if suspected := suspects.next():
            done = process_pending(limit, suspected, announce=announce, worker=listener.number)
        else:
            done = ahead.process()
        tracing.record_batch(monotonic() - batch_began, done)
        steps.run("numbering events", number_events, 0)
        calm, unfound = done <= limit // 2, False
        if calm or monotonic() - indexed > INDEX_AT_LEAST:  # it costs more than the event: the queue goes first
            until = began + notify.LINGER if calm else began
            unfound = steps.run("indexing messages", partial(_index, until=until), False, isolate=index_one_by_one)
            indexed = monotonic()
        if not done or monotonic() - summed > SUM_AT_LEAST:
            steps.run("summing stats", partial(_sum_stats, until=began if done else began + notify.LINGER), None)
            summed = monotonic()
        if not done and not unfound:
            unfound = steps.run("categorizing replies", triage_pending, 0) > 0
        if done == limit or suspects.waiting or ahead.is_reading or (unfound and not done):
            continue
        if done:
            sleep(max(0.0, began + notify.LINGER - monotonic()))  # what it did meanwhile was waiting too
        else:
            listener.wait(IDLE)


def _index(*, until: float) -> bool:
    """Write search rows, at least one step, until none are left or the time is up; return whether some may be left."""
    while index_pending(INDEXED_AT_ONCE) >= INDEXED_AT_ONCE:
        if monotonic() > until:
            return True
    return False


def _sum_stats(*, until: float) -> None:
    """Sum changed days of organizations, at least one step, until none are left or the time is up."""
    while organization_stats.refresh() and monotonic() < until:
        pass


def process_one_by_one(ids: list[int], listener: Listener) -> None:
    """Process the deliveries of a dead worker's batch one by one. A batch of a single delivery, which must have killed the worker, waits
    for its next try.
    """
    if len(ids) == 1:
        logger.error("A worker died while it processed delivery %d alone; it is tried again later", ids[0])
        fail(ids[0], "a worker died while processing it")
        return
    logger.warning("A worker died with %d deliveries; they are processed one by one", len(ids))
    for id in ids:
        process_pending(1, [id], announce=listener.announce)


def drain(limit: int = BATCH) -> int:
    """Process all pending deliveries in this process, and return their number."""
    total = 0
    with listening() as listener:
        for ids in listener.orphaned_batches():
            process_one_by_one(ids, listener)
        release_held()
        while done := process_pending(limit, announce=listener.announce, worker=listener.number):
            total += done
        resolve_stale_alerts()
    while number_events() + index_pending() + organization_stats.refresh():
        pass
    return total
