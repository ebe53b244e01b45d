"""Match a reply in Instantly's inbox to the webhook that reported it without a mail id, by time.

Replies delivered since 2025-07 name their mail and need no matching. Older ones, and those without an id, are matched by their
instant, which the inbox reports slightly differently.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import orjson

from messaging import handlers, identity
from messaging.choices import Direction, Origin
from messaging.event_writer import Recordable
from messaging.events import Change, EventType, MessageChange, ProviderEvent
from salesbrain.kernel import db

SQL = db.statements(Path(__file__).with_name("sql"))
NEAR = timedelta(minutes=2)
REPLIES = {EventType.REPLY_RECEIVED, EventType.AUTO_REPLY_RECEIVED}

Replies = Mapping[int, ProviderEvent]
"""Replies that may be reported twice, by their place in the batch."""


class Pair(NamedTuple):
    """A reply of the batch and a candidate it may be identical with: a recorded message, or another mail of the batch."""

    apart: float
    place: int
    other: UUID | int
    email_id: str | None


def unmatched_replies(batch: Sequence[Recordable]) -> dict[int, ProviderEvent]:
    """Return the replies without a mail id, and those from the inbox; usually none."""
    return {
        place: event
        for place, (event, _) in enumerate(batch)
        if event.type in REPLIES
        and event.campaign_id
        and event.lead_email
        and (not event.email_id or event.origin == Origin.BACKFILL)
    }


def match_replies(batch: Sequence[Recordable], replies: Replies) -> list[Recordable]:
    """Return the batch with each of these replies assigned to its message: nearest in time first, each message once.

    Call in the transaction that records it, when nobody else records replies of these campaigns.
    """
    result = list(batch)
    if not replies:
        return result
    taken: set[UUID | int] = set()
    for pair in sorted(
        [*_among_rows(replies), *_pairs_within_batch(replies)], key=lambda pair: (pair.apart, pair.place)
    ):
        if pair.place in taken or pair.other in taken:
            continue
        taken |= {pair.place, pair.other}
        event, changes = result[pair.place]
        if pair.email_id:
            event = replace(event, email_id=pair.email_id)
            result[pair.place] = event, handlers.changes(event)
        elif isinstance(pair.other, UUID):
            result[pair.place] = event, tuple(received_as(pair.other, change) for change in changes)
    return result


def received_as(id: UUID, change: Change) -> Change:
    """Return the change of a received mail with `id` as the key of its message; any other change as it is."""
    if isinstance(change, MessageChange) and change.direction == Direction.IN:
        return replace(change, id=id)
    return change


def _among_rows(replies: Replies) -> Iterator[Pair]:
    asked = [
        {
            "place": place,
            "organization_id": event.organization_id,
            "campaign_id": event.campaign_id,
            "contact_id": identity.contact_id(event.organization_id, event.lead_email),
            "at": event.happened_at,
            "subject": event.subject or "",
            "is_named": bool(event.email_id),
        }
        for place, event in replies.items()
    ]
    for place, id, email_id, apart in db.prepared(SQL["nameless_replies"], [orjson.dumps(asked).decode()]):
        yield Pair(apart, place, id, email_id)


def _pairs_within_batch(replies: Replies) -> Iterator[Pair]:
    """Return candidate pairs within the batch itself, whose rows are not written yet."""
    named = {place: event for place, event in replies.items() if event.email_id}
    for place, event in replies.items():
        for other, mail in named.items():
            apart = abs(mail.happened_at - event.happened_at)
            if (
                not event.email_id
                and apart <= NEAR
                and _reply_place(mail) == _reply_place(event)
                and _may_be(mail, event)
            ):
                yield Pair(apart.total_seconds(), place, other, mail.email_id)


def _reply_place(event: ProviderEvent) -> tuple[UUID, UUID | None, str]:
    return event.organization_id, event.campaign_id, event.lead_email


def _may_be(mail: ProviderEvent, reply: ProviderEvent) -> bool:
    return not mail.subject or not reply.subject or mail.subject == reply.subject
