"""Heartbeats of the processes that run jobs: written while they work, read to notice their absence."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext_lazy as _

from instantly.models import Heartbeat
from salesbrain import rls
from salesbrain.kernel import db

JOBS = "jobs"
REPLIES = "replies"
"""Kind of the process that only sends replies; `jobs` also sends them, after everything else."""

WITHOUT = {
    JOBS: (
        _(
            "No jobs process has run yet: nothing is synced or reconciled, and actions of staff stay queued. Start `manage.py run_jobs`."
        ),
        _(
            "No jobs process has run since %(time)s UTC: nothing is synced or reconciled, and actions of staff stay queued. "
            "Start `manage.py run_jobs`."
        ),
    ),
    REPLIES: (
        _(
            "No process for replies has run yet: replies wait behind other jobs. Start `manage.py run_jobs --queue replies`."
        ),
        _(
            "No process for replies has run since %(time)s UTC: replies wait behind other jobs. "
            "Start `manage.py run_jobs --queue replies`."
        ),
    ),
}
"""Sentences for a process that never ran, and for one that stopped."""

EVERY = 20.0
"""Seconds between two beats."""

BEAT = """
INSERT INTO instantly_heartbeat (process, started_at, beat_at) VALUES (%s, %s, clock_timestamp())
ON CONFLICT (process) DO UPDATE SET started_at = excluded.started_at, beat_at = excluded.beat_at"""


@dataclass(frozen=True, slots=True)
class Presence:
    """Last sign of life of a kind of process. `seen_at`: by the database's clock; None: never. `absent`: whether that is too long ago."""

    seen_at: datetime | None
    absent: bool
    process: str = JOBS

    @property
    def sentence(self) -> str:
        """Return a sentence: the fault, since when, and what to do; empty if the process is present."""
        if not self.absent:
            return ""
        never, since = WITHOUT[self.process]
        return str(since % {"time": f"{self.seen_at:%Y-%m-%d %H:%M}"} if self.seen_at else never)


def beat(process: str, *, started_at: datetime) -> None:
    """Store the time at which this process works. Raises DatabaseError."""
    with rls.scope(rls.SYSTEM):
        db.prepared(BEAT, [process, started_at])


def jobs(*, now: datetime, using: str = DEFAULT_DB_ALIAS, process: str = JOBS) -> Presence:
    """Return the Presence of the process that runs jobs (or replies). Needs a staff scope. Absent after JOBS_ABSENT_MINUTES."""
    seen_at = Heartbeat.objects.using(using).filter(pk=process).values_list("beat_at", flat=True).first()
    patience = timedelta(minutes=settings.JOBS_ABSENT_MINUTES)
    return Presence(seen_at, absent=seen_at is None or now - seen_at > patience, process=process)
