"""Fixtures: a campaign whose webhook deliveries are stored and processed at once, one by one."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from django.db import connections

from campaigns.models import Campaign
from instantly.processing.batch import process_pending
from instantly.webhooks.store import store_raw
from messaging.models import Conversation
from salesbrain import rls
from tests import factories

LEAD = "lead@lead.example"
Deliver = Callable[..., int | None]


def delivered(campaign: Campaign, type: str, at: str, **changes: Any) -> int | None:
    """Store a delivery of the campaign at a time of 10 July 2026, such as "12:00", and record it; return its number."""
    body: dict[str, Any] = {
        "timestamp": f"2026-07-10T{at}:00.000Z",
        "event_type": type,
        "workspace": campaign.connection.workspace_id,
        "campaign_id": campaign.provider_id,
        "lead_email": LEAD,
        "email_account": "sender@sender.example",
        "step": 1,
        "variant": 1,
    }
    if "reply" in type:
        body |= {"reply_subject": "Re: Hello", "reply_text": f"Yes, at {at}"}
    if type == "manual_email_sent":
        body |= {"email_subject": "Re: Hello", "email_text": "Thank you", "email_id": f"manual-{at}"}
    stored = store_raw(campaign.connection_id, orjson.dumps(body | changes))
    process_pending()
    return stored.id if hasattr(stored, "id") else stored  # type: ignore[union-attr]


@pytest.fixture
def campaign(acme_connection) -> Campaign:
    return factories.campaign(acme_connection)


@pytest.fixture
def deliver(campaign) -> Deliver:
    return lambda type, at, **changes: delivered(campaign, type, at, **changes)


@pytest.fixture
def conversation() -> Callable[[], Conversation]:
    """Return the only conversation, reloaded from the database."""

    def read() -> Conversation:
        with rls.scope(rls.SYSTEM):
            return Conversation.objects.get()

    return read


@pytest.fixture
def empty_queue(transactional_db: None) -> Iterator[None]:
    """Empty procrastinate's tables, which nothing else flushes."""
    yield
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
