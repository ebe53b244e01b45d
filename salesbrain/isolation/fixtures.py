"""Create organizations A and B for the isolation proof: rows in every table, with unique markers.

Marker words, ids and keys are generated for each run. Any output that contains A's word contains A's data.
"""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import models

from accounts.choices import MembershipRole, StaffRole
from accounts.models import (
    AccessEntry,
    AuditEntry,
    EmailAccount,
    InstallationSecret,
    Invitation,
    Membership,
    Organization,
    PasswordReset,
    ProviderConnection,
    User,
    WebhookSecret,
)
from campaigns.models import AssignmentRule, Campaign
from instantly.models import (
    Alert,
    Delivery,
    Heartbeat,
    Held,
    JobRun,
    Pending,
    Promotion,
    RateWindow,
    StaffAction,
    SyncRun,
    WorkerBatch,
)
from messaging import identity, search
from messaging.models import (
    CategoryCorrection,
    Contact,
    ContactLabel,
    ContactScore,
    ContactSearch,
    ContactVariables,
    Conversation,
    ConversationBuild,
    ConversationPresence,
    DailyStats,
    DigestSubscription,
    Event,
    Finding,
    FollowUpSettings,
    Goal,
    Measurement,
    Message,
    MessageCategory,
    MessageSearch,
    Note,
    OrganizationDailyStats,
    OutboxMessage,
    RenamedContact,
    ScoringSettings,
    SearchPending,
    Snippet,
    StaleStats,
    SuggestionDecision,
    Suppression,
    TriageLearning,
    TriagePending,
    TriageReplay,
)
from salesbrain import rls
from salesbrain.rls.checks import protected_models

NOON = datetime(2026, 7, 10, 12, tzinfo=UTC)
LETTERS = "bcdfghjklmnpqrstvwxz"


def fresh_word() -> str:
    """Return a random word that no language contains and no stemmer shortens."""
    return "q" + "".join(secrets.choice(LETTERS) for _ in range(15))


def number() -> int:
    """Return a random row number that does not occur by chance."""
    return 10**15 + secrets.randbelow(9 * 10**15)


@dataclass
class Side:
    """One organization: its id, users and rows, and the markers that would reveal it."""

    name: str  # A or B
    word: str = field(default_factory=fresh_word)
    connection_name: str = field(default_factory=fresh_word)
    secret: str = field(
        default_factory=lambda: fresh_word() + fresh_word()
    )  # its provider key and webhook secret: nobody's to see
    organization: UUID = field(default_factory=uuid4)
    user: User | None = None  # its owner
    members: dict[str, User] = field(default_factory=dict)  # one by each role
    rows: dict[str, list[Any]] = field(default_factory=dict)  # keys by table
    ids: dict[str, Any] = field(default_factory=dict)  # what the API's parameters call them
    tokens: set[str] = field(default_factory=set)  # how its customer's tokens begin

    @property
    def marks(self) -> set[str]:
        """Return what no response to the other organization may contain: the marker word and every random key."""
        keys = {str(key) for keys in self.rows.values() for key in keys}
        return {self.word, self.connection_name, self.secret, *self.tokens, *(key for key in keys if len(key) >= 16)}


@dataclass
class World:
    a: Side
    b: Side
    nobody: User  # logged in, but of no organization
    staff: dict[str, User]  # by role

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.a, self.b

    def other(self, side: Side) -> Side:
        return self.b if side is self.a else self.a

    def empty_tables(self) -> list[str]:
        """Return tables in which one organization has no row: the proof would prove nothing there."""
        return [
            model._meta.db_table
            for model in protected_models()
            if not all(side.rows.get(model._meta.db_table) for side in self.sides)
        ]


def build() -> World:
    """Create both organizations in the database that the aliases use."""
    sides = [Side("A"), Side("B")]
    for side in sides:
        _furnish(side)
    with rls.scope(rls.SYSTEM):
        search.rebuild()
    while search.index_pending():
        pass
    for side in sides:
        _after_indexing(side)
    staff = {role: User.objects.create_user(f"{fresh_word()}@staff.example", role=role) for role in StaffRole.values}
    a, b = sides
    return World(a, b, nobody=User.objects.create_user(f"{fresh_word()}@nobody.example"), staff=staff)


