"""Erase a person in one organization: delete identifying data, keep the stats.

In two steps. First, alone and in milliseconds: the person's own rows become an anonymous contact's, and from then on every later
event of the address is recorded there (messaging/erasure/aliases.py). Then, beside running work: other people's mails that quote
the address.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import Q

from messaging import conversation_writer, identity
from messaging.choices import Direction, MessageKind, OutboxState, SuppressionReason
from messaging.erasure import aliases
from messaging.erasure.mentions import Mention
from messaging.events import CONVERSATION_LABELLED, CONVERSATION_UNLABELLED, INTERESTS, STAFF_LABEL
from messaging.models import (
    Contact,
    ContactLabel,
    ContactSearch,
    ContactVariables,
    Message,
    Note,
    OutboxMessage,
    RenamedContact,
    SearchPending,
    Suppression,
)
from salesbrain import rls
from salesbrain.kernel import db

SQL = db.statements(Path(__file__).with_name("sql"))
CHUNK = 200
LOOKED_AT_ONCE = 5000
TEXTS = ("subject", "body_text", "body_html", "reply_text")


@dataclass(slots=True)
class Erased:
    """Numbers of removed rows, and the ids of the person's events (which are those of their deliveries)."""

    contact_id: UUID
    alias: str
    contacts: int = 0
    messages: int = 0
    suppressions: int = 0
    events: list[int] = field(default_factory=list)
    is_first: bool = True

    def __bool__(self) -> bool:
        """Return whether there is, or was, any data of this person."""
        return bool(self.contacts or self.messages or self.suppressions or self.events or not self.is_first)


def erase_person(*, organization_id: UUID, email: str, now: datetime) -> Erased:
    """Turn the person's rows into those of an anonymous contact, and store the hash of the address.

    Call in a transaction and SYSTEM scope, as its first statement: it waits for batches that are being recorded, and later ones wait for
    it. A repeated call erases data that was stored again since, such as by a restore. Raises DatabaseError; then nothing is changed.
    """
    alias = aliases.begin(email)
    old, new = identity.contact_id(organization_id, email), identity.contact_id(organization_id, alias)
    done = Erased(new, alias, suppressions=_suppress(organization_id, email, alias, now))
    parameters: dict[str, Any] = {
        "organization": organization_id,
        "email": email,
        "alias": alias,
        "old_id": old,
        "new_id": new,
        "words": [str(interest) for interest in INTERESTS],
        "label": STAFF_LABEL,
        "typed": [CONVERSATION_LABELLED, CONVERSATION_UNLABELLED],
    }
    done.contacts = _run("contact", parameters).rowcount
    parameters["messages"] = orjson.dumps(_renamed_keys(organization_id, email, alias, old)).decode()
    done.messages = _run("messages", parameters).rowcount
    done.events = [id for (id,) in _run("events", parameters)]
    ContactSearch.objects.filter(organization=organization_id, pk=old).delete()
    RenamedContact.objects.filter(contact_id=old).delete()
    ContactVariables.objects.filter(organization=organization_id, pk__in=[old, new]).delete()
    _empty_outbox(organization_id, old, new)
    for model in (Note, ContactLabel):
        model.objects.filter(organization=organization_id, contact__in=[old, new]).delete()
    Contact.objects.filter(organization=organization_id, pk=old).delete()  # and with it the conversation
    conversation_writer.rebuild_from_log([new])
    _, done.is_first = Suppression.objects.get_or_create(
        organization_id=organization_id,
        email=alias,
        reason=SuppressionReason.ERASED,
        defaults={"first_at": now, "last_at": now},
    )
    return done


def undo_erasure_record(*, organization_id: UUID, alias: str) -> None:
    """Delete the stored hash of an address that turned out unknown (mistyped)."""
    Suppression.objects.filter(organization=organization_id, email=alias, reason=SuppressionReason.ERASED).delete()


def erase_quotes(*, organization_id: UUID, email: str, alias: str) -> int:
    """Replace the address by the alias in other people's mails; return in how many. Call outside a transaction."""
    mention = Mention(email, alias)
    _clean_notes(organization_id, mention)
    _clean_outbox(organization_id, mention)
    ids = list(_mails_naming(organization_id, mention))
    changed = 0
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic(), rls.scope(rls.SYSTEM):
            rows = Message.objects.select_for_update().filter(
                organization=organization_id, pk__in=ids[start : start + CHUNK]
            )
            for message in rows.order_by("pk"):
                cleaned = {name: mention.removed(getattr(message, name)) for name in TEXTS}
                if all(cleaned[name] == getattr(message, name) for name in TEXTS):
                    continue
                Message.objects.filter(pk=message.pk).update(**cleaned)
                SearchPending.objects.bulk_create([SearchPending(message_id=message.pk)], ignore_conflicts=True)
                changed += 1
    return changed


