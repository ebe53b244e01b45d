"""The process `jobs`: what runs on a schedule, and what the admin asked for."""

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils import timezone
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.periodic import PeriodicRegistry
from psycopg.conninfo import conninfo_to_dict

from salesbrain.kernel import gc_tuning
from salesbrain.rls.self_check import INTERVAL, self_check


class Command(BaseCommand):
    help = (
        "Run scheduled jobs (sync, reconcile) and those that were asked for, until it is told to stop. Any number may run. "
        "Example: manage.py run_jobs"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=2, help="jobs at a time (default %(default)s)")
        parser.add_argument("--once", action="store_true", help="run what is queued now and end, schedule nothing")

    def handle(self, *args: Any, concurrency: int, once: bool, **options: Any) -> None:
        """Its queue is listened to directly: LISTEN through a pooler in transaction mode fails without a word."""
        if reasons := self_check.check():
            raise CommandError("Jobs are not run:\n" + "\n".join(reasons))
        gc_tuning.reduce_gc_frequency()
        direct = conninfo_to_dict(settings.DATABASE_LISTEN_URL) if settings.DATABASE_LISTEN_URL else {}
        kwargs = {**connector_params("default"), **direct}

        async def run() -> None:
            with app.replace_connector(
                PsycopgConnector(kwargs=kwargs, min_size=1, max_size=concurrency + 2)
            ) as working:
                if once:  # what the schedule wants is for the process that stays
                    working.periodic_registry = PeriodicRegistry()
                async with working.open_async():
                    work = asyncio.ensure_future(run_jobs(working, concurrency=concurrency, once=once))
                    watch = asyncio.ensure_future(self_check_fails())
                    await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
                    for task in (work, watch):
                        task.cancel()
                    await asyncio.gather(work, watch, return_exceptions=True)
                    if not work.cancelled():
                        work.result()

        asyncio.run(run())
        if self_check.reasons:
            raise CommandError("Jobs are run no longer:\n" + "\n".join(self_check.reasons))


async def run_jobs(working: App, *, concurrency: int, once: bool) -> None:
    """Run jobs until told to stop; `once`: until none is left that is due.

    One that has to follow another of the same thing is found only when that one has ended, which the worker does not wait for.
    """
    left = None
    while True:
        await working.run_worker_async(
            concurrency=concurrency,
            wait=not once,
            delete_jobs="successful",
            shutdown_graceful_timeout=3,
            install_signal_handlers=True,
        )
        if not once:
            return
        queued = await working.job_manager.list_jobs_async(status="todo")
        due = {job.id for job in queued if job.scheduled_at is None or job.scheduled_at <= timezone.now()}
        if not due or due == left:
            return
        left = due


async def self_check_fails() -> None:
    """Return when the walls are not whole any more: no job may go on then."""
    while True:
        await asyncio.sleep(INTERVAL)
        if await asyncio.to_thread(_look):
            return


def _look() -> list[str]:
    try:
        return self_check.check()
    finally:
        connections["default"].close()
