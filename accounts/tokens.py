"""Issue, replace and revoke API tokens and webhook secrets, with an audit entry for each change.

Every function runs in the RLS scope of its caller (a command: SYSTEM).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.models import get_token_model
from knox.settings import knox_settings

from accounts.models import ProviderConnection, TokenAccess, User, WebhookSecret
from accounts.permissions import Permission, RoleTooLow, member_may
from accounts.services import record_audit


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token, shown once. `expires_at` None: it never expires."""

    token: str
    expires_at: datetime | None


class TooLong(ValueError):
    """Error: the requested lifetime of a token exceeds the maximum."""


def longest_days() -> int:
    """Return the most days a token may be valid (API_TOKEN_MAX_DAYS)."""
    return int(settings.API_TOKEN_MAX_DAYS)


def issue_token(
    *,
    user: User,
    days: int | None = None,
    until: datetime | None = None,
    name: str = "",
    actor: User | None = None,
    actor_name: str = "",
    address: str | None = None,
    read_only: bool = False,
) -> IssuedToken:
    """Create an API token for a user, valid for `days` (None: API_TOKEN_DAYS). It cannot be shown again.

    A `read_only` one writes nothing; any other does what its user's role includes at the time of each request. `until`: the end of the
    token by which it is requested; the new one ends no later. Raises TooLong where `days` go beyond that or beyond API_TOKEN_MAX_DAYS.
    """
    lifetime = _lifetime(days, until)
    row, token = get_token_model().objects.create(user, expiry=lifetime)
    if until is not None and row.expiry > until:  # by the moment it took to get here
        row.expiry = until
        row.save(update_fields=["expiry"])
    if read_only:
        TokenAccess.objects.create(token=row, read_only=True)
    detail = {
        "read_only": read_only,
        "name": name or row.token_key,
        "begins_with": row.token_key,
        "expires_at": row.expiry and row.expiry.isoformat(),
    }
    record_audit(action="token.create", actor=actor, actor_name=actor_name, target=user, detail=detail, address=address)
    return IssuedToken(token, row.expiry)


def is_read_only_for(user: User, wanted: bool | None) -> bool:
    """Return whether a token that a user creates for themselves is read-only. `wanted` None: only if they may not have a writing one.
    Raises RoleTooLow if they want a writing token and are neither owner nor staff."""
    may_write = user.is_staff or any(
        member_may(organization.role, Permission.MANAGE_TOKENS) for organization in user.organizations()
    )
    if wanted is False and not may_write:
        raise RoleTooLow(Permission.MANAGE_TOKENS)
    return not may_write if wanted is None else wanted


def _lifetime(days: int | None, until: datetime | None) -> timedelta:
    left = until - timezone.now() if until else None
    if days is None:
        usual = min(knox_settings.TOKEN_TTL, timedelta(days=longest_days()))
        return usual if left is None else min(usual, left)
    if days > longest_days():
        raise TooLong(_("A token is valid for %(days)s days at most.") % {"days": longest_days()})
    if left is not None and timedelta(days=days) > left:
        raise TooLong(
            _("A token makes no other that outlives it: this one ends on %(until)s UTC.")
            % {"until": f"{until:%Y-%m-%d %H:%M}"}
        )
    return timedelta(days=days)


def revoke_tokens(
    *, user: User, actor: User | None = None, actor_name: str = "", address: str | None = None, reason: str = ""
) -> int:
    """Revoke all API tokens of a user and return their number. `reason`: for the audit log."""
    count, _ = get_token_model().objects.filter(user=user).delete()
    detail = {"count": count, **({"reason": reason} if reason else {})}
    record_audit(action="token.revoke", actor=actor, actor_name=actor_name, target=user, detail=detail, address=address)
    return count


def current_webhook_secret(*, connection: ProviderConnection, now: datetime, actor_name: str = "") -> str:
    """Return the newest valid webhook secret of a connection; issue one if there is none."""
    found = _unexpired(connection, now).order_by("-created_at", "-id").first()
    if found:
        return found.secret
    return _issue(connection, actor_name=actor_name, replaced=0)


def rotate_webhook_secret(
    *, connection: ProviderConnection, now: datetime, keep: timedelta, actor_name: str = ""
) -> str:
    """Issue a new webhook secret and return it; existing ones stay valid for `keep`, until the provider is reconfigured."""
    until = now + keep
    longer = Q(expires_at__isnull=True) | Q(expires_at__gt=until)
    replaced = _unexpired(connection, now).filter(longer).update(expires_at=until)
    return _issue(connection, actor_name=actor_name, replaced=replaced)


def _unexpired(connection: ProviderConnection, now: datetime) -> QuerySet[WebhookSecret]:
    """Return the secrets of a connection that were not replaced, whether or not the connection is switched on."""
    return WebhookSecret.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), connection=connection)


def _issue(connection: ProviderConnection, *, actor_name: str, replaced: int) -> str:
    issued = WebhookSecret.objects.issue(connection)
    record_audit(
        action="webhook_secret.issue",
        actor_name=actor_name,
        target=connection,
        detail={"name": connection.name, "replaced": replaced},
    )
    return issued.secret
