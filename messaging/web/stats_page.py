"""`/stats`: page of a period's stats, compared with the period before, and broken down."""

import csv
import io
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.sequence import variant_letter
from messaging import stats
from messaging.stats_report import Question, report
from messaging.web import words
from messaging.web.completeness import completeness
from messaging.web.scoped import OutreachView
from salesbrain.exporting.cells import cell
from salesbrain.web.charts import Chart, Series
from salesbrain.web.figures import number, percent

PRESETS = (
    ("7", _("7 days")), ("30", _("30 days")), ("90", _("90 days")), ("month", _("This month")), ("last_month", _("Last month")),
    ("all", _("All time")),
)  # fmt: skip
DEFAULT = "30"
BREAKDOWNS = (
    ("day", _("By day")),
    ("campaign", _("By campaign")),
    ("step", _("By step")),
    ("email_account", _("By email account")),
)
TILES = ("sent", "replied", "positive_replies", "meetings", "bounced", "unsubscribed")
RATE_OF = {
    "replied": "reply_rate", "positive_replies": "positive_reply_rate", "meetings": "meeting_rate", "bounced": "bounce_rate",
    "unsubscribed": "unsubscribe_rate",
}  # fmt: skip
SHOWN = (
    "sent", "replied", "reply_rate", "positive_replies", "meetings", "bounced", "bounce_rate", "human_open_rate", "machine_opened",
    "unsubscribed",
)  # fmt: skip
CHARTED = ("sent", "replied")
LEFT_OUT = ("not_tracked", "partly_tracked", "campaign_id")


class StatsFilter(forms.Form):
    period = forms.ChoiceField(label=_("Period"), choices=[*PRESETS, ("custom", _("From … to"))], required=False)
    start = forms.DateField(
        label=_("First day (UTC)"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    end = forms.DateField(
        label=_("Last day (UTC)"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    by = forms.ChoiceField(label=_("Breakdown"), choices=BREAKDOWNS, required=False)
    compare = forms.ChoiceField(
        label=_("Comparison"),
        choices=(("previous", _("Against the period before")), ("none", _("No comparison"))),
        required=False,
    )


class StatsView(OutreachView):
    template_name = "messaging/stats.html"
    title = _("Stats")
    navigation_name = "stats"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        form = StatsFilter(request.GET)
        if not form.is_valid():
            return self.render({"form": form, "presets": PRESETS, "breakdowns": BREAKDOWNS}, status=400)
        asked = form.cleaned_data
        start, end = days_asked(asked, today=self.today)
        by = asked["by"] or "day"
        rows = self.own_stats()
        answer = report(rows, Question(start, end, compares=asked["compare"] != "none", by=by))
        shown = arranged(answer["rows"], by)
        if request.GET.get("format") == "csv":
            return as_csv(shown)
        named = asked["period"] or DEFAULT
        return self.render(
            {
                **self.goals(),
                "form": form, "presets": PRESETS, "breakdowns": BREAKDOWNS, "period": "custom" if asked["start"] or asked["end"] else named,
                "by": by, "compare": asked["compare"] or "previous", "answer": answer, "columns": SHOWN, "start": start, "end": end,
                "tiles": [tile(name, answer) for name in TILES], "rows": [(name_of(row, by), row, cells(row)) for row in shown],
                "chart": self.chart(by_day_of(answer, rows, start, end), start, end), "completeness": completeness(self.facts),
                "has_campaigns": bool(answer["sent"]) or self.own(Campaign).exists(),
            }
        )  # fmt: skip

    def chart(self, by_day: dict[date, tuple[int, ...]], start: date | None, end: date | None) -> Chart | None:
        if not by_day:
            return None
        first, last = start or min(by_day), min(end or max(by_day), self.today)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        labels = [words.FIGURES[name][0] for name in CHARTED]
        series = [Series(label, [by_day.get(day, (0, 0))[place] for day in days]) for place, label in enumerate(labels)]
        return Chart(_("Emails sent and answered by day"), days, series)


def by_day_of(answer: dict[str, Any], rows: Any, start: date | None, end: date | None) -> dict[date, tuple[int, ...]]:
    """Return the charted figures by day: from the breakdown if that is by day, else from a separate statement."""
    if answer["by"] == "day":
        return {row["day"]: tuple(row[name] for name in CHARTED) for row in answer["rows"]}
    return stats.daily(stats.Period(start, end).filter(rows), CHARTED).get((), {})


def arranged(rows: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    """Return the breakdown sorted: days latest first, steps in order, everything else by number of sends."""
    if by == "day":
        return rows[::-1]
    return rows if by == "step" else sorted(rows, key=lambda row: -row["sent"])


def days_asked(asked: dict[str, Any], *, today: date) -> tuple[date | None, date | None]:
    """Return the first and last day of the chosen period; custom days take precedence over a named period."""
    if asked.get("start") or asked.get("end"):
        start, end = asked.get("start"), asked.get("end")
        return (min(start, end), max(start, end)) if start and end else (start, end)
    period = asked.get("period") or DEFAULT
    month = today.replace(day=1)
    named: dict[str, tuple[date | None, date | None]] = {
        "month": (month, today),
        "last_month": ((month - timedelta(days=1)).replace(day=1), month - timedelta(days=1)),
        "all": (None, None),
    }
    return (
        named[period]
        if period in named
        else (today - timedelta(days=int(period if period.isdecimal() else DEFAULT) - 1), today)
    )


def tile(name: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Return a stat with its rate, that of the preceding period, and the relative change."""
    before = answer["before"][name] if answer["before"] else None
    change = (answer[name] - before) / before if before and answer[name] is not None else None
    return {
        "name": name,
        "value": answer[name],
        "rate": answer.get(RATE_OF.get(name, "")),
        "before": before,
        "change": change,
    }


def cells(row: dict[str, Any]) -> list[str]:
    """Return a row of the breakdown as HTML; rendering it by a template would take most of the page's time."""
    return [_cell(row, name) for name in SHOWN]


def _cell(row: dict[str, Any], name: str) -> str:
    if name in row["not_tracked"]:
        return format_html('<span class="quiet small">{}</span>', _("not tracked"))
    return percent(row[name]) if "_rate" in name else number(row[name])


def name_of(row: dict[str, Any], by: str) -> Any:
    """Return the name of a row of the breakdown."""
    if by == "step":
        return (
            f"{row['step']} {variant_letter(row['variant']) if row['variant'] else ''}".strip() if row["step"] else ""
        )
    return row[by]


def as_csv(rows: list[dict[str, Any]]) -> HttpResponse:
    """Return the breakdown as CSV with every stat and rate, under the names of the API."""
    buffer = io.StringIO(newline="")
    names = [name for name in rows[0] if name not in LEFT_OUT] if rows else []
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows(
        [cell(value.isoformat() if isinstance(value, date) else value) for value in (row[name] for name in names)]
        for row in rows
    )
    response = HttpResponse(buffer.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="stats.csv"'
    return response
