"""Dashboard of the admin, in a fixed number of statements for any number of customers.

Runs in the scope of the request.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from instantly.admin.finding_targets import finding_url, fix_of, target_url, worst_first
from instantly.admin.findings import fix_link
from instantly.choices import ActionState, HeldReason, PromotionState
from instantly.models import Promotion, StaffAction
from instantly.monitoring import heartbeats
from messaging.choices import Severity
from messaging.findings.snoozes import open_findings
from messaging.findings.words import figure, label, sentence
from messaging.models import Finding
from salesbrain.site.admin.dashboard_connections import ConnectionRow, connection_rows
from salesbrain.site.admin.dashboard_customers import WEEK, OrganizationRow, fill, organizations

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
PROMOTIONS = ngettext_lazy(
    "%(count)s promotion stopped or waits for confirmation",
    "%(count)s promotions stopped or wait for confirmation",
    "count",
)
RECENT_ACTIONS = timedelta(hours=24)
"""Age up to which actions of unknown outcome are shown; by then the sync that they requested has settled them."""
SHOWN_FINDINGS, SHOWN_ACTIONS = 25, 8
MOST_ROWS = 100
"""Customers with a row of their own; the others are in the list of organizations."""
MOST_CONNECTIONS = 50
"""Connections with a row of their own, those with a problem first."""
MOST_FINDINGS = 5000
"""Findings that are read to be counted by customer."""


@dataclass(frozen=True, slots=True)
class Concern:
    """A problem of the installation that is no finding of a rule: one sentence and a link."""

    text: str
    route: str
    query: str = ""

    @property
    def url(self) -> str:
        return reverse(self.route) + self.query


@dataclass(frozen=True, slots=True)
class Tile:
    label: str | Promise
    today: int
    week: int


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding as the dashboard shows it; `fix`: the button that fixes it, empty where there is none."""

    finding: Finding
    fix: SafeString | str

    @property
    def label(self) -> str:
        return f"{label(self.finding.rule)} {figure(self.finding)}".strip()

    @property
    def sentence(self) -> str:
        return sentence(self.finding)

    @property
    def url(self) -> str:
        return finding_url(self.finding)

    @property
    def target_url(self) -> str:
        return target_url(self.finding)

    @property
    def tone(self) -> str:
        return {Severity.CRITICAL: "bad", Severity.WARNING: "warn"}.get(Severity(self.finding.severity), "quiet")


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one severity: how many there are, and the first of them."""

    severity: Severity
    count: int
    rows: list[FindingRow]

    @property
    def url(self) -> str:
        return f"{reverse('admin:messaging_finding_changelist')}?severity__exact={self.severity}"


@dataclass(frozen=True, slots=True)
class Dashboard:
    now: datetime
    sentence: str
    groups: list[Group]
    organizations: list[OrganizationRow]
    connections: list[ConnectionRow]
    concerns: list[Concern]
    actions: list[StaffAction]
    listed: list[OrganizationRow]

    @property
    def week_start(self) -> date:
        return self.now.date() - WEEK

    @property
    def listed_connections(self) -> list[ConnectionRow]:
        return self.connections[:MOST_CONNECTIONS]

    @property
    def unlisted_connections(self) -> int:
        return max(0, len(self.connections) - MOST_CONNECTIONS)

    @property
    def unlisted(self) -> int:
        return max(0, len(self.organizations) - MOST_ROWS)

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


def load_dashboard(request: HttpRequest, *, now: datetime) -> Dashboard:
    """Return the whole content of the page."""
    findings = worst_first(list(open_findings(now).select_related("organization")[:MOST_FINDINGS]))
    rows = organizations(today=now.date(), findings=findings)
    shown = _listed(rows)
    fill(shown, today=now.date())
    connections = connection_rows(now=now, most=MOST_CONNECTIONS)
    found = concerns(connections, now=now)
    actions = list(StaffAction.objects.order_by("-created_at", "-id")[:SHOWN_ACTIONS])
    return Dashboard(
        now, _sentence(findings, found), _groups(findings, request), rows, connections, found, actions, shown
    )


def _listed(rows: list[OrganizationRow]) -> list[OrganizationRow]:
    """Return the customers to list: all or, if there are too many, those with critical findings, then the busiest."""
    if len(rows) <= MOST_ROWS:
        return rows
    return sorted(rows, key=lambda row: row.worst != Severity.CRITICAL)[:MOST_ROWS]


def _sentence(findings: list[Finding], found: list[Concern]) -> str:
    """Return one sentence on the problems that need attention and the customers concerned."""
    pressing = [row for row in findings if row.severity != Severity.NOTICE]
    if not pressing:
        if found:
            return gettext("No rule found anything, but the installation needs a look.")
        return gettext("Nothing needs attention: every rule is silent, every delivery is processed.")
    customers = len({row.organization_id for row in pressing if row.organization and not row.organization.is_house})
    critical = sum(row.severity == Severity.CRITICAL for row in pressing)
    count = ngettext("%(count)s thing needs attention", "%(count)s things need attention", len(pressing)) % {
        "count": len(pressing)
    }
    where = ngettext("at %(count)s customer", "at %(count)s customers", customers) % {"count": customers}
    return gettext("%(things)s %(where)s, %(critical)s of them critical.") % {
        "things": count,
        "where": where,
        "critical": critical,
    }


def _groups(findings: list[Finding], request: HttpRequest) -> list[Group]:
    """Group the findings by severity; together the groups show only the worst SHOWN_FINDINGS."""
    groups, left = [], SHOWN_FINDINGS
    for severity in Severity:
        own = [row for row in findings if row.severity == severity]
        rows = [FindingRow(row, fix_link(row, fix_of(row, request))) for row in own[:left]]
        left -= len(rows)
        if own:
            groups.append(Group(severity, len(own), rows))
    return groups


def concerns(connections: list[ConnectionRow], *, now: datetime) -> list[Concern]:
    """Return the problems of the installation itself, most urgent first."""
    found = _jobs(now) if connections else []
    for reason, words in (
        (HeldReason.DEAD, GIVEN_UP),
        (HeldReason.WORKSPACE_MISMATCH, OF_ANOTHER_WORKSPACE),
        (HeldReason.UNKNOWN_CAMPAIGN, WITHOUT_CAMPAIGN),
    ):
        count = sum(row.held.get(reason, 0) for row in connections)
        if count:
            route = "admin:instantly_held_changelist"
            found.append(Concern(words % {"count": count}, route, f"?reason__exact={reason}"))
    unknown = StaffAction.objects.filter(state=ActionState.UNKNOWN, created_at__gt=now - RECENT_ACTIONS).count()
    if unknown:
        text = UNKNOWN % {"count": unknown}
        found.append(Concern(text, "admin:instantly_staffaction_changelist", f"?state__exact={ActionState.UNKNOWN}"))
    waiting = Promotion.objects.filter(state__in=[PromotionState.DONE, PromotionState.STOPPED]).count()
    if waiting:
        found.append(Concern(PROMOTIONS % {"count": waiting}, "admin:promotions", "?"))
    return found


def _jobs(now: datetime) -> list[Concern]:
    seen = (heartbeats.jobs(now=now, process=process) for process in (heartbeats.JOBS, heartbeats.REPLIES))
    return [
        Concern(presence.sentence, "admin:instantly_syncrun_changelist", "?") for presence in seen if presence.absent
    ]
