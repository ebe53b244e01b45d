"""Day fields of a list's filter, and the UTC instants at which the chosen days begin and end."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms


def day_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


def bounds_of_days(filters: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    """Return two instants: the beginning of the day `since` and the end of the day `until` (UTC); None where the filter has no such day."""
    since, until = filters.get("since"), filters.get("until")
    return (_begins(since) if since else None), (_ends(until) if until else None)


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _ends(day: date) -> datetime | None:
    """Return the beginning of the next day; None for the last day that Python can represent."""
    return None if day == date.max else _begins(day + timedelta(days=1))
