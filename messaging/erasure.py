"""Erasing a person from one organization: what told who they are goes, what was counted stays.

The contact stays as an anonymous row, because messages, events and figures hang on it. Its address becomes a keyed hash, so
that a suppression still stops whoever asks about the address, and nobody reads it back. Names cannot come back with a later
event: they count as told at the end of time, and the latest wins.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import models
from django.utils.crypto import salted_hmac

from messaging import identity
from messaging.choices import SuppressionReason
from messaging.models import (
    Contact,
    ContactSearch,
    Event,
    Message,
    MessageSearch,
    RenamedContact,
    SearchPending,
    Suppression,
)

NEVER_AGAIN = datetime(9999, 12, 31, tzinfo=UTC)
NAMES = ("first_name", "last_name", "company", "phone", "website")


@dataclass(slots=True)
class Erased:
    """What was removed from where, in rows; `deliveries` are the raw bodies whose ids they came from."""

    contact_id: UUID
    messages: int = 0
    events: int = 0
    suppressions: int = 0
    deliveries: int = 0


def anonymous(organization_id: UUID, email: str) -> str:
    """Return what stands for an erased address: the same for the same address, unreadable without SECRET_KEY."""
    digest = salted_hmac(
        "messaging.erasure", f"{organization_id}\x1f{email.strip().lower()}", algorithm="sha256"
    ).hexdigest()
    return f"{digest[:40]}@erased.invalid"


def erase(*, organization_id: UUID, email: str, now: datetime) -> tuple[Erased, list[int]] | None:
    """Erase a person and return what was removed and the ids of their deliveries; None where nobody is known by this address.

    Call it in a transaction, in SYSTEM scope. A second time it finds what came since.
    """
    email = email.strip().lower()
    key, name = identity.contact_id(organization_id, email), anonymous(organization_id, email)
    contact = Contact.objects.select_for_update().filter(organization=organization_id, pk=key).first()
    suppressed = _suppress(organization_id, email, name, now)
    if contact is None and not suppressed:
        return None
    done = Erased(key, suppressions=suppressed)
    if contact is None:
        return done, []
    Contact.objects.filter(pk=key).update(**dict.fromkeys(NAMES), email=name, named_at=NEVER_AGAIN, updated_at=now)
    messages = Message.objects.filter(organization=organization_id, contact=key)
    ids = list(messages.values_list("pk", flat=True))
    done.messages = messages.update(
        subject=None, body_text=None, body_html=None, reply_text=None, thread_id=None, email_id=None, updated_at=now
    )
    events = Event.objects.filter(organization=organization_id).filter(
        models.Q(contact=key) | models.Q(lead_email=email)
    )
    deliveries = list(events.values_list("pk", flat=True))
    done.events = events.update(lead_email=name, email_id="", first_name="", last_name="", company="")
    MessageSearch.objects.filter(organization=organization_id, pk__in=ids).delete()
    ContactSearch.objects.filter(organization=organization_id, pk=key).delete()
    SearchPending.objects.filter(message_id__in=ids).delete()
    RenamedContact.objects.filter(contact_id=key).delete()
    return done, deliveries


def _suppress(organization_id: UUID, email: str, name: str, now: datetime) -> int:
    """Hash the address in the suppressions there are, and make sure there is one: whoever was erased is not written to."""
    hashed = Suppression.objects.filter(organization=organization_id, email=email)
    known = set(Suppression.objects.filter(organization=organization_id, email=name).values_list("reason", flat=True))
    hashed.filter(reason__in=known).delete()
    count = hashed.update(email=name, detail="", updated_at=now)
    if (
        Contact.objects.filter(organization=organization_id, pk=identity.contact_id(organization_id, email)).exists()
        or count
    ):
        Suppression.objects.get_or_create(
            organization_id=organization_id,
            email=name,
            reason=SuppressionReason.MANUAL,
            defaults={"first_at": now, "last_at": now, "detail": "erased"},
        )
    return count
