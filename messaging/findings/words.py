"""A finding in words, in the reader's language: figure, rule and reason."""

from datetime import datetime, timedelta

from django.utils.translation import gettext, ngettext

from messaging.findings.rules import Unit, registered
from messaging.models import Finding
from salesbrain.kernel.messages import shown
from salesbrain.web import figures


def label(rule: str) -> str:
    """Return the rule's name; the stored word where this release has no such rule any more."""
    known = registered().get(rule)
    return str(known.label) if known else rule


def figure(finding: Finding) -> str:
    """Return the figure with its unit; empty where the rule measures nothing."""
    known = registered().get(finding.rule)
    return "" if finding.figure is None else _written(finding.figure, known.unit if known else Unit.NUMBER)


def sentence(finding: Finding) -> str:
    """Return figure and rule as a sentence, with the detail of a feed's finding."""
    known = registered().get(finding.rule)
    detail = shown(finding.detail)
    if known is None:
        return detail
    said = str(known.sentence) % {
        "figure": figure(finding) or figures.NOTHING,
        "limit": figures.NOTHING if finding.limit is None else _written(finding.limit, known.unit),
        "sample": figures.number(finding.sample),
        "floor": figures.number(finding.floor),
        "reason": str(known.reasons.get(finding.reason, finding.reason)),
    }
    return f"{said} {detail}".strip()


def snoozed(finding: Finding, now: datetime) -> str:
    """Return until when and why it is snoozed; empty where it is not."""
    if finding.snoozed_until is None or finding.snoozed_until <= now:
        return ""
    return gettext("Snoozed until %(day)s by %(who)s: %(why)s") % {
        "day": figures.day(finding.snoozed_until),
        "who": finding.snoozed_by,
        "why": finding.snooze_reason,
    }


def _written(value: float, unit: Unit) -> str:
    if unit is Unit.SHARE:
        return figures.percent(value, digits=1 if value >= 0.01 else 2)
    if unit is Unit.NUMBER:
        return figures.number(round(value))
    if unit is Unit.HOURS and value < timedelta(days=2) / timedelta(hours=1):
        hours = int(value)
        return ngettext("%(hours)s hour", "%(hours)s hours", hours) % {"hours": hours}
    days = int(value / 24 if unit is Unit.HOURS else value)
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
