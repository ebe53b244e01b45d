"""Time zone of a contact, from a variable of the customer's list or the campaign's schedule."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from accounts.models.user import time_zones
from campaigns.models import Campaign
from campaigns.schedule import sending_times


class ZoneSource(StrEnum):
    """Source of a contact's time zone."""

    LIST = "list"
    """Source: a variable of the customer's own list of leads, such as `timezone`."""

    CAMPAIGN = "campaign"
    """Source: the zone in which the campaign sends, which is that of most of its leads."""


UNNAMED = "UTC"
"""Zone stored for a schedule without a time zone, so it is no evidence of the contacts' zone."""


@dataclass(frozen=True, slots=True)
class ContactZone:
    """IANA name of a contact's time zone, and its source."""

    name: str
    source: ZoneSource

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.name)


def contact_zone(listed: str, campaign: Campaign | None) -> ContactZone | None:
    """Return the time zone of a contact, None if neither source names one.

    `listed`: value of the variable in the customer's list, "" without one; `campaign`: the one that wrote to the contact last. A value that
    is no IANA name is ignored.
    """
    found: Mapping[ZoneSource, str] = {
        ZoneSource.LIST: listed.strip(),
        ZoneSource.CAMPAIGN: _of_campaign(campaign),
    }
    known = time_zones()
    return next((ContactZone(name, source) for source, name in found.items() if name in known), None)


def _of_campaign(campaign: Campaign | None) -> str:
    times = sending_times(campaign.schedule) if campaign is not None else []
    return times[0].zone if times and times[0].zone != UNNAMED else ""
