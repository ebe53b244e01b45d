"""Load the content of the overview page, in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet, Subquery

from accounts.models import EmailAccount
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign
from messaging import stats
from messaging.campaign_figures import BEST, CampaignRow, campaign_rows
from messaging.campaign_figures import days as days_of
from messaging.choices import Origin
from messaging.email_account_rows import AccountRow, with_health, worst_first
from messaging.inbox import listing
from messaging.inbox.listing import Row
from messaging.models import DailyStats, Event, Message
from messaging.replies import counts_since

DAYS = 30
WEEK = 7
WEEKS_BEFORE = 4
TILES = ("sent", "replies", "positive_replies", "meetings", "bounced")
REPLIES = CAMPAIGNS = ACCOUNTS = 5
EVENTS = 8
MONDAY, FRIDAY = 0, 4


@dataclass(frozen=True, slots=True)
class Tile:
    """A stat of the last seven days against the average of the four weeks before; `line`: its values by day."""

    name: str
    value: int
    usual: float | None
    line: Sequence[int]


@dataclass(frozen=True, slots=True)
class News:
    """Replies since the last working day began (UTC), by category."""

    since: datetime
    by_category: Mapping[str | None, int]

    @property
    def replies(self) -> int:
        return sum(self.by_category.values())


@dataclass(frozen=True, slots=True)
class Overview:
    """Content of the page. `position`: number of the latest event in the feed; 0 if there is none."""

    news: News
    to_answer: Sequence[Row]
    tiles: Sequence[Tile]
    campaign_rows: Sequence[CampaignRow]
    troubled: Sequence[AccountRow]
    events: Sequence[Event]
    campaigns: int
    sending: int
    accounts: int
    position: int
    week: tuple[date, date]

    @property
    def last_event_at(self) -> datetime | None:
        return max((event.recorded_at for event in self.events), default=None)

    @property
    def is_empty(self) -> bool:
        return not self.campaigns and not self.events


@dataclass(frozen=True, slots=True)
class Sources:
    """Querysets of the rows the overview shows: of one organization (`is_of_one`), or for staff of all organizations, including the
    agency's own.
    """

    campaigns: "QuerySet[Campaign]"
    accounts: "QuerySet[EmailAccount]"
    messages: "QuerySet[Message]"
    events: "QuerySet[Event]"
    stats: "QuerySet[DailyStats]"
    organizations: Sequence[UUID]
    is_of_one: bool
    shows_texts: bool


def load_overview(sources: Sources, *, now: datetime) -> Overview:
    today = now.astimezone(UTC).date()
    start = today - timedelta(days=WEEK - 1)
    present = sources.campaigns.filter(missing_since__isnull=True)
    numbered = sources.events.filter(position__isnull=False).order_by("-position")
    counted = present.order_by().aggregate(
        all=Count("pk"),
        sending=Count("pk", filter=Q(status=CampaignStatus.ACTIVE)),
        position=Max(Subquery(numbered.values("position")[:1])),
    )
    position = counted["position"] or numbered.values_list("position", flat=True).first() or 0
    # Without what we concluded ourselves: a category is shown at its reply.
    happened = sources.events.filter(position__isnull=False).exclude(origin=Origin.RULE)
    # Of all organizations by their numbers: no index has the times of all.
    order = ("-happened_at", "-id") if sources.is_of_one else ("-position",)
    recent = happened.order_by(*order).select_related("contact", "campaign")
    accounts = list(sources.accounts.defer("raw"))
    shown = sources.organizations if sources.is_of_one else None
    since = last_working_day(now)
    return Overview(
        news=News(since, counts_since(sources.messages, since)),
        to_answer=listing.rows(
            listing.to_answer(sources.organizations, now=now, limit=REPLIES), texts=sources.shows_texts
        ),
        tiles=tiles(sources.stats, today),
        campaign_rows=best_campaigns(present, today),
        troubled=worst_first(with_health(accounts, today=today, organizations=shown)),
        events=list(recent.only(*EVENT_COLUMNS)[:EVENTS]) if position else [],
        campaigns=counted["all"],
        sending=counted["sending"],
        accounts=len(accounts),
        position=position,
        week=(start, today),
    )


def best_campaigns(present: "QuerySet[Campaign]", today: date) -> Sequence[CampaignRow]:
    """Return the best campaigns that sent in 30 days; any, where none of them did."""
    found = campaign_rows(present, start=today - timedelta(days=DAYS - 1), end=today, order=f"-{BEST}", limit=CAMPAIGNS)
    return [row for row in found if row.figures["sent"]] or found


EVENT_COLUMNS = (
    "id", "organization_id", "type", "detail", "happened_at", "recorded_at", "lead_email", "contact__id", "contact__email",
    "contact__first_name", "contact__last_name", "campaign__id", "campaign__name",
)  # fmt: skip


def tiles(rows: "QuerySet[DailyStats]", today: date) -> list[Tile]:
    """Return the week's stats in one statement. None of them depends on tracking, so days add up to the totals of messaging.stats."""
    first = today - timedelta(days=WEEK * (1 + WEEKS_BEFORE) - 1)
    by_day = stats.daily(stats.Period(first, today).filter(rows), TILES).get((), {})
    days = days_of(first, today)
    made = []
    for place, name in enumerate(TILES):
        values = [by_day.get(day, (0,) * len(TILES))[place] for day in days]
        known = [day for day in by_day if day <= today - timedelta(days=WEEK)]
        usual = sum(values[:-WEEK]) / WEEKS_BEFORE if known else None
        made.append(Tile(name, sum(values[-WEEK:]), usual, values[-DAYS:]))
    return made


def last_working_day(now: datetime) -> datetime:
    """Return the beginning of the previous working day (UTC): on Monday and at weekends Friday's."""
    today = now.astimezone(UTC).date()
    back = {MONDAY: 3, 6: 2}.get(today.weekday(), 1)
    return datetime.combine(today - timedelta(days=back), time(), UTC)
