"""Revoke a user's API tokens when the password changes or the user is deactivated.

After a leak, a changed password must also end the tokens issued under the old one. A reactivated user issues new ones.
"""

from typing import Any

from accounts.models import User
from accounts.tokens import revoke_tokens
from salesbrain import rls

PASSWORD_CHANGED = "the password was changed"  # noqa: S105
DEACTIVATED = "the user was deactivated"
REASON = "_reason_to_revoke"


def remember_reason(sender: type[User], instance: User, update_fields: Any = None, **_: Any) -> None:
    """Store on a user about to be saved the reason to revoke their tokens (changed password, deactivation), or None."""
    setattr(instance, REASON, None)
    if instance._state.adding or not {"password", "is_active"} & set(update_fields or ("password", "is_active")):
        return
    stored = User.objects.filter(pk=instance.pk).values_list("password", "is_active").first()
    if stored is None:
        return
    # Django writes the same password again under a better hash at a login: no change, and it says so by `_password`.
    given: Any = getattr(instance, "_password", None)
    if stored[0] != instance.password and (given is not None or not instance.has_usable_password()):
        setattr(instance, REASON, PASSWORD_CHANGED)
    elif stored[1] and not instance.is_active:
        setattr(instance, REASON, DEACTIVATED)


def revoke(sender: type[User], instance: User, **_: Any) -> None:
    """Revoke the tokens of a user who was just saved if `remember_reason` noted a reason; write it to the audit log."""
    reason = instance.__dict__.pop(REASON, None)
    if reason and instance.auth_token_set.exists():  # type: ignore[attr-defined]  # knox's relation
        with rls.scope(rls.SYSTEM):
            revoke_tokens(user=instance, reason=reason)
