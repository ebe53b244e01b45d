"""Generate the demo's history: three months of outreach, emulated with a manual clock.

A running emulator continues from its end. The state is handed over as a snapshot, so that analytics and drift agree; the events are
written to a file for the product to record, a JSON line each: ``{"workspace": id, "payload": {…}}`` for what a webhook would have
delivered, ``{"workspace": id, "mail": {…}}`` for a mail written by hand, which no webhook reports.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from math import pi, sin
from pathlib import Path
from typing import IO

import orjson

from .. import demo_cast
from ..fake import FakeInstantly
from ..life import answers
from ..state.assumptions import Assumptions
from ..state.clock import ManualClock
from ..state.habits import Habits
from ..state.tables import Row
from . import snapshot
from .workspace_file import WorkspaceFile

HOUR = 3600.0
EVENTS_A_DAY = 640.0  # of an ordinary working day
LIVE_RATE = 0.05  # events a second afterwards: one every 20 seconds, until the day's limit is reached
PAUSE_MS = 20_000
"""Milliseconds after the history in which nothing happens, until the product has registered its webhooks."""
ANSWERED, ANSWERED_OF_LATE, LATELY = 1.0, 0.4, 5
"""Shares of replies that the demo customer's people answer, before the last LATELY days and within them, so that the unanswered ones are
recent.
"""
BY_WEEKDAY = (1.0, 1.12, 1.1, 1.02, 0.82, 0.1, 0.07)
BY_HOUR = (
    0.1, 0.1, 0.1, 0.1, 0.15, 0.4, 1.0, 1.9, 2.4, 2.5, 2.3, 1.7, 1.5, 2.0, 2.2, 1.9, 1.2, 0.7, 0.4, 0.3, 0.2, 0.15, 0.1, 0.1,
)  # fmt: skip
"""Relative rate by UTC hour; the values add up to about 24."""
QUIET_WEEK = (45, 39)  # days before the end between which half the market is on holiday


class Recorder:
    """Observer that writes every event to a file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.written = 0

    def saw_event(self, workspace_id: str, payload: Row) -> None:
        self._write({"workspace": workspace_id, "payload": payload})

    def saw_manual_mail(self, workspace_id: str, mail: Row) -> None:
        self._write({"workspace": workspace_id, "mail": mail})

    def _write(self, line: Row) -> None:
        self._file.write(orjson.dumps(line) + b"\n")
        self.written += 1


def live_assumptions() -> Assumptions:
    """Return the demo's assumptions: no account exceeds its daily limit; sending at any hour, so that a demo always shows events."""
    return Assumptions().with_(obeys_daily_limits=True)


def make(
    workspaces: WorkspaceFile, *, seed: int | str, now: datetime, history: Path, days: int = demo_cast.DAYS
) -> bytes:
    """Generate the history up to ``now``; return the state as a snapshot, and write the events to the file. Raises OSError."""
    start = now - timedelta(days=days)
    fake = FakeInstantly(
        seed, ManualClock(start), assumptions=live_assumptions(), habits=Habits.real_time(answered=ANSWERED)
    )
    ends_ms = round(now.timestamp() * 1000)
    WorkspaceFile(
        tuple(
            entry | ({"campaigns": [], "accounts": []} if entry["name"] in demo_cast.CASTS else {})
            for entry in workspaces.entries
        )
    ).create_workspaces(fake)
    casts = {space.id: cast for space in fake.workspaces.values() if (cast := demo_cast.CASTS.get(space.name))}
    with _written_whole(history) as file, fake.lock:
        fake.simulation.observer = Recorder(file)
        for id, cast in casts.items():
            demo_cast.furnish(fake.simulation, fake.workspaces[id], cast, ends_ms=ends_ms)
        for hour in range(days * 24):
            moment = start + timedelta(hours=hour)
            days_left = days - hour // 24
            if days_left == LATELY:
                fake.simulation.habits = Habits.real_time(answered=ANSWERED_OF_LATE)
            if hour % 24 == 0:
                for id, cast in casts.items():
                    demo_cast.change_of_day(fake.simulation, fake.workspaces[id], cast, days_left)
            fake.set_rate(rate_at(moment, days_left=days_left, days=days))
            fake.advance(HOUR)
        fake.simulation.observer = None
        fake.agenda.remove(answers.ACTION)
        fake.set_rate(LIVE_RATE)
        fake.agenda.shift(PAUSE_MS)
    return snapshot.dump(fake)


def rate_at(moment: datetime, *, days_left: int, days: int = demo_cast.DAYS) -> float:
    """Return the target events per second: few at night and weekends, growing from month to month, with weekly variation and holidays."""
    local = moment.astimezone(UTC)
    growth = 0.7 + 0.5 * (1 - days_left / days)
    wave = 1 + 0.12 * sin(2 * pi * local.toordinal() / 30.4)
    away = 0.45 if QUIET_WEEK[1] <= days_left <= QUIET_WEEK[0] else 1.0
    return EVENTS_A_DAY / 86_400 * BY_WEEKDAY[local.weekday()] * BY_HOUR[local.hour] * growth * wave * away


@contextmanager
def _written_whole(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file that is renamed to its final name when complete; readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
