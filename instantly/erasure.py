"""Erase a person: recorded data (messaging/erasure/service.py) and stored webhook deliveries.

Bodies of their deliveries are deleted. A pending one keeps the fields that are counted and loses those that identify. A delivery of a
shared workspace that belongs to no organization yet is left alone: it may concern another organization's person; if it is this
one's, processing makes it anonymous.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import orjson
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Organization, ProviderConnection, User
from accounts.services import record_audit
from instantly.models import Alert, Delivery, Held, Pending, SyncRun
from messaging import identity
from messaging.erasure import service
from messaging.erasure.mentions import Mention
from messaging.models import Contact, Event, Suppression
from salesbrain import rls
from salesbrain.kernel import db
from salesbrain.kernel.addresses import canonical, canonical_or_none
from salesbrain.kernel.messages import stored

CHUNK = 200
LOOKED_AT_ONCE = 10_000
COUNTED = (
    "timestamp",
    "event_type",
    "workspace",
    "campaign_id",
    "campaign_name",
    "email_account",
    "step",
    "variant",
    "email_id",
    "is_first",
)
"""Keys of a body that are kept because they identify nobody."""


class BodyText(models.Func):
    """SQL expression: the stored bytes of a body as text; they are UTF-8 (webhooks/body.py)."""

    function = "convert_from"
    template = "convert_from(%(expressions)s, 'UTF8')"
    output_field = models.TextField()


def erase_contact(
    *,
    organization: Organization,
    email: str,
    now: datetime,
    actor: User | None = None,
    actor_name: str = "",
    address: str | None = None,
) -> dict[str, Any] | None:
    """Erase a person from all data of an organization and return the report; None if the address is unknown there.

    Call outside a transaction. The person's own data is deleted, and later events are anonymous, when the first step commits; an aborted
    run is simply started again. Report and audit entry name the anonymous contact, never the address. Raises NotAnAddress.
    """
    email = canonical(email)
    who: dict[str, Any] = {
        "actor": actor,
        "actor_name": actor_name,
        "organization_id": organization.pk,
        "address": address,
    }
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        done = service.erase_person(organization_id=organization.pk, email=email, now=now)
        report = {
            "contact_id": str(done.contact_id),
            "contacts": done.contacts,
            "messages": done.messages,
            "events": len(done.events),
            "suppressions": done.suppressions,
            "deliveries": drop_bodies(done.events),
        }
        if done:
            record_audit(action="contact.erase", detail=report, **who)
    mention = Mention(email, done.alias)
    report["waiting"], report["quoting_deliveries"] = _clean_deliveries(organization, email, mention)
    report["quoting_messages"] = service.erase_quotes(organization_id=organization.pk, email=email, alias=done.alias)
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        report["notes"] = _clean_notes(organization, email, mention)
        found = done or any(report[name] for name in ("waiting", "quoting_deliveries", "quoting_messages"))
        if not found:
            service.undo_erasure_record(organization_id=organization.pk, alias=done.alias)
            return None
        report["undecided"] = _count_unassigned(email, mention)
        record_audit(action="contact.erased", detail=report, **who)
    return report


def drop_bodies(ids: Iterable[int]) -> int:
    """Set bodies to NULL; the digest stays, so that a copy that arrives again is still a copy. Needs SYSTEM scope."""
    return Delivery.objects.filter(pk__in=sorted(set(ids)), body__isnull=False).update(body=None, cleaned=None)


def _clean_deliveries(organization: Organization, email: str, mention: Mention) -> tuple[int, int]:
    """Remove the address from stored bodies: return the number of the person's own waiting deliveries, and of others'."""
    ids = list(_ids_naming(organization, mention))
    own = others = 0
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic(), rls.scope(rls.SYSTEM):
            for delivery in _unclaimed_deliveries(ids[start : start + CHUNK]):
                body = delivery.payload
                if _address(body) == email:
                    cleaned = {key: body[key] for key in COUNTED if key in body} | {"lead_email": mention.alias}
                    own += 1
                else:
                    cleaned = mention.removed_from(body)
                    if cleaned == body:
                        continue
                    others += 1
                Delivery.objects.filter(pk=delivery.pk).update(body=orjson.dumps(cleaned), cleaned=None)
    return own, others


def _deliveries_of(organization: Organization) -> QuerySet[Delivery]:
    """Return the organization's deliveries: by their connection, or by the recorded event."""
    dedicated = ProviderConnection.objects.filter(organization=organization).values("pk")
    booked = Event.objects.filter(pk=OuterRef("pk"), organization=organization)
    return Delivery.objects.filter(Q(connection_id__in=dedicated) | Exists(booked))


