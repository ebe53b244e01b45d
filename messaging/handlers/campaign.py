"""Event handlers of campaigns: status changes."""

from collections.abc import Iterator

from campaigns.choices import CampaignStatus
from messaging.events import CampaignChange, Change, EventType, ProviderEvent

STATUS = {
    EventType.CAMPAIGN_STARTED: CampaignStatus.ACTIVE,
    EventType.CAMPAIGN_PAUSED: CampaignStatus.PAUSED,
    EventType.CAMPAIGN_COMPLETED: CampaignStatus.COMPLETED,
}


def handle_status(event: ProviderEvent) -> Iterator[Change]:
    if event.campaign_id:
        yield CampaignChange(event.campaign_id, STATUS[event.type].value, event.happened_at)


def handle_nothing(event: ProviderEvent) -> Iterator[Change]:
    """Change nothing: the event is only logged."""
    yield from ()
