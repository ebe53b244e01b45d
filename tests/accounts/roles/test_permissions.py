"""Roles of members: permissions of each, and the role that the RLS scope carries."""

import pytest
from django.test import RequestFactory

from accounts.choices import MembershipRole, StaffRole
from accounts.models import Membership, Organization, User
from accounts.models.user import NoOrganization, OrganizationRequired, UnknownOrganization
from accounts.organization_choice import choose_organization
from accounts.permissions import OF_MEMBERS, Permission, RoleTooLow, member_may, require
from salesbrain import rls
from salesbrain.web import organizations
from salesbrain.web.organizations import SESSION_KEY
from tests import factories

OBSERVERS = {Permission.LEAVE}
WORK = {
    Permission.MARK_READ, Permission.SHOW_PRESENCE, Permission.REPLY, Permission.LABEL, Permission.NOTE, Permission.SNOOZE,
    Permission.ASSIGN, Permission.CATEGORIZE, Permission.FOLLOW_UP,
}  # fmt: skip


def test_an_observer_writes_nothing_a_member_works_and_an_owner_does_everything():
    assert OF_MEMBERS[MembershipRole.OBSERVER] == OBSERVERS
    assert OF_MEMBERS[MembershipRole.MEMBER] == OBSERVERS | WORK
    assert OF_MEMBERS[MembershipRole.OWNER] == set(Permission)


@pytest.mark.parametrize("role", ["", "customer", "sb_admin", "Owner", "root"])
def test_an_unknown_role_includes_nothing(role):
    assert not any(member_may(role, permission) for permission in Permission)


def test_a_scope_without_a_looked_up_role_has_no_permission(acme):
    for scope in (rls.customer(acme.pk), rls.SYSTEM, rls.staff("sb_admin")):
        with pytest.raises(RoleTooLow):
            require(scope, Permission.LEAVE)


def test_a_refusal_says_which_role_can_help(acme):
    with pytest.raises(RoleTooLow, match="observer in this organization"):
        require(rls.customer(acme.pk, MembershipRole.OBSERVER), Permission.REPLY)
    with pytest.raises(RoleTooLow, match="Only owners"):
        require(rls.customer(acme.pk, MembershipRole.MEMBER), Permission.MANAGE_TEAM)


@pytest.mark.parametrize("role", MembershipRole.values)
def test_a_customers_scope_contains_their_role(acme, globex, role):
    user = factories.customer("two@customer.example", acme, role=role)
    with rls.scope(rls.SYSTEM):
        Membership.objects.create(user=user, organization=globex, role=MembershipRole.OBSERVER)
    assert user.scope_for(acme.pk) == rls.customer(acme.pk)
    assert user.scope_for(acme.pk).member_role == role
    assert user.scope_for(globex.pk).member_role == MembershipRole.OBSERVER
    assert [organization.role for organization in user.organizations()] == [role, MembershipRole.OBSERVER]


def test_a_staff_scope_has_no_members_role():
    with pytest.raises(ValueError, match="only a customer's scope"):
        rls.Scope("sb_admin", None, MembershipRole.OWNER)


@pytest.mark.parametrize(
    ("staff", "role"),
    [
        (StaffRole.VIEWER, MembershipRole.OBSERVER),
        (StaffRole.OPERATOR, MembershipRole.MEMBER),
        (StaffRole.ADMIN, MembershipRole.OWNER),
    ],
)
def test_staff_inside_one_organization_have_its_scope_and_the_role_that_goes_with_theirs(acme, staff, role):
    user = User.objects.create_user("staff@salesbrain.example", role=staff)
    scope = user.scope_in(acme.pk)
    assert (scope, scope.member_role) == (rls.customer(acme.pk), role)
    assert user.scope_for(acme.pk) == rls.staff(staff), "elsewhere they see all"
    with pytest.raises(OrganizationRequired):
        user.scope_in()


# --- the organization a session works in ------------------------------------------------------------------------------


def page(session: dict[str, str], user: User) -> tuple[organizations.Current, rls.Scope]:
    """Return the organization of a page for a user with this session, looked up anew as in every request."""
    request = RequestFactory().get("/")
    request.user, request.session = User.objects.get(pk=user.pk), session  # type: ignore[assignment]
    return organizations.current(request)


def scope_of(session: dict[str, str], user: User) -> rls.Scope:
    return page(session, user)[1]


def test_a_chosen_organization_is_kept_and_can_be_cleared(acme, globex):
    user = factories.customer("two@customer.example", acme, globex)
    session: dict[str, str] = {}
    assert scope_of(session, user) == rls.customer(acme.pk), "the first by name"
    assert choose_organization(session, user, globex.pk) == rls.customer(globex.pk)
    assert scope_of(session, user) == rls.customer(globex.pk)
    assert choose_organization(session, user, acme.pk) == scope_of(session, user) == rls.customer(acme.pk)


def test_anothers_organization_can_not_be_chosen(customer, acme, globex):
    session: dict[str, str] = {}
    choose_organization(session, customer, acme.pk)
    with pytest.raises(UnknownOrganization):
        choose_organization(session, customer, globex.pk)
    assert session == {SESSION_KEY: str(acme.pk)}, "the session stays as it was"


@pytest.mark.parametrize("forged", ["not an id", "", None, 7, "6fa4b3d8-0d43-4f0c-9a3f-3b1f2a7f7c11"])
def test_a_forged_choice_leads_nowhere_else(customer, acme, globex, forged):
    for value in (forged, str(globex.pk)):
        assert scope_of({SESSION_KEY: value}, customer) == rls.customer(acme.pk)


def test_staff_choose_one_organization_or_all(viewer, acme, initech):
    session: dict[str, str] = {}
    assert scope_of(session, viewer) == rls.staff("sb_viewer")
    assert choose_organization(session, viewer, acme.pk).member_role == MembershipRole.OBSERVER
    current, scope = page(session, viewer)
    assert (current.id, scope, scope.member_role) == (acme.pk, rls.customer(acme.pk), MembershipRole.OBSERVER)
    assert choose_organization(session, viewer, None) == scope_of(session, viewer) == rls.staff("sb_viewer")
    assert {(acme.pk, "Acme", "observer"), (initech.pk, "Initech", "observer")} <= set(
        viewer.selectable_organizations()
    )


def test_a_removed_member_loses_the_organization_with_the_next_request(acme, globex):
    user = factories.customer("two@customer.example", acme, globex)
    session: dict[str, str] = {}
    choose_organization(session, user, acme.pk)
    with rls.scope(rls.SYSTEM):
        Membership.objects.filter(user=user, organization=acme).delete()
    assert scope_of(session, user) == rls.customer(globex.pk), "and not Acme"
    assert SESSION_KEY not in session, "also if they are taken back later"
    with rls.scope(rls.SYSTEM):
        Membership.objects.filter(user=user).delete()
    with pytest.raises(NoOrganization):
        scope_of(session, user)


@pytest.mark.parametrize("role", [*StaffRole.values, ""], ids=lambda role: role or "customer")
def test_a_deactivated_organization_is_lost_at_once(acme, role):
    user = (
        User.objects.create_user("staff@salesbrain.example", role=role)
        if role
        else factories.customer("one@customer.example", acme)
    )
    session: dict[str, str] = {}
    choose_organization(session, user, acme.pk)
    with rls.scope(rls.SYSTEM):
        Organization.objects.filter(pk=acme.pk).update(is_active=False)
    if role:
        assert scope_of(session, user) == rls.staff(role)
        assert SESSION_KEY not in session
    else:
        with pytest.raises(NoOrganization):
            scope_of(session, user)
