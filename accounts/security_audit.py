"""Write security events that concern a user (such as a refused login) to the audit log."""

from typing import Any

from accounts.models import User
from accounts.services import record_audit
from salesbrain import rls
from salesbrain.kernel.rate_window import FixedWindow
from salesbrain.kernel.security_events import Kind

ACTIONS = {
    Kind.LOGIN_FAILED: "login.failed",
    Kind.LOGIN_LOCKED_OUT: "login.locked_out",
    Kind.TOKEN_REFUSED: "token.refused",
    Kind.PERMISSION_REFUSED: "permission.refused",
}
ONCE_AN_HOUR = frozenset(ACTIONS) - {Kind.LOGIN_FAILED}
"""Kinds that a program may cause all day long: one entry for each user, address and path. Failed logins are few, because they lock out."""

_written = FixedWindow(60 * 60.0)


def audit(sender: Any, *, kind: Kind, user_id: Any, address: str | None, detail: dict[str, Any], **_: Any) -> None:
    """Write an audit entry for a security event (receiver of `security_events.noted`). Call outside of a transaction that may roll back."""
    if user_id is None or kind not in ACTIONS:
        return
    if kind in ONCE_AN_HOUR and _written.hit((kind, str(user_id), address, detail.get("path")), 1):
        return
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        return
    acted = user if kind == Kind.PERMISSION_REFUSED else None  # of the others it is not known who it was
    with rls.scope(rls.SYSTEM):
        record_audit(
            action=ACTIONS[kind], actor=acted, target=user, detail={"name": user.email, **detail}, address=address
        )


def forget() -> None:
    """Reset the memory of written entries (for tests)."""
    _written.reset()
