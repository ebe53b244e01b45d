"""Template tags of messaging's pages (badges, stat labels, sort headers): `{% load outreach %}`."""

from typing import Any
from uuid import UUID

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from messaging.email_account_rows import Finding
from messaging.web import words
from messaging.web.comparison_words import interval_words
from messaging.web.row_links import rows_address
from salesbrain.web.figures import number, percent

SHOWN_QUIETLY = ("sent", "opened", "clicked")
"""Statuses of most messages, shown without a badge, because one on each row carries no information."""

NUMBER = SafeString(' class="num"')

register = template.Library()
register.filter("category", words.category)
register.filter("interest", words.interest)
register.filter("sends", words.sends)
register.filter("interval", interval_words)
register.simple_tag(rows_address)


def badge(text: Any, tone: str = "") -> SafeString:
    return format_html('<span class="badge {}">{}</span>', tone, text)


@register.filter
def campaign_status(campaign: Any) -> SafeString:
    return badge(*words.campaign_status(campaign))


@register.filter
def message_status(message: Any) -> SafeString:
    if message.status in SHOWN_QUIETLY:
        return format_html('<span class="quiet">{}</span>', words.MESSAGE_STATUS[message.status])
    return badge(words.MESSAGE_STATUS.get(message.status, message.status), words.MESSAGE_TONES.get(message.status, ""))


@register.filter
def category_badge(value: str | None) -> SafeString:
    return badge(words.category(value), words.CATEGORY_TONES.get(value or "", ""))


@register.filter
def interest_badge(value: str | None) -> SafeString | str:
    return badge(words.interest(value), words.EVENT_TONES.get(value, "")) if value else ""


@register.filter
def finding_badge(row: Any) -> SafeString:
    """Return the badge of an email account's health: one word, and as its tooltip the rule behind it."""
    word, rule = words.FINDINGS[row.finding]
    return format_html('<span class="badge {}" title="{}">{}</span>', row.tone, rule, word)


@register.filter
def finding_figure(row: Any) -> str:
    """Return the number behind a finding, "10.3 %"; nothing if there is none."""
    rates = {Finding.BOUNCES: row.bounce_rate, Finding.COMPLAINTS: row.health.rate("complaints")}
    if (rate := rates.get(row.finding)) is not None:
        return percent(rate)
    return number(round(row.account.warmup_score)) if row.finding is Finding.WARMUP_LOW else ""


@register.filter
def finding_rule(row: Any) -> str:
    return str(words.FINDINGS[row.finding][1])


@register.filter
def account_status(account: Any) -> str:
    return str(words.ACCOUNT_STATUS.get(account.status, account.status))


@register.filter
def warmup_status(account: Any) -> str:
    return str(words.WARMUP.get(account.warmup_status, account.warmup_status))


@register.filter
def suppression(entry: Any) -> str:
    return str(words.SUPPRESSIONS.get(entry.reason, entry.reason))


@register.filter
def left_out(entry: Any) -> str:
    return str(words.LEFT_OUT.get(entry["reason"], entry["reason"]))


@register.filter
def event(row: Any) -> str:
    return words.event(row.type, row.detail)


@register.filter
def event_tone(row: Any) -> str:
    return words.EVENT_TONES.get(row.type, "")


@register.filter
def figure_label(name: str) -> str:
    return str(words.FIGURES[name][0])


@register.filter
def figure_meaning(name: str) -> str:
    return str(words.FIGURES[name][1])


@register.filter
def of(values: Any, name: Any) -> Any:
    """Return the value under `name` in a mapping, None if there is none: Django's templates cannot look up a key given by a variable."""
    return values.get(name)


@register.simple_tag(takes_context=True)
def owner(context: Any, organization_id: UUID) -> SafeString | str:
    """Return the badge with the name of a row's organization; empty on pages of one organization."""
    name = context.get("organization_names", {}).get(organization_id)
    return format_html(' <span class="badge">{}</span>', name) if name else ""


@register.simple_tag(takes_context=True)
def sort_header(context: Any, name: str, label: str = "", is_number: bool = True, title: str = "") -> SafeString:
    """Render the heading of a sortable column; a second click reverses the order."""
    order, query = context["order"], context["request"].GET.copy()
    label, title = label or figure_label(name), title or (figure_meaning(name) if name in words.FIGURES else "")
    is_current = order.lstrip("-") == name
    descends = order.startswith("-")
    query["order"] = name if (is_current and descends) or (not is_current and not is_number) else f"-{name}"
    query.pop("page", None)
    state = format_html(' aria-sort="{}"', "descending" if descends else "ascending") if is_current else ""
    mark = format_html('<span aria-hidden="true">{}</span>', "↓" if descends else "↑") if is_current else ""
    return format_html(
        '<th scope="col"{}{}><a href="?{}"{}>{}{}</a></th>',
        NUMBER if is_number else "", state, query.urlencode(),
        format_html(' title="{}"', title) if title else "", label, mark,
    )  # fmt: skip
