"""Schemas of conversation events (snoozed, assigned …): the fields of each type's `payload`.

Payloads hold ids, times and fixed words; what people typed (a label) is in `detail`, which an erasure empties.
"""

from typing import Any

from messaging.events import (
    CONVERSATION_ASSIGNED,
    CONVERSATION_DONE,
    CONVERSATION_LABELLED,
    CONVERSATION_NOTED,
    CONVERSATION_READ,
    CONVERSATION_REOPENED,
    CONVERSATION_SNOOZED,
    CONVERSATION_UNLABELLED,
    CONVERSATION_UNREAD,
)

SEEN = {
    "seen": "number of the newest event the person had seen; 0: none",
    "replies": "how many human replies there were up to that number",
}
WAS = {"was": "what an undo restores: state, reason, until and unread, or the assignee, or seen and replies"}
STATE = {
    "state": "open, snoozed, done; waiting: an undo of what was said of a waiting one",
    "reason": "why it is done, else empty",
    "until": "end of the snooze, else null",
    **SEEN,
    **WAS,
}
WHO = {"by": "id of the user; null: a rule"}
PAYLOADS: dict[str, dict[str, str]] = {
    CONVERSATION_SNOOZED: {**STATE, **WHO},
    CONVERSATION_DONE: {**STATE, **WHO},
    CONVERSATION_REOPENED: {**STATE, **WHO},
    CONVERSATION_READ: {**SEEN, **WAS, **WHO},
    CONVERSATION_UNREAD: {**SEEN, **WAS, **WHO},
    CONVERSATION_ASSIGNED: {"assignee": "id of the user who takes care of it; null: nobody", **WAS, **WHO},
    CONVERSATION_LABELLED: {**WHO},
    CONVERSATION_UNLABELLED: {**WHO},
    CONVERSATION_NOTED: {"note": "id of the note", **WHO},
}
"""Schema of the payload by event type. `detail` of the event holds the reason (done) or the text of a label, else nothing."""


def payload_of(type: str, **values: Any) -> dict[str, Any]:
    """Return the payload of an event of this type, as JSON values. Raises ValueError where fields are missing or not foreseen."""
    foreseen = PAYLOADS[type]
    if set(values) != set(foreseen):
        raise ValueError(f"A {type} event holds {', '.join(foreseen)}; got {', '.join(values)}.")
    return {name: _plain(values[name]) for name in foreseen}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
