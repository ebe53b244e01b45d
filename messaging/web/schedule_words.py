"""Format a campaign's sending times as a line: "Mon–Fri 8:00–17:30, Europe/Berlin"."""

from collections.abc import Sequence

from django.utils.dates import WEEKDAYS_ABBR

from campaigns.schedule import SendingTimes


def schedule_lines(times: Sequence[SendingTimes]) -> list[str]:
    return [
        f"{', '.join(_run(*run) for run in entry.runs())} {entry.start}–{entry.end}, {entry.zone.replace('_', ' ')}"
        for entry in times
    ]


def _run(first: int, last: int) -> str:
    names = [str(WEEKDAYS_ABBR[day]) for day in (first, last)]
    return names[0] if first == last else (", " if last == first + 1 else "–").join(names)
