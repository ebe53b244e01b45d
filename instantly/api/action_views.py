"""API endpoints of staff actions: apply assignment rules, follow an action, take it back."""

from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ProviderConnection
from campaigns.assignment_rules import plan_of
from instantly.actions import assignment
from instantly.actions.registry import action_of
from instantly.actions.runner import request_action
from instantly.api.action_bodies import ActionSerializer, ApplyBody, brief
from instantly.api.action_writes import ActionWrite
from instantly.models import StaffAction
from messaging.assignment import Move, put_into_effect
from salesbrain import rls
from salesbrain.api.idempotency import Conflict
from salesbrain.api.parameters import NoParameters
from salesbrain.api.responses import Accepted
from salesbrain.kernel.messages import shown

KNOWN = 100
"""Latest assignments of a workspace that can be taken back over the API."""


def as_data(action: StaffAction, *, may_undo: bool) -> dict[str, Any]:
    """Return an action as the API shows it, with its sentences in the caller's language."""
    steps = action.result.get("steps") or []
    return {
        "id": action.pk,
        "kind": action.kind,
        "connection": brief(action.connection, "id", "name", "workspace_name"),
        "target_name": action.target_name,
        "state": action.state,
        "outcome": shown(action.outcome),
        "moved": len(action.result.get("moved", ())) if action.kind == assignment.KIND else None,
        "steps": [{"step": one["step"], "ok": one["ok"], "detail": shown(one["detail"])} for one in steps],
        "may_undo": may_undo,
        "created_at": action.created_at,
        "finished_at": action.finished_at,
    }


def is_undoable(action: StaffAction) -> bool:
    """Return whether an assignment can be taken back. Call in a scope."""
    if action.kind != assignment.KIND:
        return False
    return any(row.pk == action.pk and may for row, may in assignment.history(action.connection_id, most=KNOWN))


class ApplyRulesViewSet(ActionWrite):
    staff_actions = {"apply": "campaigns_assign"}
    idempotent = ("apply",)
    parameters = {"apply": NoParameters}
    bodies = {"apply": ApplyBody}
    shapes = {"apply": Accepted(ActionSerializer)}
    answers_too = (409,)

    def apply(self, request: Request) -> HttpResponseBase:
        """Apply the active rules of a workspace: a job moves what they take, and new campaigns are assigned from now on.

        Answers at once with the action; GET admin/actions/{action_id} follows it, and POST admin/actions/{action_id}/undo takes it
        back. Each campaign goes with its history, in a transaction of its own; at most 2,000 go at once, apply again for more. What
        a person assigned stays. 409 for a dedicated workspace. Operators and admins only.
        """
        self.allow_action(request)
        given = self.body(request)
        only = set(given["campaign_ids"]) if "campaign_ids" in given else None
        return self.once(request, lambda: self._requested(request, given["provider_connection_id"], only))

    def _requested(self, request: Request, key: Any, only: set[Any] | None) -> Response:
        user: Any = request.user
        assert self.scope is not None
        with rls.scope(self.scope):
            connection = ProviderConnection.objects.defer("api_key", "raw").filter(pk=key).first()
            if connection is None:
                raise ValidationError({"provider_connection_id": [_("There is no such connection.")]})
            if connection.organization_id is not None:
                raise Conflict(_("This workspace is dedicated to one organization."), code="dedicated_connection")
            taken = [one for one in plan_of(connection.pk) if one.takes and (only is None or one.campaign.pk in only)]
            put_into_effect(connection.pk, now=timezone.now())
            moves = [Move.of(one) for one in taken[: assignment.MOST_MOVES]]
            action = request_action(
                assignment.KIND, actor=user, target=connection, arguments=assignment.arguments_of(moves)
            )
            return Response(as_data(action, may_undo=False), status=202)


class StaffActionViewSet(ActionWrite):
    in_transaction = True
    outside = ("undo",)
    rate = "default"
    rates = {"undo": "write"}
    idempotent = ("undo",)
    parameters = {"retrieve": NoParameters, "undo": NoParameters}
    shapes = {"retrieve": ActionSerializer, "undo": Accepted(ActionSerializer)}
    answers_too = {"undo": (409,)}

    def retrieve(self, request: Request, action_id: str) -> Response:
        """One staff action: what it is about, how far it is, its outcome."""
        action = self._one(action_id)
        assert self.scope is not None
        with rls.scope(self.scope):
            return Response(as_data(action, may_undo=is_undoable(action)))

    def undo(self, request: Request, action_id: str) -> HttpResponseBase:
        """Take an assignment of campaigns back: a job moves them to where they were before.

        What somebody moved again since then stays. `not_undoable` (409): it is no assignment, is not over, moved nothing, or was
        taken back already. Operators and admins only.
        """
        self.allow(request, action_of(assignment.KIND).permission)
        action = self._one(action_id)
        return self.once(request, lambda: self._undone(request, action))

    def _undone(self, request: Request, action: StaffAction) -> Response:
        user: Any = request.user
        assert self.scope is not None
        with rls.scope(self.scope):
            if not is_undoable(action):
                raise Conflict(
                    _("This cannot be undone: it moved nothing, is not over, or was undone already."),
                    code="not_undoable",
                )
            arguments = assignment.arguments_of(assignment.moves_back(action), undoes=action.pk)
            made = request_action(assignment.KIND, actor=user, target=action.connection, arguments=arguments)
            return Response(as_data(made, may_undo=False), status=202)

    def _one(self, key: str) -> StaffAction:
        rows = StaffAction.objects.select_related("connection").defer("connection__api_key", "connection__raw")
        found: StaffAction = self.found(rows, key)
        return found
