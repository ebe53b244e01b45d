"""Anonymize later events of erased people: counted on an anonymous contact, without their text."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from instantly.models import Delivery
from messaging import handlers
from messaging.erasure import aliases as erasure
from messaging.event_writer import Recordable
from messaging.events import Change, MessageChange, ProviderEvent

UNNAMED: dict[str, Any] = {
    "subject": None, "body_text": None, "body_html": None, "reply_text": None,
    "first_name": "", "last_name": "", "company": "", "phone": "", "website": "",
}  # fmt: skip


def anonymize_erased(batch: Sequence[Recordable]) -> list[Recordable]:
    """Return the batch with erased people replaced by anonymous contacts; delete their deliveries' bodies. Call in its transaction."""
    if not batch:
        return []
    aliases = erasure.aliases({(event.organization_id, event.lead_email) for event, _ in batch})
    if not aliases:
        return list(batch)
    result: list[Recordable] = []
    erased = []
    for event, changes in batch:
        alias = aliases.get((event.organization_id, event.lead_email))
        if alias is None:
            result.append((event, changes))
        else:
            result.append(_anonymous(event, alias))
            erased.append(event.id)
    Delivery.objects.filter(pk__in=erased).update(body=None, cleaned=None)
    return result


def _anonymous(event: ProviderEvent, alias: str) -> Recordable:
    """Return the event without data that identifies the person; the provider's mail id becomes part of a hash before it is removed."""
    unnamed = replace(event, lead_email=alias, **UNNAMED)
    changes = tuple(_without_ids(change) for change in handlers.changes(unnamed))
    return replace(unnamed, email_id="", thread_id=""), changes


def _without_ids(change: Change) -> Change:
    return replace(change, email_id=None, thread_id=None) if isinstance(change, MessageChange) else change
