"""Convert Python values (times, days, booleans, lists) to the texts of Instantly's URLs and bodies."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

Day = date | str
Moment = datetime | str


def query_pairs(query: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (name, text) of every parameter that is set; a list repeats its name."""
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        several = value if isinstance(value, (list, tuple)) else [value]
        pairs += [(name, as_text(one)) for one in several if one is not None]
    return pairs


def as_text(value: Any) -> str:
    """Return a value as text: times in UTC with milliseconds and Z, days as YYYY-MM-DD, booleans as true and false."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def timestamp(value: Moment) -> str:
    """Return a point in time in Instantly's format. Raises ValueError for one without a timezone."""
    if isinstance(value, str):
        return value
    if value.tzinfo is None:
        raise ValueError("A time for Instantly needs a timezone; use an aware datetime.")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def comma_separated(values: Iterable[str] | str | None) -> str | None:
    """Return the values as one comma-separated text, as Instantly takes them in one parameter.

    Raises ValueError for an empty one: without the parameter Instantly would answer with everything.
    """
    if values is None:
        return None
    text = values if isinstance(values, str) else ",".join(values)
    if not text:
        raise ValueError("An empty list selects nothing; leave the argument out to select everything.")
    return text


def without_none(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
