"""Choose the email account and the mail that a reply answers, or the reason why none can be sent.

At Instantly a reply belongs to a mail, not to a person: the recipient is the sender of the answered mail, and the account the one that
received it (vendor document, POST /emails/reply). So a received mail with the provider's id is needed; our own mails are never answered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.lookups import IsNull
from django.utils.functional import Promise, lazy

from accounts.choices import EmailAccountStatus
from accounts.models import EmailAccount, ProviderConnection
from messaging.choices import Direction
from messaging.events import RECEIVED
from messaging.models import Contact, Event, Message, Suppression
from salesbrain import rls
from salesbrain.kernel import messages
from salesbrain.kernel.messages import message

UNABLE = {
    EmailAccountStatus.PAUSED: "reply.account_paused",
    EmailAccountStatus.MAINTENANCE: "reply.account_maintenance",
    EmailAccountStatus.SUSPENDED: "reply.account_suspended",
    EmailAccountStatus.CONNECTION_ERROR: "reply.account_error",
    EmailAccountStatus.SOFT_BOUNCE_ERROR: "reply.account_error",
    EmailAccountStatus.SENDING_ERROR: "reply.account_error",
    EmailAccountStatus.ERROR: "reply.account_error",
}
"""Sentence key by status of an email account that cannot send; an unknown status is no reason to refuse."""

UNUSED = ("campaign__raw", "campaign__sequences", "campaign__schedule")
"""Large columns of the answered mail's campaign, left out because only its connection is needed."""

REPLY_PREFIXES = ("re:", "aw:", "antw:", "sv:", "rv:")
in_the_readers_language = lazy(messages.shown, str)


@dataclass(frozen=True, slots=True)
class Sender:
    """Email account and answered mail of a reply. `reason`: why no reply can be sent; the other fields are then filled as far as known."""

    email_account: str = ""
    to: str = ""
    subject: str = ""
    answered: Message | None = None
    connection_id: UUID | None = None
    provider: str = ""
    reason: messages.Message | None = None

    @property
    def problem(self) -> Promise | str | None:
        """Return why no reply can be sent, in the language of the request; None if one can."""
        return None if self.reason is None else in_the_readers_language(self.reason)


def sender_of(contact: Contact) -> Sender:
    """Return email account and answered mail for a reply to this contact, which must come from the caller's scope. They are looked up in
    SYSTEM scope, because customers see neither connections nor email accounts of a shared workspace that are not assigned to them.
    """
    with rls.scope(rls.SYSTEM):
        return find_sender(contact)


def find_sender(contact: Contact) -> Sender:
    """Return the sender of a reply to this contact. Needs SYSTEM scope; see `sender_of`."""
    received = (
        Message.objects.select_related("campaign")
        .defer(*UNUSED)
        .filter(organization=contact.organization_id, contact=contact.pk, direction=Direction.IN)
    )
    latest = received.order_by(IsNull(F("email_id"), True), "is_auto_reply", "-happened_at", "-id").first()
    answered = latest if latest is not None and latest.email_id is not None else None
    known: dict[str, Any] = {"to": contact.email, "answered": answered}
    if answered is None:
        return Sender(**known, reason=message("reply.no_id_yet" if latest else "reply.nothing_received"))
    known |= {"subject": subject_of(answered), "email_account": answered.email_account or ""}
    connection_id = connection_of(answered)
    connections = ProviderConnection.objects.only("is_active", "provider")
    connection = connections.filter(pk=connection_id).first() if connection_id else None
    if connection is None or not connection.is_active:
        return Sender(**known, reason=message("reply.workspace_off"))
    known |= {"connection_id": connection.pk, "provider": connection.provider}
    if stopped := suppressed(contact.organization_id, [contact.email]):
        return Sender(**known, reason=message("reply.suppressed", address=stopped[0]))
    return Sender(**known, reason=_problem_of_account(connection, known["email_account"]))


def subject_of(answered: Message) -> str:
    """Return the subject of a reply to a mail."""
    subject = (answered.subject or "").strip()
    return subject if subject.lower().startswith(REPLY_PREFIXES) else f"Re: {subject}".strip()


def suppressed(organization_id: UUID, addresses: Iterable[str]) -> list[str]:
    """Return those of `addresses` that are suppressed for the organization. Needs SYSTEM scope."""
    found = Suppression.objects.in_force().filter(organization=organization_id, email__in=list(addresses))
    return sorted(set(found.values_list("email", flat=True)))


def connection_of(answered: Message) -> UUID | None:
    """Return the connection (workspace) that received a mail."""
    if answered.campaign is not None:
        return answered.campaign.connection_id
    told = Event.objects.filter(
        organization=answered.organization_id, contact=answered.contact_id, message=answered.pk,
        type__in=[type.value for type in RECEIVED],
    )  # fmt: skip
    return told.order_by("id").values_list("connection_id", flat=True).first()


def _problem_of_account(connection: ProviderConnection, address: str) -> messages.Message | None:
    accounts = EmailAccount.objects.only("status", "missing_since")
    account = accounts.filter(connection=connection, address=address).first()
    if account is None or account.missing_since is not None:
        return message("reply.account_missing", address=address or "?")
    key = UNABLE.get(EmailAccountStatus(account.status))
    return None if key is None else message(key, address=address)
