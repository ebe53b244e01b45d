"""Parts of the pages of organizations, campaigns and email accounts: figures, links, staff actions."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import badge
from accounts.models import ProviderConnection
from campaigns.schedule import sending_times
from instantly.choices import ActionState
from instantly.models import StaffAction
from messaging.findings.object_figures import ObjectFigures
from salesbrain.kernel.messages import shown
from salesbrain.web.charts import sparkline
from salesbrain.web.figures import number, percent

ACTIONS_SHOWN, ACTIONS_READ = 10, 50
TONES = {ActionState.DONE: "good", ActionState.FAILED: "bad", ActionState.UNKNOWN: "warn"}
ROWS: tuple[tuple[str, bool, Promise | str], ...] = (
    ("sent", False, _("Sent")), ("replied", True, _("Replied")), ("positive_replies", True, _("Positive")),
    ("meetings", False, _("Meetings")), ("bounced", True, _("Bounced")), ("unsubscribed", True, _("Unsubscribed")),
)  # fmt: skip
"""Rows of the table of stats: stat, whether its share of sent mails is shown, label."""
NOTHING = mark_safe("<tr><td>–</td></tr>")

LINES = {"sent": "sent", "replied": "replies", "bounced": "bounced"}
"""Chart line shown beside a row, by the row's stat."""


def table(heads: Iterable[Any], rows: Iterable[Iterable[Any]]) -> SafeString:
    """Return an HTML table; cells are escaped unless they are safe."""
    head = format_html_join("", "<th>{}</th>", ((text,) for text in heads))
    cells = ((format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),) for row in rows)
    body = format_html_join("", "<tr>{}</tr>", cells)
    return format_html(
        '<div class="sb-scroll"><table class="sb-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        head,
        body or NOTHING,
    )


def figures_table(figures: ObjectFigures) -> SafeString:
    """Return a table of figures: 30 days beside the 30 before, with a daily sparkline where there is one."""

    def said(of: Mapping[str, int], stat: str, has_rate: bool) -> str:
        value = number(of[stat])
        return f"{value} ({percent(min(1.0, of[stat] / of['sent']))})" if has_rate and of["sent"] else value

    rows = (
        (
            label,
            said(figures.now, stat, has_rate),
            said(figures.before, stat, has_rate),
            sparkline(figures.lines[LINES[stat]]) if stat in LINES else "",
        )
        for stat, has_rate, label in ROWS
    )
    return table(["", _("30 days"), _("the 30 days before"), _("by day")], rows)


def links(query: str, pages: Iterable[tuple[str, Promise | str]]) -> SafeString:
    """Return links to admin lists filtered by `query`; `pages`: (app_model, label) pairs."""
    return format_html_join(
        " · ",
        '<a href="{}{}">{}</a>',
        ((reverse(f"admin:{page}_changelist"), query, words) for page, words in pages),
    )


def latest_actions(row: Any) -> list[StaffAction]:
    """Return the latest actions on an object, the latest first; read once for a page."""
    if not hasattr(row, "actions_read"):
        own: dict[str, Any] = (
            {"connection": row, "target_id": None} if isinstance(row, ProviderConnection) else {"target_id": row.pk}
        )
        found = StaffAction.objects.filter(**own).defer("result", "arguments").order_by("-created_at", "-id")
        row.actions_read = list(found[:ACTIONS_READ])
    return row.actions_read


def running_actions(row: Any) -> list[tuple[StaffAction, str]]:
    """Return the actions on an object that have not ended, each with its progress."""
    return [(action, shown(action.outcome)) for action in latest_actions(row) if not action.is_over]


def actions_table(row: Any) -> SafeString | str:
    """Return a table of the staff actions on an object, the latest first; an empty text for none."""
    return _actions(latest_actions(row)[:ACTIONS_SHOWN])


def _actions(rows: Iterable[StaffAction]) -> SafeString | str:
    said = [
        (
            f"{row.created_at:%Y-%m-%d %H:%M}",
            format_html('<a href="{}">{}</a>', reverse("admin:instantly_staffaction_change", args=[row.pk]), row.label),
            badge(row.get_state_display(), TONES.get(ActionState(row.state), "quiet")),
            shown(row.outcome),
            row.actor_name,
        )
        for row in rows
    ]
    return table([_("when"), _("what"), _("state"), _("outcome"), _("who")], said) if said else ""


def schedule_words(schedule: Any) -> str:
    """Return sending times as one line: "Mon–Fri 8:00–17:30, Europe/Berlin"."""
    return "; ".join(
        f"{', '.join(_run(*run) for run in entry.runs())} {entry.start}–{entry.end}, {entry.zone}"
        for entry in sending_times(schedule)
    )


def _run(first: int, last: int) -> str:
    names = [str(WEEKDAYS_ABBR[day]) for day in (first, last)]
    return names[0] if first == last else "–".join(names)
