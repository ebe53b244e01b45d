"""Distinguish replies that share a mail id but are separate mails, by their time.

`timestamp` is fixed for an occurrence and not renewed by a retry, so two deliveries of different times are two occurrences even where they
name one mail (webhooks.md, "Delivery": the id is no key of an occurrence). A true copy is never processed here: it has the digest of a
stored delivery and was dropped on receipt. A mail from the inbox has a time of its own and is matched by the id alone: it is the mail of
that id nearest in time.

The key of a reply is made of mail id and time, so that it does not depend on which reply is recorded first. Where the inbox reported the
mail before its delivery came, or an earlier release recorded it, the mail keeps the key of the id alone.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import orjson

from messaging import handlers, identity
from messaging.choices import Origin
from messaging.event_writer import Recordable
from messaging.events import EventType, ProviderEvent
from salesbrain.kernel import db

from .reply_matching import received_as

SQL = db.statements(Path(__file__).with_name("sql"))
REPLIES = {EventType.REPLY_RECEIVED, EventType.AUTO_REPLY_RECEIVED}
LOCKS = 0x5A1E5B05
"""First key of advisory locks, the second is one of KEYS: workers with replies of one mail id wait for each other."""
KEYS = 256
LOCK = "SELECT pg_advisory_xact_lock(%s, key) FROM unnest(%s::int[]) AS key ORDER BY key"


def lock_mail_ids(batch: Sequence[Recordable]) -> None:
    """Wait for workers that process replies with the same mail ids, and make them wait for this one. Call before any row is locked: a
    worker that waits here then holds no lock that another one needs.
    """
    keys = sorted({_key(event).int % KEYS for event, _ in batch if _is_named(event)})
    if keys:
        db.prepared(LOCK, [LOCKS, keys])


def distinguish_replies(batch: Sequence[Recordable]) -> list[Recordable]:
    """Return the batch with the key of each reply that has a mail id. Call in the transaction that records it, after lock_mail_ids."""
    named = {place: _key(event) for place, (event, _) in enumerate(batch) if _is_named(event)}
    result = list(batch)
    if not named:
        return result
    known = _recorded(batch, named)
    in_order = sorted(named, key=lambda place: _order(batch[place][0]))
    for place in in_order:
        event, mails = batch[place][0], known[named[place]]
        if event.origin == Origin.WEBHOOK:
            result[place] = _with_key_for_its_time(event, batch[place], named[place], mails)
        elif mails.delivered:
            result[place] = _nearest(event, batch[place], mails)
    return result


@dataclass(slots=True)
class Mails:
    """Known mails that share one mail id: delivered ones by time, and whether the inbox reported the first."""

    delivered: dict[datetime, UUID] = field(default_factory=dict)
    is_told_by_inbox: bool = False


def _with_key_for_its_time(event: ProviderEvent, row: Recordable, key: UUID, mails: Mails) -> Recordable:
    """Return a reply's delivery with its key: the one recorded for its time, an undelivered one from the inbox, or a new one."""
    at = event.happened_at
    if mails.is_told_by_inbox and not mails.delivered:
        mails.delivered[at] = key
    if mails.delivered.get(at) == key:
        return row
    event = replace(event, mail_key=f"{event.email_id} {at.isoformat()}")
    assert event.campaign_id is not None
    mails.delivered[at] = identity.inbound_id(event.campaign_id, event.lead_email, event.mail_key)
    return event, handlers.changes(event)


def _nearest(event: ProviderEvent, row: Recordable, mails: Mails) -> Recordable:
    """Return the recorded mail to which an inbox report of this id belongs: the nearest in time."""
    at = min(mails.delivered, key=lambda at: (abs(at - event.happened_at), at))
    return event, tuple(received_as(mails.delivered[at], change) for change in row[1])


def _order(event: ProviderEvent) -> tuple[bool, datetime, int]:
    return event.origin != Origin.WEBHOOK, event.happened_at, event.id


def _is_named(event: ProviderEvent) -> bool:
    return bool(event.type in REPLIES and event.email_id and event.lead_email and event.campaign_id)


def _key(event: ProviderEvent) -> UUID:
    assert event.campaign_id is not None
    return identity.inbound_id(event.campaign_id, event.lead_email, event.email_id)


def _recorded(batch: Sequence[Recordable], named: Mapping[int, UUID]) -> defaultdict[UUID, Mails]:
    """Return the recorded mails of the batch's replies by the key of a message that is made of their mail id alone."""
    asked = [
        {
            "organization_id": batch[place][0].organization_id,
            "contact_id": identity.contact_id(batch[place][0].organization_id, batch[place][0].lead_email),
            "campaign_id": batch[place][0].campaign_id,
            "email_id": batch[place][0].email_id,
            "key": key,
        }
        for place, key in named.items()
    ]
    known: defaultdict[UUID, Mails] = defaultdict(Mails)
    for key, message_id, at, is_delivered in db.prepared(SQL["reply_times"], [orjson.dumps(asked).decode()]):
        if is_delivered:
            known[key].delivered[at] = message_id
        else:
            known[key].is_told_by_inbox |= message_id == key
    return known
