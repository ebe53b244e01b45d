"""Replies that come with one mail id and are several mails: told apart by their time.

`timestamp` is fixed for an occurrence and not renewed by a retry, so two deliveries of different times are two occurrences even where
they name one mail (webhooks.md, "Delivery": the id is no key of an occurrence). A true copy never gets here: it has the digest of what
is stored. What the inbox tells has a time of its own and is known by the id alone, so it stays with the mail that has it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import orjson

from messaging import handlers, identity
from messaging.choices import Origin
from messaging.event_writer import Recordable
from messaging.events import EventType, ProviderEvent
from salesbrain.kernel import db

SQL = db.statements(Path(__file__).with_name("sql"))
REPLIES = {EventType.REPLY_RECEIVED, EventType.AUTO_REPLY_RECEIVED}
LOCKS = 0x5A1E5B05
"""First key of advisory locks; the second is one of KEYS. Two workers with replies of one mail id wait for each other."""
KEYS = 256
LOCK = "SELECT pg_advisory_xact_lock(%s, key) FROM unnest(%s::int[]) AS key ORDER BY key"


def told_apart(batch: Sequence[Recordable]) -> list[Recordable]:
    """Return the batch with a key of its own for each reply that shares its mail id with another one of another time.

    The first one recorded keeps the key made of the id alone, as all of earlier releases have. Call in the transaction that records it.
    """
    named = {place: _key(event) for place, (event, _) in enumerate(batch) if _is_named(event)}
    told = list(batch)
    if not named:
        return told
    db.prepared(LOCK, [LOCKS, sorted({key.int % KEYS for key in named.values()})])
    known = _recorded(batch, named)
    for place in sorted(named, key=lambda place: (batch[place][0].happened_at, batch[place][0].id)):
        event, key = batch[place][0], named[place]
        times = known[key]
        if not times or event.happened_at in times:
            times.add(event.happened_at)
            continue
        event = replace(event, mail_key=f"{event.email_id} {event.happened_at.isoformat()}")
        told[place] = event, handlers.changes(event)
    return told


def _is_named(event: ProviderEvent) -> bool:
    named = event.email_id and event.lead_email and event.campaign_id
    return bool(event.type in REPLIES and event.origin == Origin.WEBHOOK and named)


def _key(event: ProviderEvent) -> UUID:
    assert event.campaign_id is not None
    return identity.inbound_id(event.campaign_id, event.lead_email, event.email_id)


def _recorded(batch: Sequence[Recordable], named: Mapping[int, UUID]) -> defaultdict[UUID, set[datetime]]:
    """Return the times of the deliveries that told each of these mails."""
    asked = [
        {
            "organization_id": batch[place][0].organization_id,
            "contact_id": identity.contact_id(batch[place][0].organization_id, batch[place][0].lead_email),
            "message_id": key,
        }
        for place, key in named.items()
    ]
    times: defaultdict[UUID, set[datetime]] = defaultdict(set)
    for key, at in db.prepared(SQL["reply_times"], [orjson.dumps(asked).decode()]):
        times[key].add(at)
    return times
