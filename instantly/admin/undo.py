"""Button on a staff action's admin page that requests the reverse action."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from instantly.actions.action import Action
from instantly.actions.forms import ActionForm
from instantly.actions.registry import ACTIONS
from instantly.actions.works import UNDO
from instantly.choices import ActionState
from instantly.models import StaffAction


class Undo(NamedTuple):
    """The action that reverts another one, and the URL of its form, filled in with `given`."""

    action: Action
    url: str
    given: Mapping[str, Any]


def undo_of(done: StaffAction, request: HttpRequest) -> Undo | None:
    """Return the action that reverts this one, or None.

    An action cannot be undone if it failed, changed nothing, or a later action on the same row replaced it. The reverse action has a
    confirmation page too.
    """
    kind = ACTIONS.get(done.kind)
    if kind is None or not kind.undo or done.state != ActionState.DONE or done.target_id is None:
        return None
    action = ACTIONS[kind.undo]
    given = done.result.get(UNDO)
    asks_nothing = action.form is None or action.form is ActionForm
    if not (given or asks_nothing) or not request.user.has_perm(action.permission) or _is_replaced(done, kind):
        return None
    return Undo(action, reverse(admin_page(action.target, "changelist")), given or {})


def _is_replaced(done: StaffAction, kind: Action) -> bool:
    later = StaffAction.objects.filter(target_id=done.target_id, kind__in={kind.kind, kind.undo})
    return later.filter(created_at__gt=done.created_at).exists()


def admin_page(model: type[Model], page: str) -> str:
    """Return the name of a model's page in the admin, for `reverse`."""
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
