"""Every service that changes data for people, called with the other organization's ids and as each role."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from accounts.models import User
from accounts.models.user import NoOrganization
from messaging.inbox.permissions import NotAllowed
from messaging.inbox.services import SERVICES
from messaging.models import Conversation
from salesbrain.isolation.findings import Notes
from salesbrain.isolation.fixtures import NOON, World

VALUES: Mapping[str, dict[str, Any]] = {
    "snooze": {"until": NOON + timedelta(days=1)},
    "done": {},
    "reopen": {},
    "mark_read": {},
    "mark_unread": {},
    "assign": {"assignee": None},
    "label": {"name": "label"},
    "unlabel": {"name": "label"},
    "note": {"text": "note"},
}
"""What each is called with, beside the conversation and who asks."""


def check_services(world: World, notes: Notes) -> None:
    """Call everything as everybody who may not; each answer is the same for somebody else's row and for one nobody has."""
    for name, service in SERVICES.items():
        if not notes.check(
            "services.tried", name in VALUES, name, "nobody tried it: add it to salesbrain/isolation/services.py"
        ):
            continue
        for side in world.sides:
            assert side.user is not None
            other = world.other(side)
            said = {
                id: _outcome(service, id, side.user, VALUES[name]) for id in (other.ids["conversation_id"], uuid4())
            }
            notes.check(
                "services.foreign",
                set(said.values()) == {Conversation.DoesNotExist.__qualname__},
                f"{name} as customer of {side.name}",
                f"with the other's id and nobody's it came to {list(said.values())}",
            )
        own = world.a.ids["conversation_id"]
        refused = {
            "viewer": _outcome(service, own, world.staff["sb_viewer"], VALUES[name]),
            "no_organization": _outcome(service, own, world.nobody, VALUES[name]),
        }
        wanted = {"viewer": NotAllowed.__qualname__, "no_organization": NoOrganization.__qualname__}
        notes.check("services.refused", refused == wanted, name, f"came to {refused}, and must come to {wanted}")


def _outcome(service: Any, id: Any, actor: User, values: dict[str, Any]) -> str:
    """Return the error's name, or what was returned."""
    try:
        return f"returned {service(id, actor=actor, now=NOON, **values)}"
    except Exception as error:
        return type(error).__qualname__
