"""Derive events (campaign paused, account failed) from status changes that a sync finds.

They are stored like webhook deliveries. A change is derived in the transaction that writes it, so each is reported once: a sync killed
before its commit has changed nothing, and one killed afterwards finds no change any more.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import orjson

from accounts.choices import EmailAccountStatus
from accounts.models import ProviderConnection
from campaigns.choices import CampaignStatus
from instantly.webhooks.store import store_raw
from messaging.choices import Origin
from messaging.events import EventType

from .mirror import CAMPAIGNS, EMAIL_ACCOUNTS, Change, Kind

SENDING = {CampaignStatus.ACTIVE, CampaignStatus.RUNNING_SUBSEQUENCES}
STOPPED = {
    CampaignStatus.PAUSED,
    CampaignStatus.ACCOUNTS_UNHEALTHY,
    CampaignStatus.BOUNCE_PROTECT,
    CampaignStatus.ACCOUNT_SUSPENDED,
}
STARTABLE = STOPPED | {CampaignStatus.DRAFT, CampaignStatus.COMPLETED}

JUST_BEFORE = timedelta(milliseconds=1)


def store_derived_events(
    kind: Kind, connection: ProviderConnection, changes: Iterable[Change], *, seen_at: datetime
) -> int:
    """Store the events that follow from status changes among `changes`; return their number. Call in their transaction.

    An object seen for the first time has not changed. The events are a millisecond older than the status itself: the row has Instantly's
    own status (bounce_protect), which the event's more general one (paused) must not replace.
    """
    stored = 0
    for change in changes:
        event_type = MEANINGS[kind.name](change) if change.restated and change.old_status is not None else None
        if event_type is not None:
            body = _body(kind, connection, change, event_type, seen_at - JUST_BEFORE)
            stored += store_raw(connection.pk, orjson.dumps(body), origin=Origin.DERIVED) is not None
    return stored


def _campaign(change: Change) -> EventType | None:
    if change.old_status in STARTABLE and change.status == CampaignStatus.ACTIVE:
        return EventType.CAMPAIGN_STARTED
    if change.old_status in SENDING and change.status in STOPPED:
        return EventType.CAMPAIGN_PAUSED
    return None


def _email_account(change: Change) -> EventType | None:
    suspended = change.status == EmailAccountStatus.SUSPENDED and change.old_status != EmailAccountStatus.SUSPENDED
    return EventType.ACCOUNT_SUSPENDED if suspended else None


MEANINGS: dict[str, Callable[[Change], EventType | None]] = {
    CAMPAIGNS.name: _campaign,
    EMAIL_ACCOUNTS.name: _email_account,
}


def _body(kind: Kind, connection: ProviderConnection, change: Change, event_type: str, at: datetime) -> dict[str, Any]:
    """Return the body of a delivery that reports the change, as Instantly would have written it."""
    about = (
        {"campaign_id": change.key, "campaign_name": change.name}
        if kind is CAMPAIGNS
        else {"email_account": change.key}
    )
    return {
        "timestamp": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "event_type": event_type,
        "workspace": connection.workspace_id,
        **about,
        "status_before": change.old_status,
        "status": change.status,
    }
