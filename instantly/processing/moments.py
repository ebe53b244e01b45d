"""Parse the timestamps of webhook deliveries leniently, and refuse implausible ones."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from salesbrain.kernel.messages import message

LONGEST = 80
AHEAD = timedelta(hours=1)
"""Tolerance for Instantly's clock being ahead of ours, and for an event before its campaign's creation."""
EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
"""Earliest plausible time: Instantly did not exist before."""

ORDINARY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
BEFORE_ZONE = re.compile(r"\s+(?=(?:Z|[+-]\d\d:?\d\d)\Z)")  # blanks between the time and its zone
LEAP_SECOND = re.compile(r"(?<=\d\d:\d\d:)60(?=\D|\Z)")
END_OF_DAY = re.compile(r"(?<=\d[T ])24(?=:?00(?::?00(?:[.,]0+)?)?(?:Z|[+-]|\Z))")


class Implausible(ValueError):
    """Error: the time is in the future or too long ago; `str()` gives the reason."""


def read_moment(value: object) -> datetime:
    """Parse a timestamp into an instant in UTC; without an offset it is UTC. Raises ValueError.

    ISO 8601, also with a small z, blanks around it or before the offset, a second 60 and an hour 24.
    """
    if not isinstance(value, str) or len(value) > LONGEST:
        raise ValueError("It is no text of a time.")
    if ORDINARY.fullmatch(value):  # nearly all are: no other spelling needs to be looked for
        with suppress(ValueError):
            return datetime.fromisoformat(value)
    text = BEFORE_ZONE.sub("", value.strip().upper())
    text, leaps = LEAP_SECOND.subn("59", text)
    text, days = END_OF_DAY.subn("00", text)
    try:
        moment = datetime.fromisoformat(text) + timedelta(days=days, seconds=leaps)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("It is outside of the years 1 to 9999.") from error


def check(moment: datetime, *, now: datetime, campaign_made_at: datetime | None = None) -> None:
    """Raise Implausible for a time in the future, before 2015, or before the campaign was created.

    A wrong time would never be corrected: the earliest opening and the latest interest are kept, whatever is reported afterwards.
    """
    if moment > now + AHEAD:
        raise Implausible(message("held.to_come"))
    if moment < EARLIEST:
        raise Implausible(message("held.too_early", year=str(EARLIEST.year)))
    if campaign_made_at is not None and moment < campaign_made_at - AHEAD:
        raise Implausible(message("held.before_campaign", made=written(campaign_made_at)))


def written(moment: datetime) -> str:
    """Format a time as Instantly's deliveries do: in milliseconds, or in microseconds if it has any."""
    spec = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.astimezone(UTC).isoformat(timespec=spec).replace("+00:00", "Z")
