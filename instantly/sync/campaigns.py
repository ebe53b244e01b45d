"""Map a campaign of Instantly's API to a row of our table."""

from typing import Any

from campaigns.choices import CampaignStatus
from instantly.schemas import Campaign
from instantly.sync import statuses
from instantly.sync.email_accounts import read_address

LONGEST_NAME = 500
"""Characters of a name that are shown and sorted by: a row of an index holds some 2,700 bytes. `raw` has the whole."""


def shortened(name: str) -> str:
    """Return a name, cut with a visible mark where it is too long for an index."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def key(campaign: Campaign) -> str:
    return campaign.id


def row(campaign: Campaign) -> dict[str, Any]:
    """Return the columns for sql/campaigns.sql; it takes schedule and sequences from the object itself."""
    return {
        "provider_id": campaign.id,
        "name": shortened(campaign.name),
        "status": statuses.word(statuses.CAMPAIGN, campaign.status, CampaignStatus.UNKNOWN),
        "status_code": statuses.code(campaign.status),
        "not_sending": statuses.not_sending(campaign.not_sending_status),
        "daily_limit": statuses.code(campaign.daily_limit),
        "open_tracking": campaign.open_tracking,
        "link_tracking": campaign.link_tracking,
        "senders": sorted({read_address(address) for address in campaign.email_list or ()}),
        "provider_created_at": campaign.timestamp_created,
        "provider_updated_at": campaign.timestamp_updated,
    }
