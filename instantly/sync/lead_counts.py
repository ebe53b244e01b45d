"""Lead counts of campaigns (all, contacted, finished), from `GET /campaigns/analytics`.

https://developer.instantly.ai/api-reference/campaign: `leads_count`, `contacted_count` (leads whose sequence has started)
and `completed_count`, all of them over all days. A campaign that never sent is absent there, and its counts stay unknown.
"""

import logging
from typing import Any

import orjson

from accounts.models import ProviderConnection
from instantly.client import InstantlyClient
from instantly.client.errors import InstantlyError
from instantly.schemas import CampaignAnalytics
from salesbrain import rls

from .mirror import run_statement

logger = logging.getLogger(__name__)

FIELDS = ("leads_count", "contacted_count", "completed_count")
BIGGEST = 2**31 - 1


def store_lead_counts(connection: ProviderConnection, client: InstantlyClient) -> int:
    """Store the lead counts of all campaigns of a connection; return how many campaigns Instantly reported. Call outside a transaction.

    A failure of Instantly's is only logged: the counts are for display only, and the next sync reads them again.
    """
    try:
        counts = [_counts(row) for row in client.campaign_analytics()]
    except InstantlyError as error:
        logger.info("No lead counts of %s: %s", connection.name, error)
        return 0
    if counts:
        with rls.scope(rls.SYSTEM):
            run_statement("lead_counts", {"connection": connection.pk, "counts": orjson.dumps(counts).decode()})
    return len(counts)


def _counts(row: CampaignAnalytics) -> dict[str, Any]:
    return {"provider_id": row.campaign_id, **{name: _count_or_none(getattr(row, name)) for name in FIELDS}}


def _count_or_none(number: float | None) -> int | None:
    """Return a count as an integer; None if it is missing, negative or too large for the column."""
    return int(number) if number is not None and 0 <= number <= BIGGEST else None
