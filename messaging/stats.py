"""Definitions of all stats (sent, opened, reply rate …): meaning, columns, rate, required tracking.

Read from DailyStats, so that a month costs a month of days whatever the number of messages, and for a whole organization from its sums
(messaging.organization_stats). `rebuild_stats` checks both against a recount.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import F, Sum

from messaging import machine_opens, organization_stats
from messaging.models.rollup import COUNTS_SOMETHING
from salesbrain.kernel import fast_reads
from salesbrain.kernel.fast_reads import Source, Where

OPENS, LINKS = "open_tracking", "link_tracking"


@dataclass(frozen=True, slots=True)
class Figure:
    """Definition of a count: `column` of the daily stats minus `minus`; only over campaigns where `tracked_by` is on."""

    name: str
    column: str
    meaning: str
    minus: str = ""
    tracked_by: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """Definition of a rate: a count's share of sent mails, 0 to 1 with 4 digits, None if nothing was sent."""

    name: str
    of: str
    meaning: str


FIGURE_DEFINITIONS = (
    Figure("sent", "sent", "Emails sent."),
    Figure("delivered", "sent", "Emails sent that did not bounce.", minus="bounces"),
    Figure("opened", "unique_opens", "Sent emails opened at least once.", tracked_by=OPENS),
    Figure("opens", "opens", "Opens in total: one email opened three times counts three.", tracked_by=OPENS),
    Figure("clicked", "unique_clicks", "Sent emails in which a link was clicked at least once.", tracked_by=LINKS),
    Figure("clicks", "clicks", "Clicks in all.", tracked_by=LINKS),
    Figure(
        "machine_opened",
        "unique_machine_opens",
        "Of opened: emails of which every open looks like a machine's.",
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
    "days": "Days are UTC days; an open, a click or an answer counts on its own day, not on the day of the email.",
    "rates": "Fractions from 0 to 1; null when nothing was sent. At most 1: an open may arrive before the email it belongs to.",
    "machines": machine_opens.RULE,
    "not_tracked": "Figures that are null because every campaign they are about has that tracking off: unknown, not zero.",
    "partly_tracked": "Figures that leave out some campaigns, because tracking is off there; their rates leave out the same ones.",
}
DEFINITIONS = {item.name: item.meaning for item in (*FIGURE_DEFINITIONS, *RATES)} | RULES

BY: Mapping[str, Mapping[str, str]] = {
    "day": {"day": "day"},
    "campaign": {"campaign_id": "campaign_id", "campaign": "c.name"},
    "step": {"step": "step", "variant": "variant"},
    "email_account": {"email_account": "email_account"},
}
"""By breakdown (day, campaign, step …) the names of its keys in the result, and their columns (`c.`: of the campaign)."""

COLUMNS = tuple(
    dict.fromkeys(column for figure in FIGURE_DEFINITIONS for column in (figure.column, figure.minus) if column)
)
"""Columns of the rollup from which figures are computed."""

_FIGURE = {figure.name: figure for figure in FIGURE_DEFINITIONS}
_TRACKERS = (OPENS, LINKS)
_SELECTED = (*_TRACKERS, "rows", *COLUMNS)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included; None: no end on that side."""

    start: date | None = None
    end: date | None = None

    def filter(self, rows: Source) -> Source:
        days = {name: day for name, day in (("day__gte", self.start), ("day__lte", self.end)) if day}
        return rows.compare(**days) if isinstance(rows, Where) else rows.filter(**days)

    def before(self) -> "Period | None":
        """Return the preceding period of the same length; None for an open one, or before the calendar begins."""
        if not (self.start and self.end):
            return None
        length = self.end - self.start + timedelta(days=1)
        try:
            return Period(self.start - length, self.end - length)
        except OverflowError:
            return None


def total(rows: Source, *, tracking: Mapping[str, bool] | None = None) -> dict[str, Any]:
    """Return all counts and rates over these daily stats, in one statement.

    `tracking`: which events the campaign tracks, if all rows belong to one campaign; used even if there are no rows yet.
    """
    return _figures([row for _, row in _sums_by_key(rows, ())], tracking)


def grouped(rows: Source, by: str, *, tracking: Mapping[str, bool] | None = None) -> list[dict[str, Any]]:
    """Return counts and rates per day, campaign, step or email account (BY), in one statement; empty groups are left out."""
    return total_and_groups(rows, by, tracking=tracking)[1]


def total_and_groups(
    rows: Source, by: str, *, tracking: Mapping[str, bool] | None = None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return `total` and `grouped` of these daily stats, in one statement for both."""
    names = BY[by]
    found = _sums_by_key(rows, tuple(names.values()))
    groups = [(key, [row for _, row in group]) for key, group in groupby(found, itemgetter(0))]
    return _figures([row for _, row in found], tracking), [
        dict(zip(names, key, strict=True)) | _figures(sums, tracking) for key, sums in groups if _is_something(sums)
    ]


def _is_something(sums: Sequence["Sums"]) -> bool:
    """Return whether any column is not 0. Corrections may have returned rows to all zeros: a breakdown leaves them out."""
    return any(row[column] for row in sums for column in COLUMNS)


def nothing(*, tracking: Mapping[str, bool] | None = None) -> dict[str, Any]:
    """Return the counts and rates for no rows, without a statement."""
    return _figures([], tracking)


def daily(
    rows: Source, names: Sequence[str], by: Sequence[str] = ()
) -> dict[tuple[Any, ...], dict[date, tuple[int, ...]]]:
    """Return counts by day for each value of the columns `by`, in one statement: for small charts, which show no rates.

    `names`: figures that need no tracking, defined as in `total`.
    """
    figures = [_FIGURE[name] for name in names]
    assert not any(figure.tracked_by for figure in figures), "what is tracked by some campaigns only has no plain sum"
    sums = {
        f"of_{figure.name}": Sum(F(figure.column) - F(figure.minus) if figure.minus else F(figure.column))
        for figure in figures
    }
    found: dict[tuple[Any, ...], dict[date, tuple[int, ...]]] = {}
    queryset = rows.queryset() if isinstance(rows, fast_reads.Where) else rows
    for row in queryset.order_by().values_list(*by, "day").annotate(**sums):
        found.setdefault(row[: len(by)], {})[row[len(by)]] = row[len(by) + 1 :]
    return found


def tracking_of(*trackers: bool | None) -> dict[str, bool]:
    """Return whether opens and clicks of a campaign are tracked. Unknown counts as tracked."""
    return {name: tracked is not False for name, tracked in zip(_TRACKERS, trackers, strict=True)}


Sums = Mapping[str, Any]
"""COLUMNS summed over rows whose campaigns track the same (_TRACKERS), and how many rows those are (`rows`), all zeros left out."""

SUMMED = """SELECT {key}{on}, sum(s.rows)::bigint, {sums}
FROM (SELECT campaign_id, {inner}count(*) FILTER (WHERE {something}) AS rows, {counts}
    FROM (SELECT * FROM {source}) AS r GROUP BY campaign_id{by})
    AS s LEFT JOIN campaigns_campaign c ON c.id = s.campaign_id
GROUP BY {key}{on}{order}"""
"""SQL that sums per campaign first, so that its tracking is looked up once per campaign and not once per row."""


def _sums_by_key(rows: Source, by: Sequence[str]) -> list[tuple[tuple[Any, ...], Sums]]:
    """Return (key, sums) for each key and each combination of tracked events, in the order of keys."""
    found = organization_stats.sums(rows, by, COLUMNS) if organization_stats.applies_to(rows, by) else _summed(rows, by)
    return [(row[: len(by)], dict(zip(_SELECTED, row[len(by) :], strict=True))) for row in found]


def _summed(rows: Source, by: Sequence[str]) -> list[tuple[Any, ...]]:
    key = [column if column.startswith("c.") else f"s.{column}" for column in by]
    inner = [column.removeprefix("s.") for column in key if column.startswith("s.") and column != "s.campaign_id"]
    listed = "".join(f"{column}, " for column in key)
    return fast_reads.run(
        rows, SUMMED, True, key=listed, on=", ".join(f"c.{tracker} IS NOT FALSE" for tracker in _TRACKERS), something=COUNTS_SOMETHING,
        sums=", ".join(f"sum(s.{column})::bigint" for column in COLUMNS), inner="".join(f"{column}, " for column in inner),
        counts=", ".join(f"sum({column}) AS {column}" for column in COLUMNS), by="".join(f", {column}" for column in inner),
        order=f" ORDER BY {', '.join(key)}" if key else "",
    )  # fmt: skip


def _figures(sums: Sequence[Sums], tracking: Mapping[str, bool] | None) -> dict[str, Any]:
    counted = {None: _added(sums)} | {name: _added(row for row in sums if row[name]) for name in _TRACKERS}
    off = {tracker for tracker in _TRACKERS if _is_off(tracker, counted, tracking)}
    partly = {
        tracker for tracker in _TRACKERS if tracker not in off and counted[tracker]["rows"] < counted[None]["rows"]
    }
    result: dict[str, Any] = {}
    for figure in FIGURE_DEFINITIONS:
        columns = counted[figure.tracked_by or None]
        value = columns[figure.column] - (columns[figure.minus] if figure.minus else 0)
        result[figure.name] = None if figure.tracked_by in off else max(0, value)
    for rate in RATES:
        tracker = _FIGURE[rate.of].tracked_by
        result[rate.name] = _rate(result[rate.of], counted[tracker]["sent"] if tracker else result["sent"])
    result["not_tracked"] = _named(off)
    result["partly_tracked"] = _named(partly)
    return result


def _added(sums: Iterable[Sums]) -> dict[str, int]:
    added = dict.fromkeys(("rows", *COLUMNS), 0)
    for row in sums:
        for name in added:
            added[name] += row[name]
    return added


def _is_off(tracker: str, counted: Mapping[str | None, Sums], tracking: Mapping[str, bool] | None) -> bool:
    if tracking is not None:
        return not tracking[tracker]
    return bool(counted[None]["rows"]) and not counted[tracker]["rows"]


def _rate(part: int | None, whole: int) -> float | None:
    return None if part is None or whole <= 0 else round(min(1.0, part / whole), 4)


def _named(trackers: Iterable[str]) -> list[str]:
    wanted = set(trackers)
    figures = [figure.name for figure in FIGURE_DEFINITIONS if figure.tracked_by in wanted]
    return figures + [rate.name for rate in RATES if rate.of in figures]
