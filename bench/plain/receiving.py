"""Event intake of the plain Django baseline: look up, get_or_create, save, F() + 1.

One event per request, in one transaction and SYSTEM scope, before the response.
"""

from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, JsonResponse
from django.utils.dateparse import parse_datetime
from django.views.decorators.csrf import csrf_exempt

from accounts.models import WebhookSecret
from accounts.models.connection import digest as digest_of_secret
from campaigns.models import Campaign
from instantly.models import Delivery
from instantly.webhooks.store import digest
from messaging import identity
from messaging.models import Contact, DailyStats, Event, Message
from salesbrain import rls

KINDS = {
    "email_sent": ("email_sent", "sent_at", "sent"),
    "email_opened": ("email_opened", "opened_at", "unique_opens"),
    "link_clicked": ("email_clicked", "clicked_at", "unique_clicks"),
    "reply_received": ("reply_received", "replied_at", "unique_replies"),
    "email_bounced": ("email_bounced", "bounced_at", "bounces"),
}
COUNTS = {"email_opened": ("open_count", "opens"), "link_clicked": ("click_count", "clicks")}


@csrf_exempt
def receive(request: HttpRequest) -> JsonResponse:
    payload = orjson.loads(request.body)
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        offered = digest_of_secret(request.headers.get("X-Webhook-Secret", ""))
        secret = WebhookSecret.objects.filter(digest=offered).select_related("connection").first()
        if secret is None:
            return JsonResponse({"success": False}, status=401)
        delivery, is_new = Delivery.objects.get_or_create(
            connection_id=secret.connection_id,
            digest=digest(payload),
            defaults={"event_type": payload["event_type"], "campaign": payload["campaign_id"], "body": request.body},
        )
        if is_new:
            record(delivery.pk, secret.connection_id, payload)
    return JsonResponse({"success": True})


def record(id: int, connection_id: UUID, payload: dict[str, Any]) -> None:
    campaign = Campaign.objects.get(connection_id=connection_id, provider_id=payload["campaign_id"])
    at, email, step, variant = (
        parse_datetime(payload["timestamp"]),
        payload["lead_email"],
        payload["step"],
        payload["variant"],
    )
    assert at, "every body of the benchmark has a timestamp"
    contact, _ = Contact.objects.get_or_create(
        id=identity.contact_id(campaign.organization_id, email),
        defaults={"organization_id": campaign.organization_id, "email": email, "first_seen_at": at},
    )
    contact.first_name, contact.last_name, contact.company = (
        payload[name] for name in ("firstName", "lastName", "companyName")
    )
    contact.named_at = at
    kind, moment, figure = KINDS.get(payload["event_type"], ("lead_interested", "", "interested"))
    if kind == "lead_interested":
        contact.interest, contact.interest_at = kind, at
    contact.save()
    common = {"organization_id": campaign.organization_id, "campaign": campaign, "step": step, "variant": variant}
    stats, _ = DailyStats.objects.get_or_create(**common, email_account=payload["email_account"], day=at.date())
    counted: dict[str, int] = {}
    message = None
    if moment:
        out = identity.outbound_id(campaign.pk, email, step, variant)
        shared = {**common, "contact": contact, "email_account": payload["email_account"], "happened_at": at}
        message, made = Message.objects.select_for_update().get_or_create(
            id=out, defaults=shared | {"direction": "out"}
        )
        counted["messages"] = int(made)
        counted[figure] = int(getattr(message, moment) is None)
        setattr(message, moment, at)
        if kind == "email_sent":
            message.subject, message.body_text, message.text_at = payload["email_subject"], payload["email_text"], at
        if payload["event_type"] in COUNTS:
            column, total = COUNTS[payload["event_type"]]
            setattr(message, column, getattr(message, column) + 1)
            counted[total] = 1
        message.save()
        if kind == "reply_received":
            texts = {
                "subject": payload["reply_subject"],
                "body_text": payload["reply_text"],
                "sent_at": at,
                "text_at": at,
            }
            reply = identity.inbound_id(campaign.pk, email, payload["email_id"])
            message, made = Message.objects.get_or_create(id=reply, defaults=shared | {"direction": "in", **texts})
            counted["messages"] += int(made)
            counted["replies"] = int(made)
    else:
        counted[figure] = 1
    Event.objects.create(
        id=id, connection_id=connection_id, contact=contact, message=message, type=kind, detail=payload["event_type"], happened_at=at,
        email_account=payload["email_account"], lead_email=email, **common,
    )  # fmt: skip
    DailyStats.objects.filter(pk=stats.pk).update(**{name: F(name) + n for name, n in counted.items()})
