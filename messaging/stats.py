"""Every figure, defined once: what it means, which rollup columns make it, what its rate is a share of, what must be tracked.

Read from DailyStats alone, so that a month costs a month of days whatever the number of messages; `rebuild_stats` proves the
rollups against a recount.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from messaging import machines
from messaging.models import DailyStats

OPENS, LINKS = "open_tracking", "link_tracking"


@dataclass(frozen=True, slots=True)
class Figure:
    """`column` of the rollups, less `minus`; counted only over campaigns where `tracked_by` is on."""

    name: str
    column: str
    meaning: str
    minus: str = ""
    tracked_by: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """A figure's share of what was sent: 0 to 1 with 4 digits, None when nothing was sent."""

    name: str
    of: str
    meaning: str


FIGURES = (
    Figure("sent", "sent", "Emails sent."),
    Figure("delivered", "sent", "Emails sent that did not bounce.", minus="bounces"),
    Figure("opened", "unique_opens", "Sent emails opened at least once.", tracked_by=OPENS),
    Figure("opens", "opens", "Openings in all: one email opened three times counts three.", tracked_by=OPENS),
    Figure("clicked", "unique_clicks", "Sent emails in which a link was clicked at least once.", tracked_by=LINKS),
    Figure("clicks", "clicks", "Clicks in all.", tracked_by=LINKS),
    Figure(
        "machine_opened",
        "unique_machine_opens",
        "Of opened: emails of which every opening looks like a machine's.",
        tracked_by=OPENS,
    ),
    Figure("machine_opens", "machine_opens", "Of opens: those that look like a machine's.", tracked_by=OPENS),
    Figure(
        "machine_clicked",
        "unique_machine_clicks",
        "Of clicked: emails of which every click looks like a machine's.",
        tracked_by=LINKS,
    ),
    Figure("machine_clicks", "machine_clicks", "Of clicks: those that look like a machine's.", tracked_by=LINKS),
    Figure(
        "human_opened", "unique_opens", "opened less machine_opened.", minus="unique_machine_opens", tracked_by=OPENS
    ),
    Figure(
        "human_clicked",
        "unique_clicks",
        "clicked less machine_clicked.",
        minus="unique_machine_clicks",
        tracked_by=LINKS,
    ),
    Figure("replied", "unique_replies", "Sent emails that a person answered at least once."),
    Figure("replies", "replies", "Answers by people, in all; automatic ones are not among them."),
    Figure("auto_replies", "auto_replies", "Automatic answers, such as out of office."),
    Figure("positive_replies", "interested", "How often somebody was marked as interested."),
    Figure("negative_replies", "not_interested", "How often somebody was marked as not interested."),
    Figure("meetings", "meetings", "Meetings booked."),
    Figure("bounced", "bounces", "Emails that came back; Instantly does not tell hard bounces from soft ones."),
    Figure("unsubscribed", "unsubscribes", "People who unsubscribed."),
    Figure("complaints", "complaints", "People who reported an email as spam; Instantly itself never tells."),
)
RATES = (
    Rate("delivery_rate", "delivered", "delivered / sent"),
    Rate("open_rate", "opened", "opened / sent, over campaigns that track opens"),
    Rate("click_rate", "clicked", "clicked / sent, over campaigns that track links"),
    Rate("human_open_rate", "human_opened", "human_opened / sent, over campaigns that track opens"),
    Rate("human_click_rate", "human_clicked", "human_clicked / sent, over campaigns that track links"),
    Rate("reply_rate", "replied", "replied / sent"),
    Rate("auto_reply_rate", "auto_replies", "auto_replies / sent"),
    Rate("positive_reply_rate", "positive_replies", "positive_replies / sent"),
    Rate("meeting_rate", "meetings", "meetings / sent"),
    Rate("bounce_rate", "bounced", "bounced / sent"),
    Rate("unsubscribe_rate", "unsubscribed", "unsubscribed / sent"),
    Rate("complaint_rate", "complaints", "complaints / sent"),
)
RULES = {
    "days": "Days are UTC days; an opening, a click or an answer counts on its own day, not on the day of the email.",
    "rates": "Fractions from 0 to 1; null when nothing was sent. At most 1: an opening may arrive before the email it belongs to.",
    "machines": machines.RULE,
    "not_tracked": "Figures that are null because every campaign they are about has that tracking off: unknown, not zero.",
    "partly_tracked": "Figures that leave out some campaigns, because tracking is off there; their rates leave out the same ones.",
}
DEFINITIONS = {item.name: item.meaning for item in (*FIGURES, *RATES)} | RULES

