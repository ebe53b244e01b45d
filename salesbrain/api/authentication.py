"""Who asks: the owner of a bearer token."""

import re
from datetime import datetime
from typing import Any

from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

TOKEN = re.compile(rb"[A-Za-z0-9_-]{16,200}")


class BearerToken(TokenAuthentication):
    """knox's tokens, with three differences: what cannot be a token is refused before the database is asked; an expired one is
    refused and not deleted (its owner still sees it in the list); a deactivated user is told so (403) instead of being told
    that the token is wrong.
    """

    def authenticate(self, request: Request) -> Any:
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() == b"bearer" and not TOKEN.fullmatch(token.strip()):
            raise AuthenticationFailed(
                "This is not a token: send `Authorization: Bearer sb_…`, as it was shown when it was created."
            )
        try:
            return super().authenticate(request)
        except AuthenticationFailed as error:
            raise AuthenticationFailed("This token is unknown, expired or revoked: create a new one.") from error

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def validate_user(self, auth_token: Any) -> Any:
        if not auth_token.user.is_active:
            raise PermissionDenied("This user is deactivated: ask the agency.", code="user_inactive")
        return auth_token.user, auth_token

    def _cleanup_token(self, auth_token: Any, now: datetime | None = None) -> bool:
        return auth_token.expiry is not None and auth_token.expiry <= (now or timezone.now())
