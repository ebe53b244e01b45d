"""Factories of valid rows (organization, campaign, message …) for tests, created in SYSTEM scope.

Values that matter to a test are in the test.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from knox.models import get_token_model

from accounts.choices import MembershipRole
from accounts.models import (
    AccessEntry,
    EmailAccount,
    Invitation,
    Membership,
    Organization,
    ProviderConnection,
    User,
    WebhookSecret,
)
from campaigns.choices import CampaignStatus
from campaigns.models import AssignmentRule, Campaign
from instantly.models import Promotion, StaffAction
from messaging import identity
from messaging.choices import Direction
from messaging.models import (
    Contact,
    ContactLabel,
    Conversation,
    DailyStats,
    Event,
    Finding,
    Message,
    Note,
    OutboxMessage,
    Snippet,
)
from salesbrain import rls

NOON = datetime(2026, 7, 10, 12, tzinfo=UTC)


def house() -> Organization:
    with rls.scope(rls.SYSTEM):
        return Organization.objects.house()


def organization(name: str, **fields: Any) -> Organization:
    with rls.scope(rls.SYSTEM):
        return Organization.objects.create(name=name, slug=name.lower(), **fields)


def connection(name: str, organization: Organization | None, **fields: Any) -> ProviderConnection:
    """Create a workspace with a generated key. `organization` None: shared."""
    made = ProviderConnection(
        name=name, organization=organization, workspace_id=str(uuid4()), workspace_name=name.title()
    )
    made.set_api_key(f"key-{uuid4().hex}")
    for field, value in fields.items():
        setattr(made, field, value)
    with rls.scope(rls.SYSTEM):
        made.save()
    return made


def complete_first_sync(connection: ProviderConnection) -> None:
    """Make a workspace's first sync complete (some days old, synced just now), so that its pages show no notice."""
    now = timezone.now()
    with rls.scope(rls.SYSTEM):
        known = ProviderConnection.objects.filter(pk=connection.pk)
        known.update(created_at=now - timedelta(days=3), last_synced_at=now)


def webhook_secret(connection: ProviderConnection) -> str:
    """Issue a webhook secret and return it in plain text."""
    with rls.scope(rls.SYSTEM):
        return WebhookSecret.objects.issue(connection).secret


def customer(email: str, *organizations: Organization, role: str = MembershipRole.OWNER) -> User:
    user = User.objects.create_user(email, "customer-password")
    with rls.scope(rls.SYSTEM):
        for organization in organizations:
            Membership.objects.create(user=user, organization=organization, role=role)
    return user


def token(user: User) -> str:
    return get_token_model().objects.create(user)[1]


def _owner(connection: ProviderConnection) -> Organization:
    return connection.organization or Organization.objects.house()


def campaign(
    connection: ProviderConnection, name: str = "Q3 Outbound", organization: Organization | None = None, **fields: Any
) -> Campaign:
    values = {
        "provider_id": str(uuid4()),
        "status": CampaignStatus.ACTIVE,
        "open_tracking": True,
        "link_tracking": True,
    } | fields
    with rls.scope(rls.SYSTEM):
        owner = organization or _owner(connection)
        return Campaign.objects.create(connection=connection, organization=owner, name=name, **values)


def assignment_rule(
    connection: ProviderConnection, organization: Organization, value: str = "Acme", **fields: Any
) -> AssignmentRule:
    """Create a rule by the beginning of the name that was not applied yet, so that it has no effect."""
    with rls.scope(rls.SYSTEM):
        return AssignmentRule.objects.create(connection=connection, organization=organization, value=value, **fields)


def email_account(
    connection: ProviderConnection, address: str = "sender@sender.example", **fields: Any
) -> EmailAccount:
    with rls.scope(rls.SYSTEM):
        values = {
            "organization": _owner(connection),
            "provider_id": address,
            "status": "active",
            "daily_limit": 50,
        } | fields
        return EmailAccount.objects.create(connection=connection, address=address.lower(), **values)


def contact(organization: Organization, email: str = "lead@lead.example", **fields: Any) -> Contact:
    with rls.scope(rls.SYSTEM):
        made = Contact.objects.at(organization.pk, email)
        for field, value in ({"first_seen_at": NOON} | fields).items():
            setattr(made, field, value)
        made.save()
        return made


def message(
    campaign: Campaign, email: str = "lead@lead.example", *, step: int = 1, variant: int = 1, **fields: Any
) -> Message:
    """Create a sent mail (and its contact if missing), without daily stats: use deliveries where those matter."""
    person = contact(campaign.organization, email)
    values = {
        "id": identity.outbound_id(campaign.pk, person.email, step, variant),
        "direction": Direction.OUT,
        "email_account": "sender@sender.example",
        "subject": "Quick question",
        "body_text": "Hello",
        "sent_at": NOON,
        "happened_at": NOON,
    } | fields
    with rls.scope(rls.SYSTEM):
        return Message.objects.create(
            organization=campaign.organization, campaign=campaign, contact=person, step=step, variant=variant, **values
        )