def _furnish(side: Side) -> None:
    w = side.word

    def keep(row: models.Model) -> Any:
        side.rows.setdefault(row._meta.db_table, []).append(row.pk)
        return row

    with rls.scope(rls.SYSTEM):
        organization = keep(Organization.objects.create(id=side.organization, name=f"{w} organization", slug=w))
        side.user = User.objects.create_user(f"{w}@customer.example", fresh_word(), name=w)
        for role in MembershipRole.values:
            owner = role == MembershipRole.OWNER
            user = (
                side.user if owner else User.objects.create_user(f"{w}-{role}@customer.example", fresh_word(), name=w)
            )
            side.members[role] = user
            keep(Membership.objects.create(user=user, organization=organization, role=role))
        keep(invitation(side))
        keep(
            PasswordReset.objects.create(user=side.user, language="en", expires_at=NOON, digest=secrets.token_bytes(32))
        )
        keep(
            AccessEntry.objects.create(
                organization=organization,
                at=NOON,
                actor=side.user,
                actor_name=w,
                party="team",
                action="read",
                conversation_id=uuid4(),
            )
        )
        connection = ProviderConnection(
            name=side.connection_name, organization=organization, workspace_id=f"{w}-space", workspace_name=w,
            status_detail=w, raw={"is": w}, is_active=False,  # so that no sync of this world can call Instantly
        )  # fmt: skip
        connection.set_api_key(side.secret)
        connection.save()
        keep(connection)
        keep(WebhookSecret.objects.issue(connection, side.secret + w))
        keep(InstallationSecret.objects.create(name=w, value=side.secret))
        belongs = {"organization": organization}
        sender = f"{w}@sender.example"
        account = keep(
            EmailAccount.objects.create(
                connection=connection, address=sender, provider_id=sender, first_name=w, last_name=w, status="active",
                status_reason=w, smtp_host=w, imap_host=w, raw={"is": w}, **belongs,
            )
        )  # fmt: skip
        campaign = keep(
            Campaign.objects.create(
                connection=connection, name=f"{w} campaign", provider_id=str(uuid4()), status="active", open_tracking=True,
                link_tracking=True, schedule={"is": w}, sequences=[{"is": w}], senders=[sender], raw={"is": w}, **belongs,
            )
        )  # fmt: skip
        rule = keep(AssignmentRule.objects.create(connection=connection, value=w, **belongs))
        lead = f"{w}@lead.example"
        contact = keep(
            Contact.objects.create(
                id=identity.contact_id(organization.pk, lead), email=lead, first_name=w, last_name=w, company=w, phone=w, website=w,
                interest=w, first_seen_at=NOON, **belongs,
            )
        )  # fmt: skip
        keep(
            Suppression.objects.create(
                email=lead, reason="unsubscribe", detail=w, first_at=NOON, last_at=NOON, **belongs
            )
        )
        mail = {"campaign": campaign, "contact": contact, "email_account": sender, "email_id": w, "thread_id": w,
                "subject": f"{w} subject", "body_text": f"{w} text", "body_html": f"<p>{w}</p>",
                "happened_at": NOON, "sent_at": NOON, "step": 1, "variant": 1}  # fmt: skip
        message = keep(
            Message.objects.create(id=identity.outbound_id(campaign.pk, lead, 1, 1), direction="out", **mail, **belongs)
        )
        reply = keep(Message.objects.create(id=uuid4(), direction="in", reply_text=f"{w} reply", **mail, **belongs))
        keep(
            MessageCategory.objects.create(
                id=reply.pk, category="interested", predicted="interested", p=0.9, candidates=["interested"], source="model", version=w,
                reason={"sentence": f"{w} reply"}, **belongs,
            )
        )  # fmt: skip
        keep(
            CategoryCorrection.objects.create(
                id=reply.pk, category="meeting", predicted="interested", corrected_at=NOON, **belongs
            )
        )
        keep(
            Conversation.objects.create(
                id=contact.pk, state="done", done_reason=w, last_inbound_at=NOON, last_human_at=NOON, last_mail_at=NOON, category=w,
                assignee_id=side.user.pk, chosen_state="done", chosen_reason=w, chosen_at=NOON, chosen_seen=0, chosen_replies=0, **belongs,
            )
        )  # fmt: skip
        keep(Note.objects.create(contact=contact, text=f"{w} note", author_id=side.user.pk, author_name=w, **belongs))
        keep(
            ContactVariables.objects.create(
                id=contact.pk, campaign=campaign, variables={"note": f"{w} variable"}, told_at=NOON, **belongs
            )
        )
        keep(ContactLabel.objects.create(contact=contact, name=w, **belongs))
        answerable = keep(
            Contact.objects.create(
                id=identity.contact_id(organization.pk, f"{w}@answer.example"), email=f"{w}@answer.example", first_name=w,
                first_seen_at=NOON, **belongs,
            )
        )  # fmt: skip
        answered = keep(
            Message.objects.create(
                id=uuid4(), direction="in", reply_text=f"{w} question", **{**mail, "contact": answerable}, **belongs
            )
        )
        keep(
            Conversation.objects.create(
                id=answerable.pk, state="open", last_inbound_at=NOON, last_human_at=NOON, last_mail_at=NOON, **belongs
            )
        )
        for mail_told in (reply, answered):  # what a conversation is worked out from
            place = number()
            keep(
                Event.objects.create(
                    id=place, position=place, connection_id=connection.pk, campaign=campaign, contact=mail_told.contact, message=mail_told,
                    type="reply_received", happened_at=NOON, lead_email=mail_told.contact.email, email_id=w, **belongs,
                )
            )  # fmt: skip
        draft, *replies = (
            keep(
                OutboxMessage.objects.create(
                    contact=whom, state=state, author_id=side.user.pk, author_name=w, text=f"{w} {state}", cc=[f"{w}@copy.example"],
                    version=1, mails_seen=1, connection_id=connection.pk, email_account=sender, answered_id=answered.pk,
                    answered_email_id=w, subject=w, reason=w, queued_at=None if state == "draft" else NOON,
                    send_at=None if state == "draft" else NOON, **belongs,
                )
            )
            for whom, state in ((answerable, "draft"), (contact, "queued"), (answerable, "failed"), (contact, "unknown"))
        )  # fmt: skip
        keep(
            TriageReplay.objects.create(
                threshold=0.5, state="done", user_name=w, replies=1, result={"same": 1}, **belongs
            )
        )
        keep(ContactScore.objects.create(id=contact.pk, band="B1", points=1, version=w, scored_at=NOON, **belongs))
        keep(ScoringSettings.objects.create(title=w, **belongs))
        keep(DigestSubscription.objects.create(user_id=side.user.pk, **belongs))
        keep(FollowUpSettings.objects.create(country="DE", subdivision=w, **belongs))
        keep(
            SuggestionDecision.objects.create(
                contact=answerable, key=w, kind="answer", decision="dismissed", why="other", user_id=side.user.pk, user_name=w,
                decided_at=NOON, **belongs,
            )
        )  # fmt: skip
        keep(Goal.objects.create(month=NOON.date().replace(day=1), metric="meetings", target=30, **belongs))
        snippet = keep(Snippet.objects.create(name=w, text=f"{w} snippet", **belongs))
        keep(
            ConversationPresence.objects.create(
                conversation_id=answerable.pk, user_id=side.user.pk, user_name=w, seen_at=NOON, **belongs
            )
        )
        keep(ConversationBuild.objects.create(total=1, built=1, started_at=NOON, finished_at=NOON, **belongs))
        keep(TriageLearning.objects.create(version=w, differences=w.encode(), **belongs))
        place = number()
        keep(
            Event.objects.create(
                id=place, position=place, connection_id=connection.pk, campaign=campaign, contact=contact, message=message, type="custom",
                detail=w, happened_at=NOON, email_account=sender, email_id=w, lead_email=lead, first_name=w, last_name=w, company=w,
                interest=w, **belongs,
            )
        )  # fmt: skip
        keep(
            DailyStats.objects.create(
                id=number(), campaign=campaign, email_account=sender, day=NOON.date(), sent=1, messages=1, **belongs
            )
        )
        keep(
            OrganizationDailyStats.objects.create(
                id=number(), day=NOON.date(), tracks_opens=True, tracks_links=True, row_count=1, sent=1, **belongs
            )
        )
        keep(StaleStats.objects.create(id=number(), day=NOON.date(), **belongs))
        delivery = keep(
            Delivery.objects.create(
                id=number(), connection_id=connection.pk, digest=secrets.token_bytes(32), event_type=w, campaign=w,
                body=f'{{"event_type": "{w}"}}'.encode(),
            )
        )  # fmt: skip
        keep(Pending.objects.create(delivery_id=delivery.pk))
        keep(Held.objects.create(delivery_id=delivery.pk, reason="dead", detail=w))
        keep(WorkerBatch.objects.create(worker=number(), delivery_ids=[delivery.pk]))
        keep(
            SyncRun.objects.create(
                connection=connection, trigger="command", actor_name=w, status="succeeded", errors=[w]
            )
        )
        keep(
            StaffAction.objects.create(
                kind="campaign_pause", connection=connection, target_id=campaign.pk, target_name=w, arguments={"is": w},
                actor_name=w, state="done", outcome=w, result={"is": w}, finished_at=NOON,
            )
        )  # fmt: skip
        keep(
            Promotion.objects.create(
                source=connection, destination=connection, state="confirmed", outcome=w, actor_name=w,
                plan={
                    "accounts": [{"address": sender, "provider_id": sender, "before": w}],
                    "copies": [{"id": str(campaign.pk), "name": w}],
                },
                **belongs,
            )
        )  # fmt: skip
        keep(Alert.objects.create(kind="sync_failed", connection=connection, detail=w))
        keep(
            Finding.objects.create(
                rule="bounces", severity="warning", target_type="campaign", target_id=campaign.pk, target_name=w, detail=w,
                snooze_reason=w, snoozed_by=w, since=NOON, **belongs,
            )
        )  # fmt: skip
        keep(Measurement.objects.create(kind="leads_left", target_id=campaign.pk, day=NOON.date(), value=7))
        keep(RateWindow.objects.create(key=w, turns=[NOON]))
        keep(JobRun.objects.create(task=w, error=w))
        keep(Heartbeat.objects.create(process=w, started_at=NOON, beat_at=NOON))
        keep(AuditEntry.objects.create(action=w, actor_name=w, organization_id=organization.pk, detail={"name": w}))
    side.ids = {"campaign_id": campaign.pk, "target_id": campaign.pk, "account_id": account.pk, "contact_id": contact.pk,
                "conversation_id": contact.pk, "assignee_id": side.user.pk, "organization_id": organization.pk,
                "provider_connection_id": connection.pk, "message": message.pk, "reply": reply.pk,
                "rule_id": rule.pk, "campaign_ids": campaign.pk, "copied_campaign_ids": campaign.pk, "paused_campaign_ids": campaign.pk,
                "destination_connection_id": connection.pk, "admin_connection_id": connection.pk, "email_account_ids": account.pk,
                "action_id": side.rows["instantly_staffaction"][0], "promotion_id": side.rows["instantly_promotion"][0],
                "member_id": side.rows[Membership._meta.db_table][0], "observer_id": side.rows[Membership._meta.db_table][-1],
                "answerable_id": answerable.pk, "draft_id": draft.pk, "outbox_id": replies[0].pk, "snippet_id": snippet.pk,
                "suggestion_key": f"answer:{NOON.isoformat()}", "message_id": reply.pk,
                **{f"{row.state}_id": row.pk for row in replies},
                "invitation_id": side.rows[Invitation._meta.db_table][0]}  # fmt: skip


