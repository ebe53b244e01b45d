"""Facts for a customer's trust page: our stats beside Instantly's, reasons, completeness.

Stats are those of the latest comparison of each workspace (staff action `drift`), limited to the customer's campaigns; nothing here calls
Instantly.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext

from accounts.models import ProviderConnection
from campaigns.models import Campaign
from instantly.choices import ActionState
from instantly.models import StaffAction
from instantly.monitoring.feed_health import Feed, feed_of, with_feed

UNDATED = {"leads_opened": "opens", "leads_clicked": "clicks"}
"""By compared stat, the events of which Instantly reports a number without dates (instantly/reconciliation/leads.py)."""
MOST_CONNECTIONS = 20


@dataclass(frozen=True, slots=True)
class StatRow:
    """A stat of one campaign, or of all (`campaign` empty). `theirs` None: Instantly does not report it."""

    campaign: str
    stat: str
    ours: int
    theirs: int | None
    reason: str = ""

    @property
    def difference(self) -> int | None:
        return None if self.theirs is None else self.ours - self.theirs


@dataclass(frozen=True, slots=True)
class WorkspaceTrust:
    """A workspace with campaigns of the customer. `compared_at` None: never compared; `totals` empty: the figures of that comparison were
    not stored.
    """

    connection: ProviderConnection
    feed: Feed
    compared_at: datetime | None = None
    compared: int = 0
    totals: Sequence[StatRow] = ()
    differing: Sequence[StatRow] = field(default=())


def workspaces_of(organization_id: UUID) -> list[WorkspaceTrust]:
    """Return the workspaces of a customer's campaigns with the facts of each. Call in a staff scope or SYSTEM."""
    campaigns: dict[UUID, dict[str, str]] = defaultdict(dict)
    own = Campaign.objects.filter(organization_id=organization_id).order_by("name", "id")
    for connection_id, provider_id, name in own.values_list("connection_id", "provider_id", "name"):
        campaigns[connection_id][provider_id] = name
    used = ProviderConnection.objects.filter(Q(organization_id=organization_id) | Q(pk__in=list(campaigns)))
    rows = list(with_feed(used.defer("api_key", "raw"))[:MOST_CONNECTIONS])
    compared = StaffAction.objects.filter(
        connection_id__in=[row.pk for row in rows], kind="drift", state=ActionState.DONE, finished_at__isnull=False
    )
    latest = {
        action.connection_id: action
        for action in compared.order_by("connection_id", "-finished_at").distinct("connection_id")
    }
    return [_trust(row, feed_of(row), latest.get(row.pk), campaigns[row.pk]) for row in rows]


def _trust(
    connection: ProviderConnection, feed: Feed, action: StaffAction | None, campaigns: dict[str, str]
) -> WorkspaceTrust:
    if action is None:
        return WorkspaceTrust(connection, feed)
    stats, figures = action.result.get("stats", []), action.result.get("figures", {})
    differing = [
        StatRow(campaigns[row["campaign"]], stat, figure["local"], figure["instantly"], reason_of(stat, row, feed))
        for row in action.result.get("differ", [])
        if row.get("campaign") in campaigns
        for stat, figure in row["figures"].items()
        if figure["delta"]
    ]
    own = [figures[id] for id in campaigns if id in figures]
    totals = [_total(stat, [row[place] for row in own]) for place, stat in enumerate(stats)] if own else []
    return WorkspaceTrust(connection, feed, action.finished_at, len(own), totals, differing)


def _total(stat: str, pairs: Sequence[Sequence[int | None]]) -> StatRow:
    theirs = [pair[1] for pair in pairs]
    told = None if any(value is None for value in theirs) else sum(value or 0 for value in theirs)
    return StatRow("", stat, sum(pair[0] or 0 for pair in pairs), told)


def reason_of(stat: str, row: dict[str, Any], feed: Feed) -> str:
    """Return the reason why our stat may differ from Instantly's, by the facts of the feed; the first one that applies."""
    delta = row["figures"][stat]["delta"]
    if stat in row.get("in_flight", ()):
        return gettext("It was still changing while it was compared.")
    if feed.complete_since is None:
        return gettext("Gap repair has not succeeded yet, so events may be missing here.")
    open_gaps = [str(gap) for gap in feed.gaps if not gap.filled]
    if open_gaps:
        return gettext("Deliveries are missing and not fetched yet: %(gaps)s.") % {"gaps": "; ".join(open_gaps)}
    undated = feed.undated.get(UNDATED.get(stat, ""), 0)
    if delta < 0 and undated:
        return gettext(
            "Instantly counts %(count)s of these without saying when, so they are in no day's stats here."
        ) % {"count": undated}
    lost = [str(gap) for gap in feed.gaps if stat in UNDATED]
    if delta < 0 and lost:
        return gettext("The webhook was off, and Instantly does not keep what is missing: %(gaps)s.") % {
            "gaps": "; ".join(lost)
        }
    return gettext("No reason is known. Gap repair looks again twice an hour; compare again after it.")