def event(campaign: Campaign, id: int, type: str = "email_sent", **fields: Any) -> Event:
    values = {"happened_at": NOON, "connection_id": campaign.connection_id} | fields
    with rls.scope(rls.SYSTEM):
        return Event.objects.create(id=id, organization=campaign.organization, campaign=campaign, type=type, **values)


def conversation(contact: Contact, **fields: Any) -> Conversation:
    """Create an open conversation with a label and a note, without mails."""
    values = {
        "state": "open",
        "last_mail_at": NOON,
        "last_human_at": NOON,
        "last_inbound_at": NOON,
        "waiting_since": NOON,
    } | fields
    with rls.scope(rls.SYSTEM):
        own: dict[str, Any] = {"organization_id": contact.organization_id, "contact": contact}
        ContactLabel.objects.get_or_create(name="VIP", **own)
        Note.objects.get_or_create(text="Calls back in May", author_name="Maria", **own)
        return Conversation.objects.update_or_create(
            id=contact.pk, defaults={"organization_id": contact.organization_id, **values}
        )[0]


def invitation(
    organization: Organization, invited_by: User, email: str = "invited@new.example", **fields: Any
) -> Invitation:
    """Create an open invitation, valid until the day after tomorrow."""
    values = {
        "role": MembershipRole.MEMBER,
        "language": "en",
        "invited_by_name": invited_by.email,
        "expires_at": datetime.now(UTC) + timedelta(days=2),
    } | fields
    with rls.scope(rls.SYSTEM):
        return Invitation.objects.create(organization=organization, invited_by=invited_by, email=email, **values)


def access_entry(conversation: Conversation, actor: User, **fields: Any) -> AccessEntry:
    """Create an entry of the access log: a team member read the conversation."""
    values = {"at": NOON, "party": "team", "action": "read", "actor_name": actor.email} | fields
    with rls.scope(rls.SYSTEM):
        return AccessEntry.objects.create(
            organization_id=conversation.organization_id, actor=actor, conversation_id=conversation.pk, **values
        )


def member_id(user: User, organization: Organization) -> UUID:
    with rls.scope(rls.SYSTEM):
        return Membership.objects.get(user=user, organization=organization).pk


def daily_stats(campaign: Campaign, **figures: Any) -> DailyStats:
    values = {"day": NOON.date(), "email_account": "sender@sender.example", "step": 1, "variant": 1} | figures
    with rls.scope(rls.SYSTEM):
        return DailyStats.objects.create(organization=campaign.organization, campaign=campaign, **values)


def ended_action(connection: ProviderConnection) -> StaffAction:
    """Create an assignment by a staff member that moved nothing."""
    action = StaffAction(
        connection=connection,
        kind="campaigns_assign",
        target_name=connection.name,
        actor_name="operator@agency.example",
    )
    action.state, action.finished_at, action.result = "done", NOON, {"moved": [], "kept": 0}
    with rls.scope(rls.SYSTEM):
        action.save()
    return action


def promotion(
    organization: Organization, source: ProviderConnection, destination: ProviderConnection, **fields: Any
) -> Promotion:
    """Create a promotion that is done, with one email account, one paused and one copied campaign, each in another state."""
    keys = [str(uuid4()) for _ in range(3)]
    values = {
        "state": "done",
        "actor_name": "boss@salesbrain.example",
        "plan": {
            "accounts": [
                {"address": "sender@sender.example", "provider_id": "sender@sender.example", "before": keys[0]}
            ],
            "paused": [{"id": keys[1], "name": "Acme wave 1"}],
            "copies": [{"id": keys[2], "name": "Acme wave 1"}],
        },
        "journal": {"accounts": {"sender@sender.example": {"state": "done"}}, "copies": {keys[2]: {"state": "left"}}},
    } | fields
    with rls.scope(rls.SYSTEM):
        return Promotion.objects.create(organization=organization, source=source, destination=destination, **values)


def finding(campaign: Campaign, **fields: Any) -> Finding:
    """Create an open finding on a campaign: its bounce rate is above the limit."""
    values = {
        "rule": "bounces", "severity": "warning", "target_type": "campaign", "target_id": campaign.pk, "target_name": campaign.name,
        "organization": campaign.organization, "figure": 0.04, "limit": 0.03, "sample": 500, "floor": 50, "since": NOON,
    } | fields  # fmt: skip
    with rls.scope(rls.SYSTEM):
        return Finding.objects.create(**values)


def outbox_message(contact: Contact, author: User, **fields: Any) -> OutboxMessage:
    """Create a reply that waits to be sent, without a job."""
    values = {
        "state": "queued", "text": "Thank you, Thursday it is.", "author_name": author.email, "version": 1, "mails_seen": 0,
        "email_account": "sender@sender.example", "subject": "Re: Hello", "queued_at": NOON, "send_at": NOON,
    } | fields  # fmt: skip
    with rls.scope(rls.SYSTEM):
        return OutboxMessage.objects.create(
            organization_id=contact.organization_id, contact=contact, author_id=author.pk, **values
        )


def snippet(organization: Organization, name: str = "Calendar", text: str = "Hello {first_name}") -> Snippet:
    with rls.scope(rls.SYSTEM):
        return Snippet.objects.create(organization=organization, name=name, text=text)
