"""Fixtures: post a fixture file as a webhook delivery, process it, and read the resulting rows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings

from accounts.models import EmailAccount, Organization
from campaigns.models import Campaign
from instantly.models import Alert, Held, Pending
from messaging.models import Contact, Conversation, DailyStats, Event, Message, Suppression
from salesbrain import rls
from tests import factories
from tests.instantly.webhooks.conftest import fresh_secrets, post, work  # noqa: F401  fixtures

FIXTURES = Path(settings.BASE_DIR) / "fixtures" / "instantly" / "webhooks"
LOGGED, PEOPLE, MAILS = "events", "contacts", "messages"
HOUSEKEEPING = {
    "id", "organization", "connection", "connection_id", "campaign", "contact", "created_at", "updated_at", "recorded_at", "position",
    "provider", "provider_id", "raw", "synced_at", "mail_provider", "warmup_status",
}  # fmt: skip
"""Columns that are checked separately (organization), or do not depend on an event."""


def read(name: str) -> bytes:
    """Return the bytes of a fixture file."""
    return (FIXTURES / f"{name}.json").read_bytes()


@dataclass
class Booked:
    """Database content: `rows` has each table's rows as their non-empty columns."""

    payload: dict[str, Any]
    campaign: Campaign
    organization: Organization
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def of(self, table: str) -> dict[str, Any]:
        """Return the only row of a table as its non-empty columns; fail if there are several."""
        (row,) = self.rows[table]
        return row


@pytest.fixture
def workspace(acme):
    """Create Acme's workspace and campaign with the ids of the fixture files; return the webhook secret."""
    body = orjson.loads(read("email_sent"))
    connection = factories.connection("acme", acme, workspace_id=body["workspace"])
    campaign = factories.campaign(connection, body["campaign_name"], provider_id=body["campaign_id"])
    return connection, campaign, factories.webhook_secret(connection)


@pytest.fixture
def book(workspace, post, work) -> Callable[..., Booked]:  # noqa: F811
    """Return `book(name, **changes)`: post a fixture file (unchanged bytes if nothing is changed), process it, read all tables."""
    _, campaign, secret = workspace

    def deliver(name: str, **changes: Any) -> Booked:
        raw = read(name)
        payload = orjson.loads(raw) | changes
        answer = post(secret, orjson.dumps(payload) if changes else raw)
        assert (answer.status_code, answer.json()) == (200, {"success": True, "message": "accepted"})
        work()
        return look(payload, campaign)

    return deliver


def look(payload: dict[str, Any], campaign: Campaign) -> Booked:
    """Read every table that an event may write, and check that each row belongs to the campaign's organization."""
    booked = Booked(payload, campaign, campaign.organization)
    with rls.scope(rls.SYSTEM):
        tables: dict[str, list[Any]] = {
            "events": list(Event.objects.order_by("id")),
            "contacts": list(Contact.objects.order_by("email")),
            "messages": list(Message.objects.order_by("-direction", "step")),
            "conversations": list(Conversation.objects.all()),
            "suppressions": list(Suppression.objects.order_by("reason")),
            "email accounts": list(EmailAccount.objects.all()),
            "figures": list(DailyStats.objects.order_by("day", "email_account", "step")),
        }
        rest = list(Pending.objects.all()), list(Held.objects.all()), list(Alert.objects.all())
        now = Campaign.objects.get(pk=campaign.pk)
    assert rest == ([], [], []), "nothing waits, nothing is held, nobody is alarmed"
    assert {row.organization_id for rows in tables.values() for row in rows} == {campaign.organization_id}
    assert {event.connection_id for event in tables["events"]} == {campaign.connection_id}
    named = campaign.pk if payload.get("campaign_id") else None
    assert {row.campaign_id for name in ("messages", "figures") for row in tables[name]} <= {named}
    assert {row.pk for row in tables["conversations"]} <= {person.pk for person in tables["contacts"]}
    positions = sorted(event.position for event in tables["events"])
    assert all(after == before + 1 for before, after in pairwise(positions))
    known = {row.pk: row for name in ("contacts", "messages") for row in tables[name]}
    for name, rows in tables.items():
        booked.rows[name] = [facts(row) for row in rows]
    for event, told in zip(tables["events"], booked.rows["events"], strict=True):
        told["campaign"] = event.campaign_id == campaign.pk
        told["contact"] = event.contact_id in known
        if event.message_id:
            told["message"] = known[event.message_id].direction
    if now.status_at:
        booked.rows["campaign"] = [{"status": now.status, "status_at": moment(now.status_at)}]
    return booked


def facts(row: Any) -> dict[str, Any]:
    """Return a row's non-empty columns, with times in the format of deliveries."""
    told = {}
    for column in row._meta.concrete_fields:
        if column.generated:  # worked out from the others
            continue
        value = getattr(row, column.attname)
        if column.name not in HOUSEKEEPING and column.name != "message" and value not in (None, "", 0, False):
            told[column.name] = moment(value) if isinstance(value, datetime) else value
    return told


def moment(value: datetime) -> str:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
