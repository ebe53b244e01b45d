"""Recompute conversations from messages, events and categories, and repair those that differ.

The recount is slow and simple, in Python and from the messages, and shares no code with conversation/refresh.sql, which reads the event
log. `version` and the row's timestamps cannot be derived and are not compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from messaging import conversation_writer
from messaging.choices import Direction
from messaging.erasure import aliases
from messaging.events import EventType
from messaging.models import Contact, Conversation, Event, Message, MessageCategory
from salesbrain import rls

PAGE = 500
COMPARED = (
    "state", "done_reason", "snoozed_until", "last_inbound_at", "last_human_at", "last_outbound_at", "last_mail_at", "waiting_since",
    "is_unread", "is_untracked", "category", "assignee_id", "chosen_state", "chosen_reason", "chosen_until", "chosen_at", "chosen_seen",
    "chosen_replies", "read_at", "read_seen", "read_replies",
)  # fmt: skip
CATEGORIES = {
    "lead_interested": "interested",
    "lead_meeting_booked": "meeting",
    "lead_meeting_completed": "meeting",
    "lead_not_interested": "not_interested",
    "lead_out_of_office": "out_of_office",
    "lead_wrong_person": "wrong_person",
}
STATES = ("conversation_snoozed", "conversation_done", "conversation_reopened")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """A conversation that differs from its recount; `fields`: (stored, recounted). A missing or surplus row differs in `row`."""

    organization_id: UUID
    contact_id: UUID
    fields: dict[str, tuple[Any, Any]]


def differences(organization_id: UUID | None = None) -> Iterator[Difference]:
    """Yield the conversations (of one organization, or all) that differ from a recount of mails, events and categories.

    Each page of contacts is read in one snapshot, so a running worker causes no differences. Call outside of a transaction.
    """
    last = UUID(int=0)
    while True:
        with _one_snapshot(), rls.scope(rls.SYSTEM):
            ids = _next_contact_ids(organization_id, last)
            found = list(_compared(ids))
        yield from found
        if not ids:
            return
        last = ids[-1]


def rebuild(organization_id: UUID | None = None) -> list[Difference]:
    """Correct the conversations that differ, a transaction per page of contacts, and return the differences. Call outside a transaction."""
    found = []
    last = UUID(int=0)
    while True:
        with transaction.atomic(), rls.scope(rls.SYSTEM):
            aliases.aliases([])
            ids = _next_contact_ids(organization_id, last)
            conversation_writer.hold_contacts(ids)
            list(
                Conversation.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk")
            )
            wrong = list(_compared(ids))
            _correct(wrong)
        found += wrong
        if not ids:
            return found
        last = ids[-1]


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """Run several statements on one snapshot, unless a transaction is open already."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _next_contact_ids(organization_id: UUID | None, last: UUID) -> list[UUID]:
    contacts = Contact.objects.filter(pk__gt=last).order_by("pk")
    if organization_id is not None:
        contacts = contacts.filter(organization=organization_id)
    return list(contacts.values_list("pk", flat=True)[:PAGE])


def _compared(ids: list[UUID]) -> Iterator[Difference]:
    stored = {
        row["id"]: row for row in Conversation.objects.filter(pk__in=ids).values("id", "organization_id", *COMPARED)
    }
    right = {row["id"]: row for row in _recounted(ids)}
    for id in ids:
        was, should = stored.get(id), right.get(id)
        if was is None and should is None:
            continue
        if was is None or should is None:
            whose = (was or should or {})["organization_id"]
            yield Difference(whose, id, {"row": (was is not None, should is not None)})
            continue
        fields = {name: (was[name], should[name]) for name in COMPARED if was[name] != should[name]}
        if fields:
            yield Difference(was["organization_id"], id, fields)


def _correct(wrong: Iterable[Difference]) -> None:
    ids = [difference.contact_id for difference in wrong]
    right = {row["id"]: row for row in _recounted(ids)}
    for difference in wrong:
        row = right.get(difference.contact_id)
        if row is None:
            Conversation.objects.filter(pk=difference.contact_id).delete()
        elif "row" in difference.fields:
            Conversation.objects.create(**row)
        else:
            stored = Conversation.objects.get(pk=difference.contact_id)
            for name in COMPARED:
                setattr(stored, name, row[name])
            stored.version += bool(
                {"state", "done_reason", "last_inbound_at", "last_outbound_at"} & set(difference.fields)
            )
            stored.save()


def _recounted(ids: list[UUID]) -> Iterator[Row]:
    """Yield the recounted conversations of these contacts."""
    mails: dict[UUID, list[Message]] = defaultdict(list)
    wanted = Message.objects.filter(contact__in=ids).defer("subject", "body_text", "body_html", "reply_text")
    for message in wanted:
        if message.direction == Direction.IN or message.kind == "manual":
            mails[message.contact_id].append(message)
    log: dict[UUID, list[Event]] = defaultdict(list)
    for event in Event.objects.filter(contact__in=ids).order_by("id"):
        log[event.contact_id].append(event)
    received = [message.pk for messages in mails.values() for message in messages if message.direction == Direction.IN]
    categories = dict(MessageCategory.objects.filter(pk__in=received).values_list("pk", "category"))
    for contact in Contact.objects.filter(pk__in=ids).order_by("pk"):
        row = _conversation(contact, mails[contact.pk], log[contact.pk], categories)
        if row is not None:
            yield row


