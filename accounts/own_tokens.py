"""A user's own API tokens: list and revoke them. accounts/tokens.py issues them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.services import record_audit
from salesbrain import rls


@dataclass(frozen=True, slots=True)
class OwnToken:
    """A token in the list of its owner: never the token itself. `key`: its first characters, which identify it."""

    key: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    is_expired: bool
    read_only: bool


def tokens_of(user: User) -> list[OwnToken]:
    """Return the user's tokens, newest first, expired ones included."""
    rows: Any = user.auth_token_set  # type: ignore[attr-defined]  # knox's reverse relation
    tokens = list(rows.select_related("access").order_by("-created", "digest"))
    names = token_names(user) if tokens else {}
    now = timezone.now()
    return [
        OwnToken(
            key=token.token_key,
            name=names.get(token.token_key, token.token_key),
            created_at=token.created,
            expires_at=token.expiry,
            is_expired=token.expiry is not None and token.expiry <= now,
            read_only=is_read_only(token),
        )
        for token in tokens
    ]


def is_read_only(token: Any) -> bool:
    """Return whether a token, loaded with its `access`, is read-only; one without that row has the rights of its user's role."""
    access = getattr(token, "access", None)
    return bool(access and access.read_only)


def revoke(user: User, key: str) -> bool:
    """Revoke the user's token that begins with `key`; return False if there is none."""
    with rls.scope(rls.SYSTEM):
        rows: Any = user.auth_token_set  # type: ignore[attr-defined]  # the same
        count, _ = rows.filter(token_key=key.replace("\0", "")).delete()
        if count:
            record_audit(action="token.revoke", actor=user, target=user, detail={"begins_with": key})
    return bool(count)


def token_names(user: User) -> dict[str, str]:
    """Return the names given to the user's tokens when they were issued, by their first characters, from the audit log."""
    with rls.scope(rls.SYSTEM):
        made = AuditEntry.objects.filter(action="token.create", target_id=str(user.pk)).order_by("id")
        return {
            detail.get("begins_with", ""): detail.get("name", "") for detail in made.values_list("detail", flat=True)
        }
