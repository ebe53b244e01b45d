"""Health of the webhook event feed: queue length, held deliveries, last event per connection.

Also the time since which the feed is complete. `/readyz`, `/metrics` and the admin all read it here. Needs SYSTEM scope (or staff's) on the
database connection `using`. Provider connections are named by id, because a name may be a customer's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Count, Min, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, gettext_noop

from accounts.models import ProviderConnection
from instantly.choices import HeldReason, SyncStatus, SyncTrigger
from instantly.models import Alert, Delivery, Held, Pending, SyncRun

WRITTEN = (
    "SELECT relname, n_tup_ins FROM pg_stat_user_tables WHERE relname IN ('instantly_delivery', 'messaging_event')"
)

UNDATED = {"opens": gettext_noop("opens"), "clicks": gettext_noop("clicks")}


@dataclass(frozen=True, slots=True)
class Backlog:
    """Queue of the worker: number of pending deliveries, age of the oldest in seconds, and held ones by reason."""

    pending: int
    age_seconds: float
    held: dict[str, int]

    @property
    def dead(self) -> int:
        return self.held.get(HeldReason.DEAD, 0)


@dataclass(frozen=True, slots=True)
class Gap:
    """A period without deliveries. A filled gap lacks only data that Instantly does not keep; an open one lacks everything."""

    since: str
    until: str
    filled: bool
    missing: str

    def __str__(self) -> str:
        lost = gettext(self.missing) if self.filled else gettext("everything")
        return gettext("%(lost)s between %(since)s and %(until)s UTC") % {
            "lost": lost,
            "since": self.since[:16].replace("T", " "),
            "until": self.until[:16].replace("T", " "),
        }


@dataclass(frozen=True, slots=True)
class Feed:
    """State of one connection: last delivery, sync and gap repair, and since when its events are complete except for `gaps`."""

    connection_id: UUID
    status: str
    last_event_at: datetime | None
    last_synced_at: datetime | None
    reconciled_at: datetime | None = None
    complete_since: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    undated: dict[str, int] = field(default_factory=dict)

    @property
    def open_gaps(self) -> int:
        return sum(not gap.filled for gap in self.gaps)

    def __str__(self) -> str:
        return completeness(self.complete_since, self.gaps, self.undated)


@dataclass(frozen=True, slots=True)
class OpenAlert:
    kind: str
    connection_id: UUID | None
    since: datetime
    occurrences: int


def gaps_of(facts: Mapping[str, Any]) -> tuple[Gap, ...]:
    """Return the gaps stored in a connection's facts (feed_state.py)."""
    return tuple(Gap(gap["from"], gap["until"], gap["filled"], gap["missing"]) for gap in facts.get("gaps", []))


def completeness(complete_since: datetime | None, gaps: Iterable[Gap], undated: Mapping[str, int]) -> str:
    """Return a sentence: since when the events are complete, and which gaps could not be filled."""
    if complete_since is None:
        return gettext("nothing can be said yet: reconcile_feed has not succeeded")
    since = {"since": f"{complete_since:%Y-%m-%d %H:%M}"}
    but = [*map(str, gaps)]
    if counts := [f"{count} {_stat(stat)}" for stat, count in undated.items() if count]:
        joined = gettext(" and ").join(counts)
        but.append(gettext("%(counts)s that Instantly counts and no longer dates") % {"counts": joined})
    if not but:
        return gettext("complete since %(since)s UTC") % since
    return gettext("complete since %(since)s UTC, but for %(gaps)s") % {**since, "gaps": "; ".join(but)}


def _stat(name: str) -> str:
    return gettext(UNDATED.get(name, name))


def backlog(*, using: str = DEFAULT_DB_ALIAS) -> Backlog:
    pending = Pending.objects.using(using).aggregate(count=Count("pk"), oldest=Min("pk"))
    came = Delivery.objects.using(using).filter(pk=pending["oldest"]).values_list("received_at", flat=True).first()
    held = dict(Held.objects.using(using).order_by().values_list("reason").annotate(count=Count("pk")))
    age = max((timezone.now() - came).total_seconds(), 0.0) if came else 0.0
    return Backlog(pending["count"], round(age, 1), held)


def with_feed(found: QuerySet[ProviderConnection]) -> QuerySet[Any]:
    """Annotate connections with what `feed_of` reads: last_event_at, reconciled_at, feed_facts."""
    latest = Delivery.objects.filter(connection_id=OuterRef("pk")).order_by("-id").values("received_at")[:1]
    runs = SyncRun.objects.filter(connection=OuterRef("pk"), trigger=SyncTrigger.RECONCILE).order_by(
        "-started_at", "-id"
    )
    return found.annotate(
        last_event_at=Subquery(latest),
        reconciled_at=Subquery(runs.filter(status=SyncStatus.SUCCEEDED).values("finished_at")[:1]),
        feed_facts=Subquery(runs.exclude(counts={}).values("counts")[:1]),
    )


def feed_of(connection: Any) -> Feed:
    """Return the Feed of a connection that `with_feed` annotated."""
    facts = connection.feed_facts or {}
    return Feed(
        connection.pk,
        connection.status,
        connection.last_event_at,
        connection.last_synced_at,
        connection.reconciled_at,
        complete_since=parse_datetime(facts.get("complete_since") or ""),
        gaps=gaps_of(facts),
        undated=facts.get("undated") or {},
    )


def feeds(*, using: str = DEFAULT_DB_ALIAS) -> list[Feed]:
    """Return the Feed of every active connection, in one statement."""
    active = ProviderConnection.objects.using(using).active().defer("api_key", "raw")
    return [feed_of(connection) for connection in with_feed(active)]


def alerts(*, using: str = DEFAULT_DB_ALIAS) -> list[OpenAlert]:
    """Return the open alerts, oldest first; their texts are shown in the admin only."""
    opened = Alert.objects.using(using).filter(resolved_at__isnull=True).order_by("since", "id")
    return [OpenAlert(*row) for row in opened.values_list("kind", "connection_id", "since", "occurrences")]


def totals(*, using: str = DEFAULT_DB_ALIAS) -> dict[str, int]:
    """Return the numbers of stored deliveries and recorded events, from PostgreSQL's own table statistics. They lag by a second, and a
    crash of the server resets them."""
    with connections[using].cursor() as cursor:
        cursor.execute(WRITTEN)
        written = dict(cursor.fetchall())
    return {"accepted": written.get("instantly_delivery", 0), "processed": written.get("messaging_event", 0)}
