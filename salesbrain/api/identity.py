"""Identify the API caller: count and look up the token in one statement, before the transaction.

Nothing is cached for the next request, so revoked tokens, deactivated users and removed memberships take effect at once.

The SQL function `api_caller` (accounts/migrations/sql) knows tokens, users and memberships; this module imports nothing of the apps.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest
from django.utils import timezone
from knox.crypto import hash_token
from knox.models import get_token_model

from salesbrain.api import throttles
from salesbrain.api.throttles import bearer
from salesbrain.kernel import db

OF_TOKEN = ("digest", "token_key", "created", "expiry")
OF_USER = (
    "id",
    "email",
    "name",
    "role",
    "is_active",
    "language",
    "time_zone",
)  # in the model's order, as from_db wants them
OF_ORGANIZATIONS = ("organization_ids", "organization_names", "organization_roles")
COLUMNS = ", ".join(f"who.{name}" for name in (*OF_TOKEN, "read_only", *OF_USER, *OF_ORGANIZATIONS))
CALLER_SQL = f"SELECT {COLUMNS} FROM api_caller(%s) AS who"  # noqa: S608  constants; what is asked is a parameter
COUNTED = f"""WITH counted AS ({throttles.COUNT})
SELECT counted.*, {COLUMNS} FROM counted LEFT JOIN api_caller(%s) AS who ON true"""  # noqa: S608  the same

ApiIdentity = tuple[Any, Any] | None
"""(user, token); None: the token is unknown, expired or revoked."""


def count_and_identify(request: HttpRequest, rate_name: str) -> None:
    """Count the request for its rate limit and look up the caller of its token, both in one statement. Raises Throttled if there are too
    many."""
    throttles.limit_address(rate_name, request)
    token = bearer(request)
    if token is None:
        throttles.count(rate_name, throttles.throttle_key(request))
        return
    rate = throttles.Rate.named(rate_name)
    found: Sequence[Any] | None
    if rate is None:
        found = db.first(CALLER_SQL, [hash_token(token)])
    else:
        counting = rate.parameters(throttles.throttle_key(request))
        row = db.first(COUNTED, [*counting, hash_token(token)])
        assert row is not None
        requests, wait, *found = row
        throttles.purge_occasionally()
        rate.judge(requests, wait)
    request.api_caller = _caller(found)  # type: ignore[attr-defined]


def identify(request: HttpRequest) -> ApiIdentity:
    """Return the caller that `count_and_identify` found, else look it up. Needs a request with a token."""
    if not hasattr(request, "api_caller"):
        request.api_caller = _caller(db.first(CALLER_SQL, [hash_token(bearer(request) or "")]))  # type: ignore[attr-defined]
    return request.api_caller  # type: ignore[attr-defined]


def customer_of(request: HttpRequest) -> Any:
    """Return the active customer that `count_and_identify` found, None for staff and for anybody else."""
    user = (getattr(request, "api_caller", None) or (None,))[0]
    return user if user is not None and user.is_active and not user.is_staff else None


def _caller(row: Sequence[Any] | None) -> ApiIdentity:
    if not row or row[0] is None:
        return None
    (digest, key, created, expiry), read_only, of_user, organizations = row[:4], row[4], row[5:-3], row[-3:]
    if expiry is not None and expiry <= timezone.now():
        return None
    user: Any = get_user_model().from_db(DEFAULT_DB_ALIAS, OF_USER, of_user)
    user.read_only = read_only
    user.set_known_organizations(*organizations)
    token: Any = get_token_model()(digest=digest, token_key=key, user=user, created=created, expiry=expiry)
    token._state.adding, token._state.db = False, DEFAULT_DB_ALIAS
    return user, token