def _clean_notes(organization_id: UUID, mention: Mention) -> None:
    """Replace the address by the alias in notes on other people. Labels are too short for an address."""
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        notes = Note.objects.select_for_update().filter(mention.within("text"), organization=organization_id)
        for note in notes.order_by("pk"):
            Note.objects.filter(pk=note.pk).update(text=mention.removed(note.text))


def _empty_outbox(organization_id: UUID, old: UUID, new: UUID) -> None:
    """Delete unsent replies, and the texts of sent ones; their rows and times stay."""
    rows = OutboxMessage.objects.filter(organization=organization_id, contact__in=[old, new])
    rows.filter(state__in=[OutboxState.DRAFT, OutboxState.QUEUED, OutboxState.FAILED]).delete()
    rows.update(contact_id=new, text="", cc=[], subject="", reason="")


def _clean_outbox(organization_id: UUID, mention: Mention) -> None:
    """Replace the address by the alias in replies to other people, and remove it from their CC."""
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        named = mention.within("text", "subject") | Q(cc__contains=[mention.email])
        rows = OutboxMessage.objects.select_for_update().filter(named, organization=organization_id)
        for row in rows.order_by("pk"):
            texts = {name: mention.removed(getattr(row, name)) for name in ("text", "subject")}
            copies = [address for address in row.cc if address != mention.email]
            OutboxMessage.objects.filter(pk=row.pk).update(**texts, cc=copies)


def _mails_naming(organization_id: UUID, mention: Mention) -> Iterator[UUID]:
    """Yield mails that may contain the address, in chunks with a statement each."""
    last = UUID(int=0)
    while True:
        with transaction.atomic(), rls.scope(rls.SYSTEM):
            db.prepared("SET LOCAL statement_timeout = '5min'")
            mails = Message.objects.filter(organization=organization_id).order_by("pk")
            part = list(mails.filter(pk__gt=last).values_list("pk", flat=True)[:LOOKED_AT_ONCE])
            if not part:
                return
            last = part[-1]
            yield from list(mails.filter(mention.within(*TEXTS), pk__in=part).values_list("pk", flat=True))


def _suppress(organization_id: UUID, email: str, alias: str, now: datetime) -> int:
    """Replace the address by its hash in existing suppressions, and empty their notes, which may name the person."""
    hashed = Suppression.objects.filter(organization=organization_id, email=email)
    known = Suppression.objects.filter(organization=organization_id, email=alias).values_list("reason", flat=True)
    hashed.filter(reason__in=list(known)).delete()
    return hashed.update(email=alias, detail="", lift_reason="", updated_at=now)


def _renamed_keys(organization_id: UUID, email: str, alias: str, contact_id: UUID) -> list[dict[str, UUID]]:
    """Return for each of the person's mails its key and the key it would have with the alias as address."""
    rows = Message.objects.select_for_update().filter(organization=organization_id, contact=contact_id).order_by("pk")
    return [{"old_id": message.pk, "new_id": message_renamed(message, email, alias)} for message in rows.defer(*TEXTS)]


def message_renamed(message: Message, email: str, alias: str) -> UUID:
    """Return the key that a mail of `email` would have had if the address had been `alias`."""
    campaign = message.campaign_id
    if message.kind == MessageKind.MANUAL:
        owner = campaign or message.organization_id
        for mail in (message.email_id, message.sent_at and message.sent_at.isoformat()):
            if mail and identity.manual_id(owner, email, mail) == message.pk:
                return identity.manual_id(owner, alias, mail)
    elif campaign is not None and message.direction == Direction.OUT:
        for variant in (message.variant, 0):  # 0: backfilled from the inbox, variant known later
            if identity.outbound_id(campaign, email, message.step, variant) == message.pk:
                return identity.outbound_id(campaign, alias, message.step, variant)
    elif campaign is not None:
        at = message.sent_at and message.sent_at.isoformat()
        for mail in (message.email_id, at, f"{message.email_id} {at}"):  # the last: one of several with its email_id
            if mail and identity.inbound_id(campaign, email, mail) == message.pk:
                return identity.inbound_id(campaign, alias, mail)
    return identity.inbound_id(campaign or message.organization_id, alias, str(message.pk))


def _run(name: str, parameters: dict[str, Any]) -> Any:
    return db.prepared(SQL[name], parameters)
