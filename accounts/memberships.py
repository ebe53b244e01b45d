"""Members of an organization: list them, change roles, remove one, leave."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.choices import MembershipRole
from accounts.customer_services import customer_service
from accounts.models import Invitation, Membership, Organization, User
from accounts.permissions import Permission, RoleTooLow, member_may
from accounts.refusals import LastOwner, UnknownMember
from accounts.services import record_audit
from salesbrain import rls


def team() -> QuerySet[Membership]:
    """Return the members of the current scope's organization, with their users, owners first."""
    return Membership.objects.select_related("user").order_by("-role", "user__email")


@customer_service(Permission.MANAGE_TEAM)
def change_role(scope: rls.Scope, *, by: User, member_id: UUID, role: str, now: datetime) -> Membership:
    """Give a member another role, effective with their next request; `member_id` is the membership's. Open invitations by someone who may
    no longer manage the team are revoked. Raises RoleTooLow, ValueError (no role), UnknownMember, LastOwner.
    """
    role = MembershipRole(role).value
    _member(scope, member_id)
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        lock_organization(scope, by)
        member = _locked(scope, member_id)
        before = member.role
        if before == role:
            return member
        _require_remaining_owner(member, role)
        member.role = role
        member.save(update_fields=["role", "updated_at"])
        if not member_may(role, Permission.MANAGE_TEAM):
            _revoke_invitations_by(member, now)
        _audit("membership.role", member, by, {"from": before, "to": role})
        return member


@customer_service(Permission.MANAGE_TEAM)
def remove_member(scope: rls.Scope, *, by: User, member_id: UUID, now: datetime) -> None:
    """End a membership: the user's sessions and tokens lose the organization with their next request.

    Open invitations to their address, and those they sent, are revoked. Raises RoleTooLow, UnknownMember, LastOwner.
    """
    _member(scope, member_id)
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        lock_organization(scope, by)
        _end(_locked(scope, member_id), now, by, "membership.remove")


@customer_service(Permission.LEAVE)
def leave(scope: rls.Scope, *, by: User, now: datetime) -> None:
    """End the membership of user `by` in the scope's organization. Raises UnknownMember (staff have no membership), LastOwner."""
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        _lock(scope)
        member = Membership.objects.filter(organization_id=scope.organization, user_id=by.pk).first()
        if member is None:
            raise UnknownMember
        _end(member, now, by, "membership.leave")


def lock_organization(scope: rls.Scope, by: User) -> None:
    """Lock the organization for a change of its team, in SYSTEM scope, and check the caller's role again: of two owners who demote each
    other at the same moment only one may succeed. Raises RoleTooLow where `by` lost the role since the request began.
    """
    _lock(scope)
    if by.is_staff:
        return
    mine = Membership.objects.filter(organization_id=scope.organization, user_id=by.pk).values_list("role", flat=True)
    if not member_may(mine.first() or "", Permission.MANAGE_TEAM):
        raise RoleTooLow(Permission.MANAGE_TEAM)


def _lock(scope: rls.Scope) -> None:
    Organization.objects.select_for_update(no_key=True).get(pk=scope.organization)


def _member(scope: rls.Scope, member_id: UUID) -> Membership:
    """Return a member that the customer's own scope shows. Raises UnknownMember."""
    with rls.scope(scope):
        found = Membership.objects.filter(pk=member_id).first()
    if found is None:
        raise UnknownMember
    return found


def _locked(scope: rls.Scope, member_id: UUID) -> Membership:
    """Return the member's row, locked for the change. Raises UnknownMember if it was removed in the meantime."""
    rows = Membership.objects.filter(pk=member_id, organization_id=scope.organization)
    found = rows.select_related("user").select_for_update(of=("self",)).first()
    if found is None:
        raise UnknownMember
    return found


def _require_remaining_owner(member: Membership, role: str) -> None:
    """Raise LastOwner if the change would leave the organization without an owner who can log in."""
    if member.role != MembershipRole.OWNER or role == MembershipRole.OWNER:
        return
    owners = Membership.objects.filter(
        organization_id=member.organization_id, role=MembershipRole.OWNER, user__is_active=True
    )
    if not owners.exclude(pk=member.pk).exists():
        raise LastOwner


def _end(member: Membership, now: datetime, by: User, action: str) -> None:
    _require_remaining_owner(member, "")
    _revoke_invitations_by(member, now)
    of_organization = Invitation.objects.open().filter(organization_id=member.organization_id)
    of_organization.filter(email=member.user.email).update(revoked_at=now, updated_at=now)
    _audit(action, member, by, {"role": member.role})
    member.delete()


def _revoke_invitations_by(member: Membership, now: datetime) -> None:
    """Revoke open invitations sent by a member who may not invite any more."""
    sent = Invitation.objects.open().filter(organization_id=member.organization_id, invited_by_id=member.user_id)
    sent.update(revoked_at=now, updated_at=now)


def _audit(action: str, member: Membership, by: User, detail: dict[str, str]) -> None:
    record_audit(action=action, actor=by, target=member, detail={"email": member.user.email, **detail})
