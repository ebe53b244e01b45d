"""Erasing a person from what arrived: the raw bodies of their events, and of deliveries that still wait."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from accounts.models import Organization, ProviderConnection
from accounts.services import record_audit
from instantly.models import Delivery, Held, Pending
from messaging import erasure
from messaging.models import Contact
from salesbrain import rls

CHUNK = 1000


def erase_contact(*, organization: Organization, email: str, now: datetime, actor_name: str) -> dict[str, Any] | None:
    """Erase a person from everything of an organization and return the report; None where nobody is known by this address.

    One transaction: all of it or nothing. The report and the audit entry name the anonymous contact, never the address.
    """
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        found = erasure.erase(organization_id=organization.pk, email=email, now=now)
        waiting = _waiting(organization, email)
        if found is None and not waiting:
            return None
        done, events = found or (erasure.Erased(_contact_id(organization, email)), [])
        done.deliveries = _drop_bodies([*events, *waiting])
        _forget_in_the_admins_log(done.contact_id, email)
        report = {**asdict(done), "contact_id": str(done.contact_id)}
        record_audit(action="contact.erase", actor_name=actor_name, organization_id=organization.pk, detail=report)
        return report


def _contact_id(organization: Organization, email: str) -> Any:
    return Contact.objects.at(organization.pk, email).pk


def _drop_bodies(ids: Iterable[int]) -> int:
    """Set bodies to NULL; the digest stays, so that a copy that arrives again is still a copy."""
    ids = sorted(set(ids))
    return sum(
        Delivery.objects.filter(pk__in=ids[at : at + CHUNK], body__isnull=False).update(body=None, cleaned=None)
        for at in range(0, len(ids), CHUNK)
    )


def _waiting(organization: Organization, email: str) -> list[int]:
    """Return deliveries that were not processed yet and speak of this address. They are processed no more: they say who it was.

    Of a shared connection too: whose they are is not known yet, but whose address it is is.
    """
    connections = ProviderConnection.objects.filter(organization=organization).values_list("pk", flat=True)
    shared = ProviderConnection.objects.filter(organization__isnull=True).values_list("pk", flat=True)
    wanted = email.strip().lower()
    rows = Delivery.objects.filter(connection_id__in=[*connections, *shared], body__isnull=False)
    found = []
    for queue in (Held, Pending):
        for row in rows.filter(pk__in=queue.objects.values("delivery_id")).iterator(chunk_size=200):
            if wanted in (row.text or "").lower():
                found.append(row.pk)
        queue.objects.filter(delivery_id__in=found).delete()
    return found


def _forget_in_the_admins_log(contact_id: Any, email: str) -> None:
    """Django's own log names an object as it was called then: the contact, and suppressions of the address."""
    contact = Q(content_type=ContentType.objects.get_for_model(Contact), object_id=str(contact_id))
    called = Q(object_repr__istartswith=email.strip())
    LogEntry.objects.filter(contact | called).update(object_repr="erased")
