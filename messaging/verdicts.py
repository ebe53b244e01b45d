"""What our staff say of a contact's interest: it beats what the provider says, whatever comes in which order, until it is cleared."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.services import record_audit
from messaging.choices import Origin
from messaging.events import INTERESTS
from messaging.models import Contact
from salesbrain import rls

LABEL = "a label of our own"
"""How the audit log, which cannot forget, calls a text somebody typed."""


def set_verdict(contact: Contact, verdict: str | None, *, now: datetime, actor: User) -> bool:
    """Say (or with None take back) what holds of a contact; return whether that changed anything.

    Its own columns, so that no event touches them. Who said what when is the audit log's: `contact.verdict`.
    """
    verdict = (verdict or "").strip() or None
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        before = Contact.objects.select_for_update().values_list("staff_interest", flat=True).get(pk=contact.pk)
        if before == verdict:
            return False
        Contact.objects.filter(pk=contact.pk).update(
            staff_interest=verdict, staff_interest_at=now if verdict else None, updated_at=now
        )
        record_audit(
            action="contact.verdict",
            actor=actor,
            target=contact,
            detail={"from": _word(before), "to": _word(verdict), "origin": Origin.STAFF.value},
        )
        return True


def _word(verdict: str | None) -> str | None:
    return verdict if verdict is None or verdict in {str(interest) for interest in INTERESTS} else LABEL
