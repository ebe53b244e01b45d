"""API endpoints of promotions: a customer's move out of a shared workspace into one of their own."""

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ProviderConnection
from instantly.actions.promotion import works
from instantly.actions.promotion.requests import CannotPromote, Choice, begin, confirm, request_continue, request_undo
from instantly.actions.promotion.work import counted
from instantly.actions.registry import action_of
from instantly.actions.runner import request_action
from instantly.api.action_bodies import (
    ActionSerializer,
    CheckBody,
    PromotionBody,
    PromotionSerializer,
    PromotionsSerializer,
    brief,
)
from instantly.api.action_views import as_data
from instantly.api.action_writes import ActionWrite
from instantly.models import Promotion
from salesbrain import rls
from salesbrain.api.idempotency import Conflict
from salesbrain.api.parameters import NoParameters
from salesbrain.api.responses import Accepted
from salesbrain.kernel.messages import shown

CHANGES = ("create", "check", "go_on", "undo", "confirm")
LATEST = 100


def promotion_data(promotion: Promotion) -> dict[str, Any]:
    """Return a promotion as the API shows it, with its sentences in the caller's language."""
    done, steps = counted(promotion)

    def noted(part: str, key: str) -> dict[str, Any]:
        found: dict[str, Any] = promotion.journal.get(part, {}).get(key, {})
        return found

    def campaigns(part: str) -> list[dict[str, Any]]:
        return [
            {
                "campaign_id": row["id"],
                "name": row["name"],
                "state": noted(part, row["id"]).get("state", "waits"),
                "copy_id": noted(part, row["id"]).get("copy"),
            }
            for row in promotion.plan.get(part, ())
        ]

    return {
        "id": promotion.pk,
        "organization": brief(promotion.organization, "id", "name"),
        "connection": brief(promotion.source, "id", "name", "workspace_name"),
        "destination": brief(promotion.destination, "id", "name", "workspace_name"),
        "state": promotion.state,
        "is_undo": promotion.undo_at is not None,
        "steps_done": done,
        "steps": steps,
        "outcome": shown(promotion.outcome),
        "left": [shown(one) for one in promotion.left],
        "email_accounts": [
            {"address": row["address"], "state": noted("accounts", row["address"]).get("state", "waits")}
            for row in promotion.plan.get("accounts", ())
        ],
        "copied": campaigns("copies"),
        "paused": campaigns("paused"),
        "created_at": promotion.created_at,
        "confirmed_at": promotion.confirmed_at,
    }


