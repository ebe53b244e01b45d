"""Dashboard on the admin's first page: stats and alerts per customer, in a fixed number of statements.

Stats come from the rollup, never from counting messages. Days are UTC days. Runs in the scope of the request.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.choices import ConnectionStatus
from accounts.models import EmailAccount, Organization, ProviderConnection
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign
from instantly.choices import ActionState, AlertKind, HeldReason
from instantly.models import Alert, Delivery, Held, Pending, StaffAction
from instantly.monitoring import heartbeats
from instantly.monitoring.feed_health import Feed, feed_of, with_feed
from messaging.email_account_health import MAX_BOUNCE_RATE
from messaging.models import DailyStats
from salesbrain.kernel.messages import shown

LABELS = {"sent": _("Sent"), "replies": _("Replies"), "interested": _("Positive"), "bounces": _("Bounces")}
GIVEN_UP = ngettext_lazy(
    "%(count)s delivery given up: nothing will process them until a person looks",
    "%(count)s deliveries given up: nothing will process them until a person looks",
    "count",
)
OF_ANOTHER_WORKSPACE = ngettext_lazy(
    "%(count)s delivery held: their workspace is not the connection's",
    "%(count)s deliveries held: their workspace is not the connection's",
    "count",
)
WITHOUT_CAMPAIGN = ngettext_lazy(
    "%(count)s delivery waiting for a sync to bring their campaign",
    "%(count)s deliveries waiting for a sync to bring their campaign",
    "count",
)
UNKNOWN = ngettext_lazy(
    "%(count)s action of unknown outcome: check the result in Instantly",
    "%(count)s actions of unknown outcome: check the result in Instantly",
    "count",
)
CANNOT_SEND = ngettext_lazy(
    "%(count)s email account not able to send", "%(count)s email accounts not able to send", "count"
)
UNASSIGNED = ngettext_lazy(
    "%(count)s campaign of a shared workspace assigned to nobody",
    "%(count)s campaigns of a shared workspace assigned to nobody",
    "count",
)
SHOWN = tuple(LABELS)
WEEK = timedelta(days=6)
"""Today and the six days before it."""

RECENT_ACTIONS = timedelta(hours=24)
"""So long an action of staff whose outcome is not known is shown; the sync it asked for has settled it by then."""

LATE_SYNC = timedelta(hours=24)
"""A connection that was not synced for longer is marked: campaigns made since are not known yet."""


@dataclass(slots=True)
class OrganizationRow:
    """One customer: stats of today and of seven days, and how many of its campaigns and mailboxes do not work."""

    organization: Organization
    today: dict[str, int]
    week: dict[str, int]
    sending: int = 0
    not_sending: int = 0
    unhealthy: int = 0

    @property
    def reply_rate(self) -> float | None:
        """Replies per mail sent in seven days as a fraction; None when nothing was sent, which is not 0 %."""
        return self.week["replies"] / self.week["sent"] if self.week["sent"] else None

    @property
    def bounce_rate(self) -> float | None:
        return self.week["bounces"] / self.week["sent"] if self.week["sent"] else None

    @property
    def bounces_too_much(self) -> bool:
        rate = self.bounce_rate
        return rate is not None and rate > MAX_BOUNCE_RATE

    @property
    def is_quiet(self) -> bool:
        return not (any(self.week.values()) or self.sending or self.not_sending or self.unhealthy)


@dataclass(slots=True)
class ConnectionRow:
    """One workspace: last sync, last event, waiting deliveries."""

    connection: ProviderConnection
    feed: Feed
    backlog: int
    held: dict[str, int]
    alerts: int
    sync_is_late: bool

    @property
    def held_total(self) -> int:
        return sum(self.held.values())

    @property
    def works(self) -> bool:
        return self.connection.status == ConnectionStatus.WORKING


@dataclass(frozen=True, slots=True)
class Concern:
    """A sentence about something that needs attention, with a link."""

    text: str
    route: str
    query: str = ""
    detail: str = ""

    @property
    def url(self) -> str:
        """Return the link. `query` begins with "?" for a list; else it is the key of one row."""
        if self.query.startswith("?"):
            return reverse(self.route) + self.query
        return reverse(self.route, args=[self.query])


@dataclass(frozen=True, slots=True)
class Tile:
    label: str | Promise
    today: int
    week: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    now: datetime
    organizations: list[OrganizationRow]
    connections: list[ConnectionRow]
    concerns: list[Concern]

    @property
    def tiles(self) -> list[Tile]:
        """Return the stats of all organizations together."""
        return [
            Tile(
                label,
                today=sum(row.today[name] for row in self.organizations),
                week=sum(row.week[name] for row in self.organizations),
            )
            for name, label in LABELS.items()
        ]


def load_dashboard(*, now: datetime) -> Dashboard:
    """Return the whole content of the page."""
    rows = organizations(today=now.date())
    connections = connection_rows(now=now)
    return Dashboard(now, rows, connections, concerns(rows, connections, now=now))


def organizations(*, today: date) -> list[OrganizationRow]:
    """Return a row per active organization, most active of the week first, the agency's own last."""
    known = list(Organization.objects.filter(is_active=True))
    ids = [organization.pk for organization in known]
    # Organizations are named although all are meant: the index begins with them.
    figures = (
        DailyStats.objects.filter(organization__in=ids, day__gte=today - WEEK, day__lte=today)
        .order_by()
        .values("organization_id")
        .annotate(**{f"week_{name}": Sum(name) for name in SHOWN})
        .annotate(**{f"today_{name}": Coalesce(Sum(name, filter=Q(day=today)), Value(0)) for name in SHOWN})
    )
    by_id = {row["organization_id"]: row for row in figures}
    campaigns = _campaigns()
    unhealthy = _grouped(EmailAccount.objects.unhealthy(), "organization_id")
    rows = [
        OrganizationRow(
            organization,
            today={name: by_id.get(organization.pk, {}).get(f"today_{name}", 0) for name in SHOWN},
            week={name: by_id.get(organization.pk, {}).get(f"week_{name}", 0) for name in SHOWN},
            sending=campaigns[organization.pk, True],
            not_sending=campaigns[organization.pk, False],
            unhealthy=unhealthy.get(organization.pk, 0),
        )
        for organization in known
    ]
    return sorted(rows, key=lambda row: (row.organization.is_house, -row.week["sent"], row.organization.name))


