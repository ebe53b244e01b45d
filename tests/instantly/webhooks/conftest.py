"""Fixtures: post webhook deliveries over HTTP, and a worker that processes them."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.test import Client

from instantly.processing.batch import number_events, process_pending, release_held
from instantly.webhooks.auth import secrets
from tests import factories

PATH = "/webhooks/instantly/webhook"


@pytest.fixture(autouse=True)
def fresh_secrets():
    secrets.forget()
    yield
    secrets.forget()


@pytest.fixture
def post(client: Client) -> Callable[..., Any]:
    """Return `post(secret, body)`: a dict is sent as JSON, bytes as they are."""

    def send(secret: str, body: Any, **headers: str) -> Any:
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        return client.post(PATH, raw, content_type="application/json", headers={"X-Webhook-Secret": secret, **headers})

    return send


@pytest.fixture
def work() -> Callable[[], int]:
    """Return `work()`: process like a worker until nothing is left; it returns the number of deliveries that left the queue."""

    def until_empty() -> int:
        release_held()
        total = 0
        while done := process_pending():
            total += done
        while number_events():
            pass
        return total

    return until_empty


@pytest.fixture
def dedicated(acme_connection):
    """Acme's own workspace with one campaign, and the secret its deliveries carry."""
    campaign = factories.campaign(acme_connection)
    return acme_connection, campaign, factories.webhook_secret(acme_connection)


@pytest.fixture
def payload(dedicated) -> Callable[..., dict[str, Any]]:
    """Return `payload(event_type, **changes)`: a body of Acme's campaign with every documented key."""
    connection, campaign, _ = dedicated

    def body(event_type: str, **changes: Any) -> dict[str, Any]:
        return {
            "timestamp": "2026-07-10T09:00:00.000Z",
            "event_type": event_type,
            "workspace": connection.workspace_id,
            "campaign_id": campaign.provider_id,
            "campaign_name": campaign.name,
            "unibox_url": None,
            "lead_email": "lead@lead.example",
            "email": "lead@lead.example",
            "firstName": "Ada",
            "lastName": "Lee",
            "companyName": "Lead Ltd",
            "step": 1,
            "variant": 1,
            "is_first": True,
            "email_account": "Sender@Sender.example",
        } | changes

    return body
