"""Format numbers, rates and times for the admin."""

from datetime import datetime, timedelta

from django import template

register = template.Library()

STEPS = ((timedelta(days=2), timedelta(days=1), "d"), (timedelta(hours=1), timedelta(hours=1), "h"))
"""Smallest age per unit; below all: minutes."""


@register.filter
def figure(number: int | None) -> str:
    """Return 1234 as "1,234", and 0 as a dot that does not draw the eye."""
    if number is None:
        return "–"
    return f"{number:,}" if number else "·"


@register.filter
def thousands(number: int) -> str:
    return f"{number:,}"


@register.filter
def percent(fraction: float | None) -> str:
    """Return 0.0734 as "7.3 %"; None (nothing was sent) as a dash, which is not 0 %."""
    return "–" if fraction is None else f"{fraction * 100:.1f} %"


@register.filter
def ago(at: datetime | None, now: datetime) -> str:
    """Return how long ago something was, seen from `now`; "never" for None."""
    if at is None:
        return "never"
    age = now - at
    for threshold, unit, letter in STEPS:
        if age >= threshold:
            return f"{age // unit} {letter} ago"
    minutes = age // timedelta(minutes=1)
    return f"{minutes} min ago" if minutes >= 1 else "just now"