def _campaigns() -> Counter[tuple[UUID, bool]]:
    """Count active campaigns by (organization, whether it sends)."""
    active = Campaign.objects.filter(status=CampaignStatus.ACTIVE, missing_since__isnull=True).order_by()
    counted: Counter[tuple[UUID, bool]] = Counter()
    for organization, reason, count in active.values_list("organization_id", "not_sending").annotate(count=Count("pk")):
        counted[organization, not reason] += count
    return counted


def _grouped(queryset: Any, column: str) -> dict[Any, int]:
    return dict(queryset.order_by().values_list(column).annotate(count=Count("pk")))


def connection_rows(*, now: datetime) -> list[ConnectionRow]:
    """Return a row per active connection, those with something wrong first."""
    active = ProviderConnection.objects.active().defer("api_key", "raw").select_related("organization")
    of_delivery = Delivery.objects.filter(pk=OuterRef("delivery_id")).values("connection_id")
    backlog = _grouped(Pending.objects.annotate(connection=Subquery(of_delivery)), "connection")
    held: dict[Any, dict[str, int]] = {}
    waiting = Held.objects.annotate(connection=Subquery(of_delivery)).order_by().values_list("connection", "reason")
    for connection, reason, count in waiting.annotate(count=Count("pk")):
        held.setdefault(connection, {})[reason] = count
    alerts = _grouped(Alert.objects.filter(resolved_at__isnull=True), "connection_id")
    rows = [
        ConnectionRow(
            connection,
            feed=feed_of(connection),
            backlog=backlog.get(connection.pk, 0),
            held=held.get(connection.pk, {}),
            alerts=alerts.get(connection.pk, 0),
            sync_is_late=connection.last_synced_at is None or connection.last_synced_at < now - LATE_SYNC,
        )
        for connection in with_feed(active)
    ]
    return sorted(rows, key=lambda row: (row.works and not row.alerts, row.connection.name))


def concerns(rows: list[OrganizationRow], connections: list[ConnectionRow], *, now: datetime) -> list[Concern]:
    """Return what needs attention, most pressing first."""
    found = (_jobs(now) if connections else []) + _alerts()
    for reason, words in (
        (HeldReason.DEAD, GIVEN_UP),
        (HeldReason.WORKSPACE_MISMATCH, OF_ANOTHER_WORKSPACE),
        (HeldReason.UNKNOWN_CAMPAIGN, WITHOUT_CAMPAIGN),
    ):
        count = sum(row.held.get(reason, 0) for row in connections)
        if count:
            found.append(
                Concern(
                    words % {"count": count},
                    "admin:instantly_held_changelist",
                    f"?reason__exact={reason}",
                )
            )
    unknown = StaffAction.objects.filter(state=ActionState.UNKNOWN, created_at__gt=now - RECENT_ACTIONS).count()
    if unknown:
        text = UNKNOWN % {"count": unknown}
        found.append(Concern(text, "admin:instantly_staffaction_changelist", f"?state__exact={ActionState.UNKNOWN}"))
    for row in connections:
        if row.connection.status in (
            ConnectionStatus.UNAUTHORIZED,
            ConnectionStatus.UNPAID,
            ConnectionStatus.FORBIDDEN,
            ConnectionStatus.FAILING,
        ):
            found.append(
                Concern(
                    gettext("Connection %(name)s: %(status)s")
                    % {"name": row.connection.name, "status": row.connection.get_status_display()},
                    "admin:accounts_providerconnection_change",
                    query=str(row.connection.pk),
                    detail=shown(row.connection.status_detail),
                )
            )
    unhealthy = sum(row.unhealthy for row in rows)
    if unhealthy:
        text = CANNOT_SEND % {"count": unhealthy}
        found.append(Concern(text, "admin:accounts_emailaccount_changelist", "?health=unhealthy"))
    unassigned = (
        Campaign.objects.unassigned().filter(missing_since__isnull=True).aggregate(count=Count(F("pk")))["count"]
    )
    if unassigned:
        text = UNASSIGNED % {"count": unassigned}
        found.append(Concern(text, "admin:campaigns_campaign_changelist", "?assigned=0"))
    return found


def _jobs(now: datetime) -> list[Concern]:
    seen = (heartbeats.jobs(now=now, process=process) for process in (heartbeats.JOBS, heartbeats.REPLIES))
    return [
        Concern(presence.sentence, "admin:instantly_syncrun_changelist", "?") for presence in seen if presence.absent
    ]


def _alerts() -> list[Concern]:
    """Return one concern per kind of open alert, with its connections, oldest first."""
    opened = Alert.objects.filter(resolved_at__isnull=True).order_by("since", "id")
    by_kind: dict[str, list[tuple[str | None, str]]] = {}
    for kind, name, detail in opened.values_list("kind", "connection__name", "detail"):
        by_kind.setdefault(kind, []).append((name, detail))
    return [
        Concern(
            str(AlertKind(kind).label),
            "admin:instantly_alert_changelist",
            f"?open=1&kind__exact={kind}",
            detail=", ".join(name for name, _ in about if name) or shown(about[0][1]),
        )
        for kind, about in by_kind.items()
    ]
