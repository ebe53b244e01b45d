"""API tokens and webhook secrets: issue, replace, revoke; each change is audited.

Every function runs in the scope of its caller (a command: SYSTEM).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from knox.models import get_token_model
from knox.settings import knox_settings

from accounts.models import ProviderConnection, User, WebhookSecret
from accounts.services import record_audit


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token, shown once. `expires_at` None: never."""

    token: str
    expires_at: datetime | None


def issue_token(
    *,
    user: User,
    days: int | None = None,
    name: str = "",
    actor: User | None = None,
    actor_name: str = "",
    address: str | None = None,
) -> IssuedToken:
    """Create an API token for a user, valid for `days` (None: the default of API_TOKEN_DAYS). It can not be read again."""
    lifetime = knox_settings.TOKEN_TTL if days is None else timedelta(days=days)
    row, token = get_token_model().objects.create(user, expiry=lifetime)
    detail = {
        "name": name or row.token_key,
        "begins_with": row.token_key,
        "expires_at": row.expiry and row.expiry.isoformat(),
    }
    record_audit(action="token.create", actor=actor, actor_name=actor_name, target=user, detail=detail, address=address)
    return IssuedToken(token, row.expiry)


def revoke_tokens(*, user: User, actor: User | None = None, actor_name: str = "", address: str | None = None) -> int:
    """End every API token of a user at once and return how many there were."""
    count, _ = get_token_model().objects.filter(user=user).delete()
    record_audit(
        action="token.revoke", actor=actor, actor_name=actor_name, target=user, detail={"count": count}, address=address
    )
    return count


def current_webhook_secret(*, connection: ProviderConnection, now: datetime, actor_name: str = "") -> str:
    """Return the newest secret that is valid, issuing one where there is none."""
    found = _unexpired(connection, now).order_by("-created_at", "-id").first()
    if found:
        return found.secret
    return _issue(connection, actor_name=actor_name, replaced=0)


def rotate_webhook_secret(
    *, connection: ProviderConnection, now: datetime, keep: timedelta, actor_name: str = ""
) -> str:
    """Issue a new secret and return it; those there are stay valid for `keep`, so that none is refused while the provider
    is told."""
    until = now + keep
    longer = Q(expires_at__isnull=True) | Q(expires_at__gt=until)
    replaced = _unexpired(connection, now).filter(longer).update(expires_at=until)
    return _issue(connection, actor_name=actor_name, replaced=replaced)


def _unexpired(connection: ProviderConnection, now: datetime) -> QuerySet[WebhookSecret]:
    """Those of a connection that were not replaced, whether or not it is switched on."""
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