def invitation(side: Side, **fields: Any) -> Invitation:
    """Create an open invitation to an organization, for a unique address."""
    return Invitation.objects.create(
        **{
            "organization_id": side.organization, "email": f"{side.word}-{fresh_word()}@invited.example", "role": "observer",
            "language": "en", "invited_by": side.user, "invited_by_name": side.word, "expires_at": datetime.now(UTC) + timedelta(days=1),
            "digest": secrets.token_bytes(32), **fields,
        }
    )  # fmt: skip


def _after_indexing(side: Side) -> None:
    """Write the search rows by the worker's own step; then mark something for indexing again in each organization."""
    with rls.scope(rls.SYSTEM):
        for model in (MessageSearch, ContactSearch):
            keys = model._default_manager.filter(organization_id=side.organization).values_list("pk", flat=True)
            side.rows[model._meta.db_table] = list(keys)
        pending = SearchPending.objects.create(message_id=side.ids["message"])
        side.rows[SearchPending._meta.db_table] = [pending.pk]
        TriagePending.objects.update_or_create(message_id=side.ids["reply"])
        side.rows[TriagePending._meta.db_table] = [side.ids["reply"]]
        renamed = RenamedContact.objects.create(contact_id=side.ids["contact_id"])
        side.rows[RenamedContact._meta.db_table] = [renamed.pk]
