"""Create the agency's own organization, and write entries of the audit log."""

from typing import Any
from uuid import UUID

from accounts.models import AuditEntry, Organization, User
from accounts.models.organization import HOUSE_ID
from salesbrain.kernel import request_origin


def make_house(using: str, **_: object) -> None:
    """Create the agency's own organization if it is missing. Called after every migrate (and test flush), as the tables' owner."""
    if using == "owner":
        Organization.objects.using(using).get_or_create(
            is_house=True, defaults={"id": HOUSE_ID, "name": "House", "slug": "house"}
        )


def record_audit(
    *,
    action: str,
    actor: User | None = None,
    actor_name: str = "",
    target: Any = None,
    organization_id: UUID | None = None,
    detail: dict[str, Any] | None = None,
    address: str | None = None,
) -> AuditEntry:
    """Write an audit log entry. `detail` must not hold a secret.

    The IP address is `address`, else that of the current request. For a command, `detail` holds the operating system's user and machine.
    """
    address = address or request_origin.address()
    run_by = {} if address or actor else {"run_by": request_origin.process_owner()}
    return AuditEntry.objects.create(
        action=action,
        actor=actor,
        actor_name=actor_name or (actor.email if actor else ""),
        target_type=target._meta.label_lower if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        organization_id=organization_id or getattr(target, "organization_id", None),
        detail={**(detail or {}), **run_by},
        address=address,
    )