def _deliveries_naming(deliveries: QuerySet[Delivery], mention: Mention) -> QuerySet[Delivery]:
    text = Coalesce(F("cleaned"), BodyText(F("body")))
    return deliveries.filter(mention.may_be_in(text), body__isnull=False)


def _ids_naming(organization: Organization, mention: Mention) -> Iterator[int]:
    """Yield the organization's deliveries that may contain the address, in chunks with a statement each."""
    last = 0
    while True:
        with transaction.atomic(), rls.scope(rls.SYSTEM):
            db.prepared("SET LOCAL statement_timeout = '5min'")
            part = list(
                Delivery.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:LOOKED_AT_ONCE]
            )
            if not part:
                return
            last = part[-1]
            ours = _deliveries_of(organization).filter(pk__gte=part[0], pk__lte=last)
            yield from list(_deliveries_naming(ours, mention).order_by("pk").values_list("pk", flat=True))


def _unclaimed_deliveries(ids: list[int]) -> Iterator[Delivery]:
    """Yield the deliveries that no worker is processing; the others get recorded for the anonymous contact."""
    for queue in (Pending, Held):
        rows = queue.objects.filter(delivery_id__in=ids)
        waiting = set(rows.values_list("pk", flat=True))
        ours = set(rows.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True))
        ids = [id for id in ids if id not in waiting or id in ours]
    yield from Delivery.objects.filter(pk__in=ids).order_by("pk")


def _address(body: dict[str, Any]) -> str:
    """Return the lead's address in a body, "" if there is none."""
    told = (body.get(key) for key in ("lead_email", "email"))
    return next((address for text in told if isinstance(text, str) and (address := canonical_or_none(text))), "")


def _clean_notes(organization: Organization, email: str, mention: Mention) -> int:
    """Remove the address from our own texts: reasons for holding, alerts, runs, suppressions, Django's admin log."""
    connections = list(ProviderConnection.objects.filter(organization=organization).values_list("pk", flat=True))
    of_connections = Delivery.objects.filter(connection_id__in=connections).values("pk")
    places: tuple[tuple[QuerySet[Any], str], ...] = (
        (Held.objects.filter(delivery_id__in=of_connections), "detail"),
        (Alert.objects.filter(connection__in=connections), "detail"),
        (SyncRun.objects.filter(connection__in=connections), "errors"),
        (Suppression.objects.filter(organization=organization), "detail"),
        (Suppression.objects.filter(organization=organization), "lift_reason"),
        (Event.objects.filter(organization=organization), "detail"),
    )
    count = 0
    for rows, name in places:
        text = models.functions.Cast(F(name), models.TextField())
        for row in rows.filter(mention.may_be_in(text)).only("pk", name):
            kept = stored(getattr(row, name))
            cleaned = mention.removed_from(kept)
            if cleaned != kept:
                count += rows.model.objects.filter(pk=row.pk).update(**{name: cleaned})
    old = identity.contact_id(organization.pk, email)
    contact = Q(content_type=ContentType.objects.get_for_model(Contact), object_id=str(old))
    called = Q(content_type=ContentType.objects.get_for_model(Suppression), object_repr__istartswith=email)
    return count + LogEntry.objects.filter(contact | called).exclude(object_repr="erased").update(object_repr="erased")


def _count_unassigned(email: str, mention: Mention) -> int:
    """Return the number of deliveries about this address in shared workspaces that belong to no organization yet."""
    shared = ProviderConnection.objects.filter(organization__isnull=True).values("pk")
    booked = Event.objects.filter(pk=OuterRef("pk"))
    rows = _deliveries_naming(Delivery.objects.filter(~Exists(booked), connection_id__in=shared), mention)
    return sum(_address(delivery.payload) == email for delivery in rows.iterator(chunk_size=CHUNK))
