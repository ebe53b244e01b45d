"""Record of the latest run of each scheduled job: when, how it ended, and the latest error."""

import logging
from datetime import datetime

from django.db import DatabaseError, InterfaceError
from procrastinate.contrib.django import app

from salesbrain import rls
from salesbrain.kernel import db
from salesbrain.kernel.database_errors import in_one_sentence

logger = logging.getLogger(__name__)

EXPECT = """INSERT INTO instantly_jobrun (task) SELECT unnest(%s::text[]) ON CONFLICT (task) DO NOTHING"""
RECORD = """
INSERT INTO instantly_jobrun AS known (task, started_at, finished_at, succeeded_at, failed_at, error)
VALUES (%(task)s, %(began)s, clock_timestamp(), CASE WHEN %(error)s::text = '' THEN clock_timestamp() END,
    CASE WHEN %(error)s::text <> '' THEN clock_timestamp() END, %(error)s::text)
ON CONFLICT (task) DO UPDATE SET started_at = excluded.started_at, finished_at = excluded.finished_at,
    succeeded_at = coalesce(excluded.succeeded_at, known.succeeded_at), failed_at = coalesce(excluded.failed_at, known.failed_at),
    error = coalesce(nullif(excluded.error, ''), known.error)"""


def scheduled_tasks() -> dict[str, str]:
    """Return the cron line of each scheduled task by its name."""
    return {name: task.cron for (name, _), task in app.periodic_registry.periodic_tasks.items()}


def expect() -> None:
    """Store the names of the scheduled jobs, so that one that never runs is reported. Called when a jobs process starts."""
    with rls.scope(rls.SYSTEM):
        db.prepared(EXPECT, [sorted(scheduled_tasks())])


def record(task: str, began: datetime, error: BaseException | None) -> None:
    """Store how a run of a scheduled job ended; other jobs are left out. A database that does not answer is only logged."""
    if task not in scheduled_tasks():
        return
    try:
        with rls.scope(rls.SYSTEM):
            db.prepared(RECORD, {"task": task, "began": began, "error": "" if error is None else _sentence(error)})
    except (DatabaseError, InterfaceError) as failure:
        logger.warning("Could not record the run of %s: %s", task, str(failure).strip())


def _sentence(error: BaseException) -> str:
    """Return the class of the error, with an explanation if known. Its own text stays in the log, because it may name people."""
    known = in_one_sentence(error) if isinstance(error, DatabaseError | InterfaceError) else ""
    return f"{type(error).__name__}: {known}" if known else type(error).__name__
