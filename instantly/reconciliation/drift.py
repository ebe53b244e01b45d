"""Compare our stats with Instantly's analytics, campaign by campaign."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import sleep
from typing import Any

from accounts.models import ProviderConnection
from instantly.client import InstantlyClient
from instantly.reconciliation.statements import run_statement
from salesbrain import rls

COMPARED = {
    "sent": "emails_sent_count",
    "auto_replies": "reply_count_automatic",
    "leads_opened": "open_count",
    "leads_clicked": "link_click_count_unique",
    "leads_replied": "reply_count_unique",
    "leads_bounced": "bounced_count",
    "leads_unsubscribed": "unsubscribed_count",
}
"""Our figure (in the order of sql/local_totals.sql) and the field of GET /campaigns/analytics that counts the same.

`open_count` is documented there as leads with an open. Instantly's own interest figures leave out changes within ten
minutes of one another, so they are not compared."""


PAUSE = 3.0
"""Seconds between two comparisons, longer than a delivery and its processing usually take."""


@dataclass
class Drift:
    """Differences of one campaign. `figures`: by stat, local value, Instantly's (None: unknown) and their difference; `in_flight`: names of
    stats that are still changing.
    """

    campaign: str
    name: str
    figures: dict[str, dict[str, int | None]] = field(default_factory=dict)
    in_flight: set[str] = field(default_factory=set)

    @property
    def differing(self) -> set[str]:
        return {name for name, figure in self.figures.items() if figure["delta"]} - self.in_flight

    @property
    def differs(self) -> bool:
        return bool(self.differing)

    def look_again(self, later: "Drift") -> None:
        """Merge a later comparison of the same campaign, and note which differences may only be mails in flight: those
        that vanished in the meantime, or were smaller than the growth of the value since."""
        for name in self.differing:
            before, now = self.figures[name]["local"] or 0, later.figures[name]["local"] or 0
            delta = later.figures[name]["delta"]
            if not delta or now - before >= abs(delta):
                self.in_flight.add(name)
        self.figures = later.figures

    def as_dict(self) -> dict[str, Any]:
        return {
            "campaign": self.campaign,
            "name": self.name,
            "differs": self.differs,
            "in_flight": sorted(name for name in self.in_flight if self.figures[name]["delta"]),
            "figures": self.figures,
        }


def compare_until_settled(
    connection: ProviderConnection, client: InstantlyClient, *, seconds: float, sleep: Callable[[float], object] = sleep
) -> list[Drift]:
    """Compare the stats of all campaigns; while some differ, compare again every PAUSE for up to `seconds`.

    Call outside a transaction. Raises InstantlyError.
    """
    rows = compare_totals(connection, client)
    left = seconds
    while left > 0 and any(row.differs for row in rows):
        sleep(min(PAUSE, left))
        left -= PAUSE
        later = {row.campaign: row for row in compare_totals(connection, client)}
        for row in rows:
            if row.campaign in later:
                row.look_again(later[row.campaign])
    return rows


def compare_totals(connection: ProviderConnection, client: InstantlyClient) -> list[Drift]:
    """Compare all campaigns of either side. A campaign that never sent is missing in Instantly's analytics: it counts as zero.

    Call outside a transaction. Raises InstantlyError.
    """
    theirs = {row.campaign_id: row for row in client.campaign_analytics(exclude_total_leads_count=True)}
    with rls.scope(rls.SYSTEM):
        ours = {row[0]: row for row in run_statement("local_totals", {"connection": connection.pk})}
    found = []
    for id in {**ours, **theirs}:
        mine, their = ours.get(id), theirs.get(id)
        name = str(mine[1] if mine else their.campaign_name if their else "")
        row = Drift(id, name)
        for place, (figure, field_name) in enumerate(COMPARED.items(), 2):
            local = int(mine[place]) if mine else 0
            reported = getattr(their, field_name) if their else 0
            there = int(reported) if reported is not None else None
            row.figures[figure] = {
                "local": local,
                "instantly": there,
                "delta": None if there is None else local - there,
            }
        found.append(row)
    return found
