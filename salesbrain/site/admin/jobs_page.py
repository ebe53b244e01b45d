"""Context of the admin's page of scheduled jobs."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from instantly.monitoring import heartbeats
from instantly.monitoring.scheduled_jobs import ScheduledJob, scheduled_jobs
from salesbrain import rls


def context(*, now: datetime) -> dict[str, Any]:
    """Return `rows`, each job in words, and `absent`: a sentence if no jobs process runs, else empty."""
    with rls.scope(rls.SYSTEM):
        return {"rows": [_row(job) for job in scheduled_jobs(now=now)], "absent": heartbeats.jobs(now=now).sentence}


def _row(job: ScheduledJob) -> dict[str, Any]:
    state, tone = _state(job)
    run = job.run
    return {
        "title": job.title,
        "command": job.task.rpartition(".")[2],
        "schedule": job.schedule,
        "state": state,
        "tone": tone,
        "last_at": run.started_at if run else None,
        "seconds": job.seconds,
        "next_at": job.next_at,
        "error": run.error if run else "",
        "failed_at": run.failed_at if run else None,
    }


def _state(job: ScheduledJob) -> tuple[str, str]:
    if job.is_running:
        return gettext("Running"), "quiet"
    if job.has_failed:
        return gettext("Failed"), "bad"
    if job.is_missed:
        return gettext("A run was missed"), "bad"
    if job.run is None or job.run.started_at is None:
        return gettext("Has not run yet"), "quiet"
    return gettext("Succeeded"), "good"
