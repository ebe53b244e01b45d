"""Scheduled jobs in words: schedule, latest run, next run, and whether a run was missed."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from croniter import croniter
from django.utils.translation import gettext, ngettext
from procrastinate.contrib.django.models import ProcrastinateJob

from instantly.job_titles import TITLES
from instantly.models import JobRun
from instantly.monitoring.job_runs import scheduled_tasks

GRACE = timedelta(minutes=30)
"""Delay of a run after its scheduled time that does not count as missed."""

EVERY_MINUTES = re.compile(r"\*(?:/(\d+))? \* \* \* \*")
AT_MINUTES = re.compile(r"(\d+(?:,\d+)*) \* \* \* \*")
EVERY_HOURS = re.compile(r"(\d+) \*/(\d+) \* \* \*")
DAILY = re.compile(r"(\d+) (\d+) \* \* \*")


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """`run` None: no jobs process of this release has started yet."""

    task: str
    cron: str
    run: JobRun | None
    next_at: datetime
    is_missed: bool
    is_running: bool = False

    @property
    def title(self) -> str:
        return str(TITLES.get(self.task, self.task))

    @property
    def schedule(self) -> str:
        return schedule_in_words(self.cron)

    @property
    def has_failed(self) -> bool:
        """Return whether the latest run ended with an error."""
        run = self.run
        return (
            run is not None
            and run.failed_at is not None
            and (run.succeeded_at is None or run.failed_at > run.succeeded_at)
        )

    @property
    def seconds(self) -> float | None:
        """Return how long the latest run took, None before the first."""
        run = self.run
        return (
            (run.finished_at - run.started_at).total_seconds() if run and run.finished_at and run.started_at else None
        )


def scheduled_jobs(*, now: datetime) -> list[ScheduledJob]:
    """Return every scheduled job, those that need attention first. Needs a staff scope."""
    runs = {run.task: run for run in JobRun.objects.all()}
    queued = ProcrastinateJob.objects.filter(task_name__in=scheduled_tasks())
    running = set(queued.filter(status="doing").values_list("task_name", flat=True))
    jobs = [
        ScheduledJob(
            task,
            cron,
            runs.get(task),
            croniter(cron, now).get_next(datetime),
            is_missed(cron, runs.get(task), now),
            task in running,
        )
        for task, cron in scheduled_tasks().items()
    ]
    return sorted(jobs, key=lambda job: (not job.is_missed, not job.has_failed, job.title))


def is_missed(cron: str, run: JobRun | None, now: datetime) -> bool:
    """Return whether no run has succeeded since the last turn that is more than GRACE ago."""
    if run is None:
        return False
    due: datetime = croniter(cron, now - GRACE).get_prev(datetime)
    return (run.succeeded_at or run.expected_since) < due


def schedule_in_words(cron: str) -> str:
    """Return a cron line in words of the reader's language; the line itself if there are no words for its form."""
    if match := EVERY_MINUTES.fullmatch(cron):
        minutes = int(match[1] or 1)
        return ngettext("every minute", "every %(count)s minutes", minutes) % {"count": minutes}
    if match := AT_MINUTES.fullmatch(cron):
        return gettext("hourly at minute %(minutes)s") % {"minutes": gettext(" and ").join(match[1].split(","))}
    if match := EVERY_HOURS.fullmatch(cron):
        return gettext("every %(hours)s hours, at minute %(minute)s") % {"hours": match[2], "minute": match[1]}
    if match := DAILY.fullmatch(cron):
        return gettext("daily at %(time)s UTC") % {"time": f"{int(match[2]):02}:{int(match[1]):02}"}
    return cron
