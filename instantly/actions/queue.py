"""Jobs in the queue for people: what each one does, how far it is, and retry or cancel."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob
from procrastinate.jobs import Status

from accounts.models import ProviderConnection
from instantly.choices import ActionState
from instantly.job_titles import REQUESTED, TITLES
from instantly.models import StaffAction
from salesbrain.kernel.messages import message, shown

ACTION_TASK = "instantly.tasks.perform_action"
SHOWN = 50
FAILED_FOR = timedelta(days=7)
"""How long a failed job is listed."""
ORDER = (Status.DOING.value, Status.TODO.value, Status.FAILED.value)


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A job that runs, waits or failed. `about`: the connection or action it is for; `progress`: how far its action is, in words."""

    job: ProcrastinateJob
    title: str
    about: str
    action: StaffAction | None
    progress: str
    since: datetime | None

    @property
    def may_cancel(self) -> bool:
        return self.job.status == Status.TODO.value

    @property
    def may_retry(self) -> bool:
        """Return whether running it again can do something: an action that has ended is not begun a second time."""
        return self.job.status == Status.FAILED.value and (self.action is None or not self.action.is_over)


def jobs_in_queue(*, now: datetime) -> list[QueuedJob]:
    """Return the jobs that run, then those that wait, then those that failed lately; at most SHOWN of each, in six statements."""
    found: list[ProcrastinateJob] = []
    for status in ORDER:
        rows = ProcrastinateJob.objects.filter(status=status).order_by("-priority", "id")
        if status == Status.FAILED.value:
            failed = ProcrastinateEvent.objects.filter(type="failed", at__gte=now - FAILED_FOR)
            rows = rows.filter(pk__in=failed.values("job_id")).order_by("-id")
        found += rows[:SHOWN]
    actions = _by_key(StaffAction.objects.all(), (job.args.get("action_id") for job in found))
    names = _by_key(ProviderConnection.objects.only("name"), (job.args.get("connection_id") for job in found))
    latest: dict[int, datetime] = {}
    for job_id, at in (
        ProcrastinateEvent.objects.filter(job_id__in=[job.pk for job in found])
        .order_by("at", "id")
        .values_list("job_id", "at")
    ):
        if at is not None:
            latest[job_id] = at
    return [
        _described(
            job, actions.get(_key(job.args.get("action_id"))), names.get(_key(job.args.get("connection_id"))), latest
        )
        for job in found
    ]


def _described(
    job: ProcrastinateJob,
    action: StaffAction | None,
    connection: ProviderConnection | None,
    latest: dict[int, datetime],
) -> QueuedJob:
    titles = {**REQUESTED, **TITLES}
    title = titles.get(job.task_name, job.task_name.rpartition(".")[2])
    about = str(connection or "")
    if action is not None:
        title, about = action.label, action.target_name
    return QueuedJob(job, str(title), about, action, shown(action.outcome) if action else "", latest.get(job.pk))


def cancel(job_id: int) -> bool:
    """Take a waiting job out of the queue; return False if it does not wait any more. Call in a staff scope.

    Its action ends too: otherwise it would be shown as queued for good.
    """
    job = ProcrastinateJob.objects.filter(pk=job_id, status=Status.TODO.value).first()
    if job is None or not app.job_manager.cancel_job_by_id(job_id, abort=False):
        return False
    key = _key(job.args.get("action_id"))
    if job.task_name == ACTION_TASK and key is not None:
        now = timezone.now()
        StaffAction.objects.filter(pk=key, finished_at__isnull=True).update(
            state=ActionState.FAILED,
            outcome=message("action.cancelled"),
            arguments={},
            finished_at=now,
            updated_at=now,
        )
    return True


def retry(job_id: int) -> bool:
    """Put a failed job into the queue again; return False if it has not failed, or nothing would come of it. Call in a staff scope."""
    job = ProcrastinateJob.objects.filter(pk=job_id, status=Status.FAILED.value).first()
    if job is None:
        return False
    action_id = _key(job.args.get("action_id"))
    action = StaffAction.objects.filter(pk=action_id).first() if action_id else None
    if action is not None and action.is_over:
        return False
    app.job_manager.retry_job_by_id(job.pk, timezone.now(), job.priority, job.queue_name, job.lock)
    return True


def _by_key(rows: Any, keys: Iterable[Any]) -> dict[Any, Any]:
    wanted = {key for key in map(_key, keys) if key is not None}
    found: dict[Any, Any] = rows.in_bulk(wanted) if wanted else {}
    return found


def _key(text: Any) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None