BY: Mapping[str, tuple[str, ...]] = {
    "day": ("day",),
    "campaign": ("campaign_id", "campaign__name"),
    "step": ("step", "variant"),
    "email_account": ("email_account",),
}
"""What figures can be broken down by -> the columns that say which."""

_FIGURE = {figure.name: figure for figure in FIGURES}
_TRACKERS = (OPENS, LINKS)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included; None: no end on that side."""

    start: date | None = None
    end: date | None = None

    def filter(self, rows: "QuerySet[DailyStats]") -> "QuerySet[DailyStats]":
        if self.start:
            rows = rows.filter(day__gte=self.start)
        return rows.filter(day__lte=self.end) if self.end else rows

    def before(self) -> "Period | None":
        """The period of the same length that ends where this one begins; None for an open one, and before the calendar."""
        if not (self.start and self.end):
            return None
        length = self.end - self.start + timedelta(days=1)
        try:
            return Period(self.start - length, self.end - length)
        except OverflowError:
            return None


def total(rows: "QuerySet[DailyStats]", *, tracking: Mapping[str, bool] | None = None) -> dict[str, Any]:
    """Return all figures and rates over these rollup rows, in one statement.

    `tracking`: of the one campaign they belong to, where it is one; it decides even where there are no rows yet.
    """
    return _figures(rows.aggregate(**_sums()), tracking)


def grouped(
    rows: "QuerySet[DailyStats]", by: str, *, tracking: Mapping[str, bool] | None = None
) -> list[dict[str, Any]]:
    """Return figures and rates per day, campaign, step or email account (BY), in one statement; what has nothing is left out."""
    columns = BY[by]
    counted = rows.filter(_something()).order_by(*columns).values(*columns).annotate(**_sums())
    return [{_outside(column): row[column] for column in columns} | _figures(row, tracking) for row in counted]


def tracking_of(campaign: Any) -> dict[str, bool]:
    """What a campaign tracks. Unknown counts as on: a count of 0 is then a count."""
    return {tracker: getattr(campaign, tracker) is not False for tracker in _TRACKERS}


def _outside(column: str) -> str:
    return {"campaign__name": "campaign"}.get(column, column)


def _something() -> Q:
    """Rows may have gone back to all zeros: those are absent."""
    condition = Q()
    for column in {figure.column for figure in FIGURES}:
        condition |= ~Q(**{column: 0})
    return condition


def _sums() -> dict[str, Any]:
    sums: dict[str, Any] = {"_rows": Count("pk")}
    on: Q | None
    for tracker in _TRACKERS:
        on = ~Q(**{f"campaign__{tracker}": False})
        sums[f"_rows_{tracker}"] = Count("pk", filter=on)
        sums[f"_sent_{tracker}"] = Coalesce(Sum("sent", filter=on), 0)
    for figure in FIGURES:
        on = ~Q(**{f"campaign__{figure.tracked_by}": False}) if figure.tracked_by else None
        value = Coalesce(Sum(figure.column, filter=on), 0)
        sums[f"_{figure.name}"] = value - Coalesce(Sum(figure.minus, filter=on), 0) if figure.minus else value
    return sums


def _figures(sums: Mapping[str, Any], tracking: Mapping[str, bool] | None) -> dict[str, Any]:
    off = {tracker for tracker in _TRACKERS if _is_off(tracker, sums, tracking)}
    partly = {tracker for tracker in _TRACKERS if tracker not in off and sums[f"_rows_{tracker}"] < sums["_rows"]}
    result: dict[str, Any] = {}
    for figure in FIGURES:
        result[figure.name] = None if figure.tracked_by in off else max(0, sums[f"_{figure.name}"])
    for rate in RATES:
        tracker = _FIGURE[rate.of].tracked_by
        result[rate.name] = _rate(result[rate.of], sums[f"_sent_{tracker}"] if tracker else result["sent"])
    result["not_tracked"] = _named(off)
    result["partly_tracked"] = _named(partly)
    return result


def _is_off(tracker: str, sums: Mapping[str, Any], tracking: Mapping[str, bool] | None) -> bool:
    if tracking is not None:
        return not tracking[tracker]
    return bool(sums["_rows"]) and not sums[f"_rows_{tracker}"]


def _rate(part: int | None, whole: int) -> float | None:
    return None if part is None or whole <= 0 else round(min(1.0, part / whole), 4)


def _named(trackers: Iterable[str]) -> list[str]:
    wanted = set(trackers)
    figures = [figure.name for figure in FIGURES if figure.tracked_by in wanted]
    return figures + [rate.name for rate in RATES if rate.of in figures]
