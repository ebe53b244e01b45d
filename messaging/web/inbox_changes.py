"""Actions of the form `/inbox/act` by name: the service of each, and its arguments from the form."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict

from messaging.choices import DoneReason
from messaging.follow_ups import decisions
from messaging.inbox import blocking, services
from messaging.inbox.refusals import InvalidAssignee, InvalidReason
from messaging.inbox.snooze_words import read_time
from messaging.intelligence.next_steps.suggestions import Decision
from messaging.intelligence.triage import conversation_category
from messaging.web import inbox_asked
from messaging.web.inbox import InboxBase
from salesbrain import rls
from salesbrain.web import organizations

TYPED = "typed"
FIELDS: Mapping[str, str] = {"snooze": "until", "label": "name"}
"""Field of the bulk form by action."""

Change = Callable[..., bool]
Given = Mapping[str, Any]


def named_action(post: QueryDict) -> str:
    """Return the action of a form. The Enter key in the bulk form submits no action's name (TYPED): then the field that was filled in
    determines it, if any.
    """
    action = post.get("action", "")
    if action != TYPED:
        return action
    return next((action for action, field in FIELDS.items() if post.get(field, "").strip()), TYPED)


def _seen(post: QueryDict) -> Given:
    number = number_of(post.get("seen", ""))
    return {} if number is None else {"seen": number}


def number_of(text: str) -> int | None:
    """Parse a number in a form, such as an event's id; None for an invalid one."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _snooze(view: InboxBase, post: QueryDict) -> tuple[Change, Given]:
    until: datetime = read_time(post.get("until", ""), now=view.now, zone=view.user.zone())
    return services.snooze, {"until": until, **_seen(post)}


def _done(view: InboxBase, post: QueryDict) -> tuple[Change, Given]:
    reason = post.get("reason") or DoneReason.HANDLED
    if reason not in DoneReason.values:
        raise InvalidReason
    return services.done, {"reason": DoneReason(reason), **_seen(post)}


def _assign(view: InboxBase, post: QueryDict) -> tuple[Change, Given]:
    named = post.get("assignee", "")
    assignee = view.user.pk if named == inbox_asked.ME else organizations.parse(named)
    if named and assignee is None:
        raise InvalidAssignee
    return services.assign, {"assignee_id": assignee}


def _categorize(view: InboxBase, post: QueryDict) -> tuple[Change, Given]:
    return conversation_category.correct_category, {"category": post.get("category", "")}


def _decide(view: InboxBase, post: QueryDict) -> tuple[Change, Given]:
    """Accept or dismiss the conversation's next step; a dismissal comes with its reason."""
    why = post.get("why", "")
    is_dismissed = post.get("action") == "dismiss"
    decision = Decision.DISMISSED if is_dismissed else Decision.ACCEPTED
    return _decide_step, {"key": post.get("key", ""), "decision": decision.value, "why": why if is_dismissed else ""}


def _decide_step(scope: rls.Scope, *, by: Any, conversation_id: UUID, now: datetime, **given: Any) -> bool:
    """Decide on the next step of a conversation's contact, as `decisions.decide`, which checks the role."""
    return decisions.decide(scope, by=by, contact_id=conversation_id, now=now, **given)


def _take_step_back(scope: rls.Scope, *, by: Any, conversation_id: UUID, now: datetime, key: str) -> bool:
    return decisions.take_back(scope, by=by, contact_id=conversation_id, now=now, key=key)


ACTIONS: Mapping[str, Callable[[InboxBase, QueryDict], tuple[Change, Given]]] = {
    "done": _done,
    "snooze": _snooze,
    "reopen": lambda view, post: (services.reopen, _seen(post)),
    "read": lambda view, post: (services.mark_read, _seen(post)),
    "unread": lambda view, post: (services.mark_unread, {}),
    "assign": _assign,
    "label": lambda view, post: (services.label, {"name": post.get("name", "")}),
    "unlabel": lambda view, post: (services.unlabel, {"name": post.get("name", "")}),
    "note": lambda view, post: (services.note, {"text": post.get("text", "")}),
    "block": lambda view, post: (blocking.block, {}),
    "categorize": _categorize,
    "accept": _decide,
    "dismiss": _decide,
}
"""Actions by their name in the form: the service, and its arguments from the form."""

UNDONE_BY_SERVICE: Mapping[str, Change] = {
    "block": blocking.unblock, "categorize": conversation_category.withdraw_correction,
    "accept": _take_step_back, "dismiss": _take_step_back,
}  # fmt: skip
"""Actions whose undo is a separate service; others are undone from their events."""

OF_WHAT_WAS_SEEN = ("done", "snooze", "reopen", "read")
"""Changes that are reverted by a reply recorded after the newest event the person had seen."""

FOR_GOOD = ("read",)
"""Actions without an undo: opening a conversation has the same effect."""
