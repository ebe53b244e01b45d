"""Our totals beside Instantly's analytics, campaign by campaign."""

from dataclasses import dataclass, field
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


@dataclass
class Drift:
    """One campaign. `figures` has local, instantly (None: unknown) and delta of each."""

    campaign: str
    name: str
    figures: dict[str, dict[str, int | None]] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        return any(figure["delta"] for figure in self.figures.values())

    def as_dict(self) -> dict[str, Any]:
        return {"campaign": self.campaign, "name": self.name, "differs": self.differs, "figures": self.figures}


def compare_totals(connection: ProviderConnection, client: InstantlyClient) -> list[Drift]:
    """Compare all campaigns either side knows. A campaign that never sent is not in Instantly's analytics: that is zero.

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