class PromotionViewSet(ActionWrite):
    staff_actions = {"create": works.PROMOTE, "check": works.CHECK, "undo": works.UNDO}
    in_transaction = True
    outside = CHANGES
    rate = "default"
    rates = dict.fromkeys(CHANGES, "write")
    idempotent = CHANGES
    parameters = dict.fromkeys(("list", "retrieve", *CHANGES), NoParameters)
    bodies = {"create": PromotionBody, "check": CheckBody}
    shapes = {
        "list": PromotionsSerializer,
        "retrieve": PromotionSerializer,
        "check": Accepted(ActionSerializer),
        "confirm": PromotionSerializer,
        **dict.fromkeys(("create", "go_on", "undo"), Accepted(PromotionSerializer)),
    }
    answers_too = dict.fromkeys(CHANGES, (409,))

    def list(self, request: Request) -> Response:
        """The latest 100 promotions: customers that moved out of a shared workspace into one of their own."""
        return Response({"promotions": [promotion_data(row) for row in _rows()[:LATEST]]})

    def retrieve(self, request: Request, promotion_id: str) -> Response:
        """One promotion: how far it is, and what became of each email account and campaign."""
        return Response(promotion_data(self._one(promotion_id)))

    def check(self, request: Request) -> HttpResponseBase:
        """Ask Instantly whether a promotion would work, and change nothing.

        A job asks for both workspaces, for the workspace group and for the email accounts; GET admin/actions/{action_id} has its
        `steps`. Operators and admins only.
        """
        self.allow_action(request)
        given = self.body(request)
        return self.once(request, lambda: self._check_requested(request, given))

    def create(self, request: Request) -> HttpResponseBase:
        """Begin to promote a customer: a job pauses, moves and copies what is named.

        Email accounts move at Instantly into the customer's own workspace; campaigns stay where they are with their history, and
        those named get a draft of the same content there. `cannot_promote` (409) says what speaks against it, and nothing is
        changed then. It can be undone until it is confirmed. Operators and admins only.
        """
        self.allow_action(request)
        given = self.body(request)
        return self.once(request, lambda: self._begun(request, given))

    def go_on(self, request: Request, promotion_id: str) -> HttpResponseBase:
        """Continue a promotion that stopped, or its undo; what is done is not done twice.

        `cannot_promote` (409): it is not stopped. Operators and admins only.
        """
        self.allow(request, action_of(works.PROMOTE).permission)
        promotion = self._one(promotion_id)

        def work(user: Any) -> None:
            request_continue(promotion, now=timezone.now())
            self._queue(user, promotion, works.UNDO if promotion.undo_at else works.PROMOTE)

        return self._changed(request, promotion, work, status=202)

    def undo(self, request: Request, promotion_id: str) -> HttpResponseBase:
        """Take a promotion back as far as possible, before it is confirmed.

        Email accounts move back, untouched copies are deleted at Instantly, and campaigns that it paused are activated. What
        somebody worked with since then stays, and `left` names it. `cannot_promote` (409): it runs, or is confirmed or undone
        already. Operators and admins only.
        """
        self.allow_action(request)
        promotion = self._one(promotion_id)

        def work(user: Any) -> None:
            request_undo(promotion, actor=user, actor_name=user.email, now=timezone.now())
            self._queue(user, promotion, works.UNDO)

        return self._changed(request, promotion, work, status=202)

    def confirm(self, request: Request, promotion_id: str) -> HttpResponseBase:
        """Close a promotion that is done. It cannot be undone afterwards.

        `cannot_promote` (409): it does not wait for that. Operators and admins only.
        """
        self.allow(request, action_of(works.PROMOTE).permission)
        promotion = self._one(promotion_id)
        return self._changed(
            request,
            promotion,
            lambda user: confirm(promotion, actor=user, actor_name=user.email, now=timezone.now()),
            status=200,
        )

    # --- parts --------------------------------------------------------------------------------------------------------

    def _check_requested(self, request: Request, given: dict[str, Any]) -> Response:
        user: Any = request.user
        choice = {
            "destination": str(given["destination_connection_id"]),
            "admin": str(given["admin_connection_id"]) if "admin_connection_id" in given else None,
            "accounts": [str(key) for key in given["email_account_ids"]],
            "copied": [],
            "paused": [],
        }
        assert self.scope is not None
        with rls.scope(self.scope):
            source = _connection(given["provider_connection_id"], "provider_connection_id")
            for name in ("destination_connection_id", "admin_connection_id"):
                if name in given:
                    _connection(given[name], name)
            action = request_action(works.CHECK, actor=user, target=source, arguments={"choice": choice})
            return Response(as_data(action, may_undo=False), status=202)

    def _begun(self, request: Request, given: dict[str, Any]) -> Response:
        user: Any = request.user
        choice = Choice(
            organization_id=given["organization_id"],
            source_id=given["provider_connection_id"],
            destination_id=given["destination_connection_id"],
            admin_id=given.get("admin_connection_id"),
            accounts=frozenset(given["email_account_ids"]),
            copied=frozenset(given["copied_campaign_ids"]),
            paused=frozenset(given["paused_campaign_ids"]),
        )
        assert self.scope is not None
        with rls.scope(self.scope):
            try:
                promotion = begin(choice, actor=user, actor_name=user.email)
            except CannotPromote as error:
                raise Conflict(shown(error), code="cannot_promote") from error
            self._queue(user, promotion, works.PROMOTE)
            return Response(promotion_data(promotion), status=202)

    def _changed(
        self, request: Request, promotion: Promotion, work: Callable[[Any], None], *, status: int
    ) -> HttpResponseBase:
        def change() -> Response:
            assert self.scope is not None
            with rls.scope(self.scope):
                try:
                    work(request.user)
                except CannotPromote as error:
                    raise Conflict(shown(error), code="cannot_promote") from error
                return Response(promotion_data(_rows().get(pk=promotion.pk)), status=status)

        return self.once(request, change)

    def _queue(self, user: Any, promotion: Promotion, kind: str) -> None:
        source = ProviderConnection.objects.defer("api_key", "raw").get(pk=promotion.source_id)
        name = promotion.organization.name
        request_action(kind, actor=user, target=source, arguments={"promotion": str(promotion.pk)}, name=name)

    def _one(self, key: str) -> Promotion:
        found: Promotion = self.found(_rows(), key)
        return found


def _rows() -> Any:
    secrets = (f"{name}__{field}" for name in ("source", "destination") for field in ("api_key", "raw"))
    return Promotion.objects.select_related("organization", "source", "destination").defer(*secrets)


def _connection(key: Any, field: str) -> ProviderConnection:
    found = ProviderConnection.objects.defer("api_key", "raw").filter(pk=key).first()
    if found is None:
        raise ValidationError({field: [_("There is no such connection.")]})
    return found
