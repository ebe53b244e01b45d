"""Sending schedule of a campaign, parsed from the provider's JSON object.

https://developer.instantly.ai/api/v2/campaign: `campaign_schedule.schedules[]` with `timing.from|to`, `days` ("0" is Sunday), `timezone`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class SendingTimes:
    """Weekdays (0 is Monday) and times (`start` to `end`, such as "8:00") at which a campaign sends, in a named time zone."""

    days: tuple[int, ...]
    start: str
    end: str
    zone: str

    def runs(self) -> list[tuple[int, int]]:
        """Return consecutive sending days as (first, last) pairs: Monday to Friday is [(0, 4)]."""
        found: list[tuple[int, int]] = []
        for day in self.days:
            if found and found[-1][1] == day - 1:
                found[-1] = (found[-1][0], day)
            else:
                found.append((day, day))
        return found


def sending_times(schedule: Any) -> list[SendingTimes]:
    """Return the sending times in the provider's schedule object; parts of undocumented form are left out."""
    entries = schedule.get("schedules") if isinstance(schedule, Mapping) else None
    found = [_read(entry) for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
    return [entry for entry in found if entry is not None]


def _read(entry: Mapping[str, Any]) -> SendingTimes | None:
    timing, days = entry.get("timing"), entry.get("days")
    if not (isinstance(timing, Mapping) and isinstance(days, Mapping)):
        return None
    start, end = _time(timing.get("from")), _time(timing.get("to"))
    chosen = sorted(_weekday(name) for name, is_on in days.items() if is_on is True and name in tuple("0123456"))
    if not (start and end and chosen):
        return None
    return SendingTimes(tuple(chosen), start, end, str(entry.get("timezone") or "UTC")[:100])


def _weekday(name: str) -> int:
    return (int(name) - 1) % 7


def _time(text: Any) -> str | None:
    found = TIME.fullmatch(text) if isinstance(text, str) else None
    return f"{int(found[1])}:{found[2]}" if found else None