def _conversation(contact: Contact, mails: list[Message], log: list[Event], categories: dict[UUID, str]) -> Row | None:
    said = [event for event in log if event.type.startswith("conversation_")]
    if not mails and not said:
        return None
    human = [mail for mail in mails if mail.direction == Direction.IN and not mail.is_auto_reply]
    received = [mail for mail in mails if mail.direction == Direction.IN]
    ours = [mail for mail in mails if mail.direction == Direction.OUT]
    state = _last(said, STATES)
    mark = _last(said, (*STATES, "conversation_read", "conversation_unread"))
    chosen = state.payload or {} if state else {}
    read = mark.payload or {} if mark else {}
    unseen = _unseen_replies(log, human, chosen)
    unread = _unseen_replies(log, human, read)
    why = _deciding_event(mails, ours, log, unseen, state)
    row: Row = {
        "id": contact.pk,
        "organization_id": contact.organization_id,
        "state": {"reply": "open", "answer": "waiting", "chosen": chosen.get("state")}.get(why, "done"),
        "done_reason": "" if why in ("reply", "answer") else chosen.get("reason") or "" if why == "chosen" else why,
        "snoozed_until": _moment(chosen.get("until")) if why == "chosen" else None,
        "last_inbound_at": _latest(received),
        "last_human_at": _latest(human),
        "last_outbound_at": _latest(ours),
        "last_mail_at": _latest([*received, *ours]) or contact.first_seen_at,
        "waiting_since": None,
        "is_unread": _is_unread(unread, ours, mark),
        "is_untracked": bool(mails) and all(mail.campaign_id is None for mail in mails),
        "category": _category(contact, human or received, categories),
        "chosen_state": chosen.get("state"),
        "chosen_reason": chosen.get("reason") or "",
        "chosen_until": _moment(chosen.get("until")),
        "chosen_at": state.happened_at if state else None,
        "chosen_seen": chosen.get("seen"),
        "chosen_replies": chosen.get("replies"),
        "read_at": mark.happened_at if mark else None,
        "read_seen": read.get("seen"),
        "read_replies": read.get("replies"),
        "assignee_id": _assignee(said),
    }
    if row["state"] in ("open", "snoozed"):
        row["waiting_since"] = _waiting_since(human, ours, unseen if why == "reply" else human)
    return row


def _last(said: list[Event], types: tuple[str, ...]) -> Event | None:
    words = [event for event in said if event.type in types]
    return max(words, key=lambda event: (event.happened_at, event.pk)) if words else None


def _unseen_replies(log: list[Event], human: list[Message], word: Row) -> list[Message]:
    """Return the human replies that a person had not seen at a change. A reply that was recorded late, with an older event id, is noticed
    only by the number of replies; then the latest reply before the change counts as unseen.
    """
    replies = {mail.pk: mail for mail in human}
    told = [event for event in log if event.message_id in replies and event.copy_of is None and event.type in RECEIVED]
    if not word:
        return [replies[id] for id in {event.message_id for event in told if event.message_id}]
    before = [event for event in told if event.pk <= word["seen"]]
    new = {event.message_id for event in told if event.pk > word["seen"]}
    found = [replies[id] for id in new if id]
    if len(before) > word["replies"]:
        found += [replies[event.message_id] for event in before if event.message_id]
    return found


RECEIVED = {
    EventType.REPLY_RECEIVED,
    EventType.AUTO_REPLY_RECEIVED,
    EventType.UNTRACKED_REPLY_RECEIVED,
    EventType.UNTRACKED_AUTO_REPLY_RECEIVED,
}


def _deciding_event(
    mails: list[Message], ours: list[Message], log: list[Event], unseen: list[Message], state: Event | None
) -> str:
    """Return the event that determines the state: the latest reply, closing or answer after a person's change, else that change."""
    if not mails:
        return "moved"
    since = state.happened_at if state else None
    candidates = [(mail.happened_at, 3, "reply") for mail in unseen]
    for type, rank, reason in (
        (EventType.EMAIL_SPAM_REPORT, 2, "complaint"),
        (EventType.EMAIL_UNSUBSCRIBED, 1, "unsubscribe"),
    ):
        candidates += [
            (event.happened_at, rank, reason)
            for event in log
            if event.type == type and (since is None or event.happened_at > since)
        ]
    candidates += [(mail.happened_at, 0, "answer") for mail in ours if since is None or mail.happened_at > since]
    if candidates:
        return max(candidates)[2]
    return "chosen" if state else "answer"


def _is_unread(unread: list[Message], ours: list[Message], mark: Event | None) -> bool:
    if mark is not None and (mark.payload or {}).get("seen") == 0:
        return True
    answered = [mail for mail in ours if mark is None or mail.happened_at > mark.happened_at]
    return bool(unread) and (not answered or _time(unread) >= _time(answered))


def _waiting_since(human: list[Message], ours: list[Message], waiting: list[Message]) -> datetime | None:
    after = _latest(ours)
    times = [mail.happened_at for mail in waiting if after is None or mail.happened_at > after]
    return min(times) if times else _latest(human)


def _category(contact: Contact, replies: list[Message], categories: dict[UUID, str]) -> str | None:
    if replies:
        latest = max(replies, key=lambda mail: (mail.happened_at, mail.pk.bytes))
        if latest.pk in categories:
            return categories[latest.pk]
    return CATEGORIES.get(contact.staff_interest if contact.staff_interest is not None else contact.interest or "")


def _assignee(said: list[Event]) -> UUID | None:
    words = [event for event in said if event.type == "conversation_assigned"]
    id = (words[-1].payload or {}).get("assignee") if words else None
    return UUID(id) if id else None


def _latest(mails: list[Message]) -> datetime | None:
    return _time(mails) if mails else None


def _time(mails: list[Message]) -> datetime:
    return max(mail.happened_at for mail in mails)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
