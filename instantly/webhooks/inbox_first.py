"""A reply that the inbox told before its delivery came: the delivery joins that message instead of making another.

Replies delivered since 2025-07 name their mail, and one that does is the same message whoever tells it first. An older one, or one
without its id, is known by its instant only, which the inbox tells a little differently.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson

from instantly import handlers
from messaging import identity
from messaging.choices import Origin
from messaging.events import EventType, ProviderEvent
from messaging.recording import Recordable
from salesbrain import db

SQL = db.statements(Path(__file__).with_name("sql"))
NEAR = timedelta(minutes=2)
REPLIES = {EventType.REPLY_RECEIVED, EventType.AUTO_REPLY_RECEIVED}


def joined(batch: Sequence[Recordable]) -> list[Recordable]:
    """Return the batch with such replies named as the inbox named them. Costs nothing where every reply names its mail."""
    told = list(batch)
    nameless = {
        place: event
        for place, (event, _) in enumerate(told)
        if event.type in REPLIES and not event.email_id and event.campaign_id and event.lead_email
    }
    if not nameless:
        return told
    rows = [
        {
            "place": place,
            "organization_id": event.organization_id,
            "campaign_id": event.campaign_id,
            "contact_id": identity.contact_id(event.organization_id, event.lead_email),
            "at": event.happened_at,
            "subject": event.subject or "",
        }
        for place, event in nameless.items()
    ]
    found = dict(db.prepared(SQL["inbox_first"], [orjson.dumps(rows).decode()]))
    of_inbox = [
        event for event, _ in told if event.type in REPLIES and event.email_id and event.origin == Origin.BACKFILL
    ]
    for place, event in nameless.items():
        if email_id := found.get(place) or _beside(event, of_inbox):
            event = replace(event, email_id=email_id)
            told[place] = event, handlers.changes(event)
    return told


def _beside(reply: ProviderEvent, of_inbox: Sequence[ProviderEvent]) -> str | None:
    """The same question to the batch itself, whose rows are not written yet."""
    near = [
        (abs(mail.happened_at - reply.happened_at), mail.email_id)
        for mail in of_inbox
        if (mail.organization_id, mail.campaign_id, mail.lead_email)
        == (reply.organization_id, reply.campaign_id, reply.lead_email)
        and (mail.subject or "") in ("", reply.subject or "")
    ]
    return next((email_id for apart, email_id in sorted(near) if apart <= NEAR), None)
