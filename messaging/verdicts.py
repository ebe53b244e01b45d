"""Set or clear staff's decision on a contact's interest, which overrides the provider's."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.services import record_audit
from messaging import conversation_writer
from messaging.choices import Origin
from messaging.erasure import aliases
from messaging.event_writer import next_position
from messaging.events import INTERESTS, STAFF_LABEL, STAFF_VERDICT
from messaging.models import Contact, Event
from salesbrain import rls
from salesbrain.kernel import db


def set_verdict(contact: Contact, verdict: str | None, *, now: datetime, actor: User) -> bool:
    """Set (None: clear) staff's decision on a contact's interest; return whether that changed anything.

    It has its own columns, which no event of the provider changes, and a row of the event log, so that the contact's history and the feed
    contain it. The person is named in the audit log only (`contact.verdict`).
    """
    verdict = (verdict or "").strip() or None
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        aliases.aliases([])  # excludes a concurrent erasure
        contact = Contact.objects.select_for_update().get(pk=contact.pk)
        before = contact.staff_interest
        if before == verdict:
            return False
        Contact.objects.filter(pk=contact.pk).update(
            staff_interest=verdict, staff_interest_at=now if verdict else None, updated_at=now
        )
        Event.objects.create(
            id=db.prepared("SELECT sb_event_id()").fetchone()[0],  # type: ignore[index]  # there is always one
            organization_id=contact.organization_id,
            contact=contact,
            type=STAFF_VERDICT,
            detail=verdict or "",
            interest=verdict,
            origin=Origin.STAFF,
            happened_at=now,
            lead_email=contact.email,
            position=next_position(),
        )
        conversation_writer.refresh({contact.pk: False})
        record_audit(
            action="contact.verdict",
            actor=actor,
            target=contact,
            detail={"from": _word(before), "to": _word(verdict), "origin": Origin.STAFF.value},
        )
        return True


def _word(verdict: str | None) -> str | None:
    return verdict if verdict is None or verdict in {str(interest) for interest in INTERESTS} else STAFF_LABEL
