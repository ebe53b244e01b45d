"""DRF authentication of API requests by bearer token."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from salesbrain.api import identity
from salesbrain.api.throttles import bearer


class BearerToken(BaseAuthentication):
    """Authentication by knox's tokens (salesbrain/api/identity.py). A malformed token is refused without a query; an expired one is refused
    and not deleted (its owner still sees it in the list); a deactivated user gets 403, not the error of a wrong token.
    """

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        if not request.META.get("HTTP_AUTHORIZATION", "").lower().startswith("bearer"):
            return None
        if bearer(request._request) is None:
            raise AuthenticationFailed(
                _("This is not a token: send `Authorization: Bearer sb_…`, as it was shown when it was created.")
            )
        found = identity.identify(request._request)
        if found is None:
            raise AuthenticationFailed(_("This token is unknown, expired or revoked: create a new one."))
        if not found[0].is_active:
            raise PermissionDenied(_("This user is deactivated: ask the agency."), code="user_inactive")
        return found

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
