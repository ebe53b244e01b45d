"""API endpoints of the caller's own API tokens: create, list, revoke.

Staff get their first token from `manage.py create_token`: issuing one for a password alone would bypass their second factor.
"""

from typing import Any

from django.contrib.auth import authenticate
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import AuthenticationFailed, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import second_factor
from accounts.api.serializers import MyToken, NewToken, TokenBody
from accounts.models import User
from accounts.own_tokens import is_read_only, token_names
from accounts.services import record_audit
from accounts.tokens import TooLong, is_read_only_for, issue_token
from salesbrain import rls
from salesbrain.api.idempotency import Conflict
from salesbrain.api.parameters import NoParameters
from salesbrain.api.renderers import Answer
from salesbrain.api.responses import NOTHING, Listed, Made
from salesbrain.api.views import ApiView
from salesbrain.kernel.trusted_proxies import client_address

REFUSED = _(
    "No customer has this email address and password. With a second factor, create the token on the page Settings, API tokens; staff "
    "may also use `manage.py create_token`."
)


class TokenViewSet(ApiView):
    """API tokens. Runs without a request transaction: a refused login must stay counted."""

    tag = "Tokens"
    rates = {"create": "login"}
    without_token = ("create",)
    with_read_only_token = ("destroy", "destroy_current")
    needs_organization = False
    in_transaction = False
    answers_too = (409,)
    parameters = {
        "list": NoParameters,
        "create": NoParameters,
        "destroy_current": NoParameters,
        "destroy": NoParameters,
    }
    bodies = {"create": TokenBody}
    shapes = {
        "create": Made(NewToken),
        "list": Listed("tokens", MyToken, beside={"count": {"type": "integer"}}),
        "destroy_current": NOTHING,
        "destroy": NOTHING,
    }
    path_parameters = {"token_id": {"type": "string", "minLength": 1, "maxLength": 40}}

    def list(self, request: Request) -> Response:
        """List the caller's tokens, expired ones included."""
        user: Any = request.user
        names = token_names(user)
        tokens = [
            shown(token, names, current=request.auth, read_only=is_read_only(token))
            for token in user.auth_token_set.select_related("access").order_by("-created", "digest")
        ]
        return Response(Answer({"tokens": tokens}, {"count": len(tokens)}))

    def destroy_current(self, request: Request) -> Response:
        """Revoke the token this request is made with."""
        user: Any = request.user
        return self._revoke(user, request, user.auth_token_set.filter(pk=request.auth.pk))

    def destroy(self, request: Request, token_id: str) -> Response:
        """Revoke one of the caller's tokens, by its id."""
        user: Any = request.user
        return self._revoke(user, request, user.auth_token_set.filter(token_key=token_id.replace("\0", "")))

    def _revoke(self, user: User, request: Request, tokens: Any) -> Response:
        keys = list(tokens.values_list("token_key", flat=True))
        if not keys:
            raise NotFound
        with rls.scope(rls.SYSTEM):
            tokens.delete()
            record_audit(
                action="token.revoke", actor=user, target=user, detail={"begins_with": keys[0]},
                address=client_address(request._request),
            )  # fmt: skip
        return Response(status=204)

    def create(self, request: Request) -> Response:
        """Create a token.

        With a token, for oneself, and it ends no later than that one; without one, with `email` and `password` of a customer. The
        token is shown once.

        A read-only token changes nothing. Any other does what its user's role includes at the time of each request; only owners of an
        organization, and staff, create those. Without `read_only` everybody gets the most they may have.
        """
        body = TokenBody(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        user = self._token_owner(request, wanted)
        read_only = is_read_only_for(user, wanted.get("read_only"))
        with rls.scope(rls.SYSTEM):
            try:
                issued = issue_token(
                    user=user,
                    read_only=read_only,
                    days=wanted.get("days"),
                    until=getattr(request.auth, "expiry", None),
                    name=wanted["name"],
                    actor=user,
                    address=client_address(request._request),
                )
            except TooLong as error:
                raise ValidationError({"days": [str(error)]}) from error
        token = {
            "token": issued.token,
            "id": issued.token[:15],
            "name": wanted["name"],
            "expires_at": issued.expires_at,
            "read_only": read_only,
        }
        return Response(token, status=201)

    def _token_owner(self, request: Request, wanted: dict[str, Any]) -> User:
        if request.user.is_authenticated:
            if "email" in wanted or "password" in wanted:
                raise Conflict(
                    _("With a token you create one for yourself: leave out email and password."),
                    code="token_and_password",
                )
            return request.user
        missing = [name for name in ("email", "password") if not wanted.get(name)]
        if missing:
            raise ValidationError({name: [_("Without a token this is needed.")] for name in missing})
        user = authenticate(request._request, username=wanted["email"], password=wanted["password"])
        if not isinstance(user, User) or user.is_staff or second_factor.is_on(user):
            raise AuthenticationFailed(REFUSED, code="wrong_password")
        return user


def shown(token: Any, names: dict[str, str], *, current: Any, read_only: bool) -> dict[str, Any]:
    return {
        "id": token.token_key,
        "name": names.get(token.token_key, token.token_key),
        "created_at": token.created,
        "expires_at": token.expiry,
        "is_current": token.pk == current.pk,
        "read_only": read_only,
    }
