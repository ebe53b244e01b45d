"""Template filters that format numbers, rates and times for the admin, in the reader's language."""

from datetime import datetime

from django import template

from salesbrain.web import figures

register = template.Library()


@register.filter
def figure(number: int | None) -> str:
    """Return 1234 as "1,234" (German "1.234"), and 0 as a dot that does not draw the eye."""
    return "·" if number == 0 else figures.number(number)


@register.filter
def thousands(number: int) -> str:
    return figures.number(number)


@register.filter
def percent(fraction: float | None) -> str:
    """Return 0.0734 as "7.3 %"; None (nothing was sent) as a dash, which is not 0 %."""
    return figures.percent(fraction)


@register.filter
def ago(at: datetime | None, now: datetime) -> str:
    """Return how long ago something was, seen from `now`; "never" for None."""
    return figures.ago(at, now)
