"""Admin page of jobs: the queue with progress, retry and cancel, and the scheduled jobs."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext
from procrastinate.jobs import Status

from instantly.actions import queue
from instantly.monitoring import heartbeats
from instantly.monitoring.scheduled_jobs import ScheduledJob, scheduled_jobs
from salesbrain import rls

MANAGE = "procrastinate.change_procrastinatejob"
STATES = {Status.DOING.value: "quiet", Status.TODO.value: "quiet", Status.FAILED.value: "bad"}


def manage(request: HttpRequest) -> None:
    """Cancel or retry the job that the form names, and tell the person what came of it. Raises PermissionDenied."""
    if not request.user.has_perm(MANAGE):
        raise PermissionDenied
    for verb, act in (("cancel", queue.cancel), ("retry", queue.retry)):
        number = request.POST.get(verb, "")
        if not (number.isascii() and number.isdigit() and len(number) < 18):
            continue
        if act(int(number)):
            done = gettext("The job was cancelled.") if verb == "cancel" else gettext("The job is in the queue again.")
            messages.success(request, done)
        else:
            messages.error(request, gettext("The job has changed meanwhile; look at it again."))
        return
    messages.error(request, gettext("Choose a job first."))


def queue_context(request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """Return the jobs of the queue in words, and whether the page follows them."""
    rows = queue.jobs_in_queue(now=now)
    may = request.user.has_perm(MANAGE)
    return {
        "queue": [
            {
                "row": row,
                "tone": STATES[row.job.status],
                "may_cancel": may and row.may_cancel,
                "may_retry": may and row.may_retry,
            }
            for row in rows
        ],
        "looks_again": any(row.job.status == Status.DOING.value for row in rows),
    }


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
