"""Heartbeats of the jobs process: written while it works, read to notice its absence."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext

from instantly.models import Heartbeat
from salesbrain import rls
from salesbrain.kernel import db

JOBS = "jobs"
EVERY = 20.0
"""Seconds between two beats."""

BEAT = """
INSERT INTO instantly_heartbeat (process, started_at, beat_at) VALUES (%s, %s, clock_timestamp())
ON CONFLICT (process) DO UPDATE SET started_at = excluded.started_at, beat_at = excluded.beat_at"""


@dataclass(frozen=True, slots=True)
class Presence:
    """`seen_at`: when a jobs process last worked, by the database's clock; None: never. `absent`: is that too long ago?"""

    seen_at: datetime | None
    absent: bool

    @property
    def sentence(self) -> str:
        """What is the matter, since when, and what to do; empty where all is well."""
        if not self.absent:
            return ""
        if self.seen_at is None:
            return gettext(
                "No jobs process has run yet: nothing is synced or reconciled, and actions of staff stay queued. "
                "Start `manage.py run_jobs`."
            )
        return gettext(
            "No jobs process has run since %(time)s UTC: nothing is synced or reconciled, and actions of staff stay queued. "
            "Start `manage.py run_jobs`."
        ) % {"time": f"{self.seen_at:%Y-%m-%d %H:%M}"}


def beat(process: str, *, started_at: datetime) -> None:
    """Write down that the process works now. Raises DatabaseError."""
    with rls.scope(rls.SYSTEM):
        db.prepared(BEAT, [process, started_at])


def jobs(*, now: datetime, using: str = DEFAULT_DB_ALIAS) -> Presence:
    """Return when jobs were last run; needs a scope of staff. Absent after JOBS_ABSENT_MINUTES."""
    seen_at = Heartbeat.objects.using(using).filter(pk=JOBS).values_list("beat_at", flat=True).first()
    patience = timedelta(minutes=settings.JOBS_ABSENT_MINUTES)
    return Presence(seen_at, absent=seen_at is None or now - seen_at > patience)
