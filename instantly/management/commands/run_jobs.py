"""Run the process `jobs`: scheduled jobs, staff actions, replies: `manage.py run_jobs`.

With --queue only the named queue, such as `replies`.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from time import monotonic
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.periodic import PeriodicRegistry
from psycopg.conninfo import conninfo_to_dict

from instantly.monitoring import heartbeats, job_runs
from messaging.inbox import outbox
from salesbrain.kernel import gc_tuning
from salesbrain.rls.self_check import INTERVAL, self_check

logger = logging.getLogger(__name__)

PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before each attempt to connect again; the last one repeats."""

GIVE_UP = 300.0
"""Seconds without the database after which the process ends with an error: its supervisor starts a new one."""

NOTICED = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}
"""Keepalive options, so that a network that drops all packets counts as a lost connection after a minute."""


class Command(BaseCommand):
    help = (
        "Run scheduled jobs (sync, reconcile) and staff actions, until it is stopped. Any number may run. A lost "
        "database connection is made again; after five minutes without one it ends with an error. Example: manage.py run_jobs"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=2, help="jobs at a time (default %(default)s)")
        parser.add_argument(
            "--queue", choices=[outbox.QUEUE], help="only the jobs of this queue: nothing else can hold them up"
        )
        parser.add_argument("--once", action="store_true", help="run what is queued now and end, schedule nothing")

    def handle(self, *args: Any, concurrency: int, once: bool, queue: str | None = None, **options: Any) -> None:
        """Run the jobs over a direct database connection: LISTEN through a pooler in transaction mode fails silently."""
        if reasons := self_check.check():
            raise CommandError("Jobs are not run:\n" + "\n".join(reasons))
        gc_tuning.reduce_gc_frequency()
        asyncio.run(Jobs(concurrency=concurrency, once=once, queue=queue).run())
        if self_check.reasons:
            raise CommandError("Jobs are run no longer:\n" + "\n".join(self_check.reasons))


class Jobs:
    """Runs jobs until stopped. procrastinate's worker ends without an error when its connection breaks: here it is restarted."""

    def __init__(self, *, concurrency: int, once: bool, queue: str | None = None) -> None:
        self.concurrency, self.once, self.queue = concurrency, once, queue
        self._connected_at: float | None = None  # in the session that runs, or ran last

    async def run(self) -> None:
        """Run until stopped, until the RLS self-check fails or, with `once`, until no job is due. Raises CommandError."""
        stopping, lost_at, tries = asyncio.Event(), None, 0
        with stop_on_signals(stopping):
            while True:
                reason = await self._run_session(stopping)
                if stopping.is_set() or self_check.reasons or (self.once and reason is None):
                    return
                if self._connected_at is None and lost_at is None or self.once:
                    raise CommandError(f"Jobs cannot be run: {reason}")
                now = monotonic()
                if lost_at is None or (self._connected_at and now - self._connected_at > PAUSES[-1]):
                    lost_at, tries = now, 0
                if now - lost_at > GIVE_UP:
                    raise CommandError(f"The database could not be kept for {GIVE_UP:g} s: {reason}")
                pause = PAUSES[min(tries, len(PAUSES) - 1)]
                tries += 1
                logger.error(
                    "Jobs stopped: %s. Connecting again in %g s.",
                    reason or "the connection to the queue was lost",
                    pause,
                )
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), pause)

    async def _run_session(self, stopping: asyncio.Event) -> str | None:
        """Run procrastinate's worker until it ends or is stopped; return the error, None if there is none."""
        self._connected_at = None
        session, stopped = asyncio.ensure_future(self._session()), asyncio.ensure_future(stopping.wait())
        await asyncio.wait({session, stopped}, return_when=asyncio.FIRST_COMPLETED)
        for task in (session, stopped):
            task.cancel()
        await asyncio.gather(session, stopped, return_exceptions=True)
        error = None if session.cancelled() else session.exception()
        if error is None:
            return None
        if isinstance(error, ConnectorException | psycopg.Error | DatabaseError | InterfaceError | OSError):
            return f"{type(error).__name__} {error.__cause__ or error}".strip()
        raise error

    async def _session(self) -> None:
        direct = conninfo_to_dict(settings.DATABASE_LISTEN_URL) if settings.DATABASE_LISTEN_URL else {}
        kwargs = {**NOTICED, **connector_params("default"), **direct}
        connector = PsycopgConnector(kwargs=kwargs, min_size=1, max_size=self.concurrency + 2)
        with app.replace_connector(connector) as working, unscheduled(working) if self.once else nullcontext():
            async with working.open_async():
                self._connected_at = monotonic()
                work = asyncio.ensure_future(
                    run_jobs(working, concurrency=self.concurrency, once=self.once, queue=self.queue)
                )
                beside = [asyncio.ensure_future(self_check_fails())]
                if not self.once:
                    await asyncio.to_thread(_in_a_thread, job_runs.expect)
                    beside.append(asyncio.ensure_future(beat(self.queue or heartbeats.JOBS, started_at=timezone.now())))
                try:
                    await asyncio.wait({work, beside[0]}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for task in (work, *beside):
                        task.cancel()
                    await asyncio.gather(work, *beside, return_exceptions=True)
                if not work.cancelled():
                    work.result()


@contextmanager
def unscheduled(working: App) -> Iterator[None]:
    """Run no scheduled jobs during the block: they belong to the long-running process."""
    scheduled = working.periodic_registry
    working.periodic_registry = PeriodicRegistry()
    try:
        yield
    finally:
        working.periodic_registry = scheduled


async def run_jobs(working: App, *, concurrency: int, once: bool, queue: str | None = None) -> None:
    """Run jobs (of a queue) until stopped; `once`: until none is due.

    A job with the same lock as a running one becomes due only when that one has ended; the worker does not wait for it, so the worker is
    started again.
    """
    left, narrowed = None, dict[str, Any](queues=[queue]) if queue else {}
    while True:
        await working.run_worker_async(
            **narrowed,
            concurrency=concurrency,
            wait=not once,
            delete_jobs="successful",
            shutdown_graceful_timeout=3,
            install_signal_handlers=False,
        )
        if not once:
            return
        queued = await working.job_manager.list_jobs_async(status="todo", queue=queue)
        due = {job.id for job in queued if job.scheduled_at is None or job.scheduled_at <= timezone.now()}
        if not due or due == left:
            return
        left = due


async def beat(process: str, *, started_at: datetime) -> None:
    """Record periodically that this process runs jobs; `/readyz` reports when none does."""
    while True:
        try:
            await asyncio.to_thread(_in_a_thread, heartbeats.beat, process, started_at=started_at)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Could not write the heartbeat: %s", str(error).strip())
        await asyncio.sleep(heartbeats.EVERY)


async def self_check_fails() -> None:
    """Wait until the RLS self-check fails: then no job may run."""
    while True:
        await asyncio.sleep(INTERVAL)
        if await asyncio.to_thread(_in_a_thread, self_check.check):
            return


def _in_a_thread(ask: Any, *arguments: Any, **named: Any) -> Any:
    """Run `ask`, a database query, in a separate thread; its connection is closed with the thread."""
    try:
        return ask(*arguments, **named)
    finally:
        connections["default"].close()


@contextmanager
def stop_on_signals(stopping: asyncio.Event) -> Iterator[None]:
    """Set the event on SIGTERM and SIGINT while the block runs; outside of the main thread signals cannot be handled."""
    loop, numbers = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        loop.add_signal_handler(number, stopping.set)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])
