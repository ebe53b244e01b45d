"""Apply one change to many conversations, in chunks with a transaction each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from messaging.inbox.refusals import UnknownConversation

CHUNK = 25
MOST = 500
"""Conversations that one request changes at most."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Numbers of conversations changed, already in the requested state, and not found."""

    changed: int = 0
    unchanged: int = 0
    gone: int = 0


def change_each(ids: Iterable[UUID], act: Callable[[UUID], bool]) -> Outcome:
    """Call a service for each conversation, in the order of keys (the lock order). Call outside a transaction.

    Errors that concern all of them (a role too low, a past time) are raised at the first one; earlier changes stay.
    """
    found: list[bool | None] = []
    for chunk in _chunks(sorted(set(ids))):
        with transaction.atomic():
            found += [_one(id, act) for id in chunk]
    return Outcome(found.count(True), found.count(False), found.count(None))


def _one(id: UUID, act: Callable[[UUID], bool]) -> bool | None:
    try:
        return act(id)
    except UnknownConversation:
        return None


def _chunks(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
