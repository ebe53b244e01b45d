"""Template tags of all pages (icons, charts, times, form fields): `{% load web %}`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from salesbrain.web import charts, figures, icons, organizations

register = template.Library()
register.filter("number", figures.number)
register.filter("percent", figures.percent)
register.filter("day", figures.calendar_day)
register.simple_tag(icons.icon, name="icon")


@register.simple_tag
def sparkline(values: Sequence[int | None]) -> SafeString:
    return charts.sparkline(values)


@register.filter
def moment(at: datetime | None) -> str:
    """Render day and time in the user's time zone, in a machine-readable time element."""
    return figures.NOTHING if at is None else _time(at, figures.moment(at))


@register.filter
def ago(at: datetime | None) -> str:
    """Render how long ago something was, with the exact time as a tooltip."""
    words = figures.ago(at, timezone.now())
    return words if at is None else _time(at, words, title=figures.moment(at))


def _time(at: datetime, words: str, title: str = "") -> SafeString:
    stamp = at.astimezone(timezone.get_default_timezone()).isoformat(timespec="seconds")
    if title:
        return format_html('<time datetime="{}" title="{}">{}</time>', stamp, title, words)
    return format_html('<time datetime="{}">{}</time>', stamp, words)


@register.simple_tag(takes_context=True)
def organization_field(context: Any) -> SafeString:
    """Render the hidden field of every form that names the organization it was rendered for."""
    current = getattr(context.get("request"), "organization", None)
    return format_html(
        '<input type="hidden" name="{}" value="{}">', organizations.FIELD, current.token if current else ""
    )


@register.inclusion_tag("web/chart.html")
def chart(figure: charts.Chart) -> dict[str, Any]:
    return {"chart": figure}


@register.inclusion_tag("web/field.html")
def field(bound: Any) -> dict[str, Any]:
    """Render a form's field: label, control, help and errors, connected for screen readers."""
    return {"field": bound}
