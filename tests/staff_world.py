"""Test data for the admin: organizations with campaigns, mail, events, deliveries in every state."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from accounts.models import (
    AccessEntry,
    AuditEntry,
    Invitation,
    Membership,
    Organization,
    ProviderConnection,
    WebhookSecret,
)
from campaigns.models import AssignmentRule, Campaign
from instantly.models import Alert, Delivery, Held, Pending, StaffAction, SyncRun
from messaging import identity
from messaging.models import Finding, Message, Suppression
from salesbrain import rls
from tests import factories

HOSTILE = """<p style="color:#a00;background:url(https://tracker.example/a.png);position:fixed">Hello <b>Ann</b>,</p>
<script>document.title='pwned'</script><img src="https://tracker.example/pixel.gif" onerror="document.title='pwned'">
<a href="javascript:alert(1)" onclick="alert(2)">bad</a> <a href="https://sender.example/offer" target="_top">offer</a>
<form action="https://evil.example"><input name="password"><button>Log in</button></form>
<iframe src="https://evil.example"></iframe><style>body{display:none}</style><base href="https://evil.example/">
<svg><script>document.title='pwned'</script></svg><math><mi xlink:href="javascript:1"></mi></math>"""


@dataclass(frozen=True)
class World:
    organizations: list[Organization]
    connections: list[ProviderConnection]
    campaigns: list[Campaign]
    messages: list[Message]
    hostile: Message


def delivery(
    connection: ProviderConnection, number: int, body: dict[str, Any] | None = None, **fields: Any
) -> Delivery:
    """Create a delivery as the webhook stores it, without a place in the queue. Call it in a scope."""
    raw = json.dumps(body or {"event_type": "email_sent", "lead_email": f"lead{number}@lead.example"}).encode()
    digest = sha256(f"{connection.pk} {number}".encode()).digest()
    return Delivery.objects.create(
        connection_id=connection.pk, digest=digest, event_type="email_sent", body=raw, **fields
    )


def build(names: tuple[str, ...] = ("Acme", "Globex"), *, now: datetime | None = None, per: int = 3) -> World:
    """Create the world: for each organization a dedicated connection, and below it `per` rows of each kind."""
    now = now or datetime.now(UTC)
    organizations = [factories.organization(name) for name in names]
    connections, campaigns, messages = [], [], []
    with rls.scope(rls.SYSTEM):
        number = 1000 * Organization.objects.count()  # a second world beside the first takes other ids
    for organization in organizations:
        connection = factories.connection(organization.slug, organization, status="working", last_synced_at=now)
        connections.append(connection)
        factories.webhook_secret(connection)
        user = factories.customer(f"customer@{organization.slug}.example", organization)
        for place in range(per):
            address = f"sender{place}@{organization.slug}.example"
            factories.email_account(connection, address, status="active" if place else "connection_error")
            campaign = factories.campaign(connection, f"{organization.name} wave {place + 1}", synced_at=now)
            campaigns.append(campaign)
            factories.daily_stats(campaign, day=now.date(), sent=40 + place, replies=3, interested=1, bounces=place)
            factories.daily_stats(
                campaign, day=now.date() - timedelta(days=3), sent=120, replies=9, interested=4, bounces=1
            )
            for lead in range(per):
                number += 1
                happened = now - timedelta(hours=number)
                opened: dict[str, Any] = {"opened_at": happened} if lead else {}
                message = factories.message(
                    campaign,
                    f"lead{number}@lead.example",
                    subject=f"Question {number}",
                    happened_at=happened,
                    sent_at=happened,
                    **opened,
                )
                messages.append(message)
                factories.event(
                    campaign, number, contact=message.contact, message=message, lead_email=message.contact.email
                )
        with rls.scope(rls.SYSTEM):
            for state in ("done", "pending", "dead", "workspace_mismatch", "unknown_campaign", "failed"):
                number += 1
                row = delivery(connection, number)
                if state == "pending":
                    Pending.objects.create(delivery_id=row.pk)
                elif state != "done":
                    Held.objects.create(
                        delivery_id=row.pk, reason=state, detail=f"why {number}", attempts=2, next_try_at=now
                    )
            SyncRun.objects.create(
                connection=connection, trigger="command", status="succeeded", counts={"campaigns": per}
            )
            StaffAction.objects.create(
                kind="campaign_pause", connection=connection, target_name="wave", actor_name="operator", state="done",
                outcome="wave is paused now.", finished_at=now,
            )  # fmt: skip
            Finding.objects.create(
                rule="bounces", severity="critical", target_type="campaign", target_id=campaigns[-1].pk, target_name="wave",
                organization=organization, figure=0.08, limit=0.05, sample=120, floor=50, since=now,
            )  # fmt: skip
            Alert.objects.create(kind="dead_deliveries", connection=connection, detail="1 delivery was given up")
            Suppression.objects.create(
                organization=organization, email="stop@lead.example", reason="unsubscribe", first_at=now, last_at=now
            )
            AssignmentRule.objects.create(organization=organization, connection=connection, value=organization.name)
            Invitation.objects.create(
                organization=organization, email=f"new@{organization.slug}.example", role="member", language="en", invited_by=user,
                invited_by_name=user.email, expires_at=now + timedelta(days=3), digest=sha256(organization.slug.encode()).digest(),
            )  # fmt: skip
            AccessEntry.objects.create(
                organization=organization, at=now, actor=user, actor_name=user.email, party="team", action="read",
                conversation_id=messages[-1].pk,
            )  # fmt: skip
            AuditEntry.objects.create(action="seed", actor=user, actor_name=user.email)
            assert (
                Membership.objects.filter(user=user).exists()
                and WebhookSecret.objects.filter(connection=connection).exists()
            )
    return World(organizations, connections, campaigns, messages, _hostile(campaigns[0], now))


def _hostile(campaign: Campaign, now: datetime) -> Message:
    """Create a reply with malicious HTML."""
    person = factories.contact(
        campaign.organization, "mallory@evil.example", replied_at=now, interest="lead_interested"
    )
    with rls.scope(rls.SYSTEM):
        return Message.objects.create(
            id=identity.outbound_id(campaign.pk, person.email, 9, 9),
            organization=campaign.organization,
            campaign=campaign,
            contact=person,
            direction="in",
            subject="<script>alert(1)</script> Re: Question",
            body_html=HOSTILE,
            body_text="Hello <b>Ann</b>, plain words",
            reply_text="plain words",
            happened_at=now,
            sent_at=now,
            email_account="sender0@acme.example",
        )
