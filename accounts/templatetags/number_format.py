"""Template filters that format numbers, rates and times for the admin, in the reader's language."""

from collections.abc import Sequence
from datetime import datetime

from django import template
from django.utils.safestring import SafeString

from salesbrain.web import charts, figures

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
def signed_percent(fraction: float | None) -> str:
    """Return 0.12 as "+12 %" and -0.05 as "−5 %"; an empty text for None (there was nothing before)."""
    if fraction is None:
        return ""
    sign = "+" if fraction >= 0 else "\N{MINUS SIGN}"
    return f"{sign}{figures.percent(abs(fraction), digits=0)}"


@register.simple_tag
def sparkline(values: Sequence[int | None]) -> SafeString:
    """Return a line of these values as SVG, decoration beside numbers."""
    return charts.sparkline(values)


@register.filter
def ago(at: datetime | None, now: datetime) -> str:
    """Return how long ago something was, seen from `now`; "never" for None."""
    return figures.ago(at, now)
