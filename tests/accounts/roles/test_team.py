"""Team changes: role, removal, leaving; the last owner stays; no deadlock between concurrent changes."""

import threading

import pytest
from django.db import connection

from accounts import invitations, memberships
from accounts.choices import MembershipRole
from accounts.models import Invitation, Membership, User
from accounts.permissions import RoleTooLow
from accounts.refusals import LastOwner, UnknownMember
from salesbrain import rls
from tests import factories
from tests.accounts.roles.conftest import NOW


def roles_in(organization):
    with rls.scope(rls.SYSTEM):
        return dict(Membership.objects.filter(organization=organization).values_list("user__email", "role"))


def test_an_owner_changes_a_role_and_it_is_audited(customer, member, acme, membership, audited):
    row = membership(member, acme)
    memberships.change_role(customer.scope_in(), by=customer, member_id=row.pk, role="observer", now=NOW)
    assert member.scope_for().member_role == MembershipRole.OBSERVER
    assert audited() == [
        ("membership.role", customer.email, {"email": member.email, "from": "member", "to": "observer"})
    ]


def test_the_same_role_again_changes_nothing(customer, member, acme, membership, audited):
    row = membership(member, acme)
    memberships.change_role(customer.scope_in(), by=customer, member_id=row.pk, role="member", now=NOW)
    assert audited() == []


def test_an_unknown_role_is_refused(customer, member, acme, membership):
    with pytest.raises(ValueError, match="sb_admin"):
        memberships.change_role(
            customer.scope_in(), by=customer, member_id=membership(member, acme).pk, role="sb_admin", now=NOW
        )


@pytest.mark.parametrize("who", ["member", "observer"])
def test_only_owners_change_roles_even_their_own(request, who, customer, acme, membership):
    user = request.getfixturevalue(who)
    for row in (membership(user, acme), membership(customer, acme)):
        with pytest.raises(RoleTooLow):
            memberships.change_role(user.scope_in(), by=user, member_id=row.pk, role="owner", now=NOW)
        with pytest.raises(RoleTooLow):
            memberships.remove_member(user.scope_in(), by=user, member_id=row.pk, now=NOW)
    assert roles_in(acme) == {customer.email: "owner", user.email: who}


def test_another_organizations_members_are_answered_like_unknown_ones(customer, stranger, globex, membership):
    theirs = membership(stranger, globex).pk
    for key in (theirs, customer.pk):
        with pytest.raises(UnknownMember):
            memberships.change_role(customer.scope_in(), by=customer, member_id=key, role="observer", now=NOW)
        with pytest.raises(UnknownMember):
            memberships.remove_member(customer.scope_in(), by=customer, member_id=key, now=NOW)
    assert roles_in(globex) == {stranger.email: "owner"}


def test_the_last_owner_stays(customer, member, acme, membership):
    row = membership(customer, acme)
    with pytest.raises(LastOwner):
        memberships.change_role(customer.scope_in(), by=customer, member_id=row.pk, role="member", now=NOW)
    with pytest.raises(LastOwner):
        memberships.remove_member(customer.scope_in(), by=customer, member_id=row.pk, now=NOW)
    with pytest.raises(LastOwner):
        memberships.leave(customer.scope_in(), by=customer, now=NOW)
    assert roles_in(acme)[customer.email] == "owner"


def test_a_deactivated_owner_does_not_count(customer, acme, membership):
    other = factories.customer("gone@acme.example", acme)
    User.objects.filter(pk=other.pk).update(is_active=False)
    with pytest.raises(LastOwner):
        memberships.leave(customer.scope_in(), by=customer, now=NOW)


def test_an_observer_may_leave(observer, customer, acme, audited):
    memberships.leave(observer.scope_in(), by=observer, now=NOW)
    assert roles_in(acme) == {customer.email: "owner"}
    assert audited() == [("membership.leave", observer.email, {"email": observer.email, "role": "observer"})]


def test_staff_have_no_membership_to_leave(admin, acme, customer):
    with pytest.raises(UnknownMember):
        memberships.leave(admin.scope_in(acme.pk), by=admin, now=NOW)


def test_an_admin_of_the_agency_manages_a_team_and_an_operator_does_not(admin, operator, member, acme, membership):
    row = membership(member, acme)
    with pytest.raises(RoleTooLow):
        memberships.remove_member(operator.scope_in(acme.pk), by=operator, member_id=row.pk, now=NOW)
    memberships.remove_member(admin.scope_in(acme.pk), by=admin, member_id=row.pk, now=NOW)
    assert roles_in(acme) == {}


def test_a_removed_members_invitations_are_revoked(customer, acme, membership):
    """Invitations sent by the removed member, and an open one to their own address, end with the membership."""
    leaving = factories.customer("leaving@acme.example", acme)
    scope = leaving.scope_in()
    friend = invitations.invite(scope, by=leaving, email="friend@else.example", role="owner", now=NOW).invitation
    with rls.scope(rls.SYSTEM):
        own = Invitation.objects.create(
            organization=acme, email=leaving.email, role="owner", language="en", invited_by=customer,
            invited_by_name="x", expires_at=NOW,
        )  # fmt: skip
    memberships.remove_member(customer.scope_in(), by=customer, member_id=membership(leaving, acme).pk, now=NOW)
    with rls.scope(rls.SYSTEM):
        assert not Invitation.objects.open().filter(pk__in=[friend.pk, own.pk]).exists()


def test_a_request_of_a_former_owner_does_nothing(customer, acme, member, membership):
    """The role is checked again under the lock, because a colleague's change may have been committed since the scope was determined."""
    late = factories.customer("late@acme.example", acme)
    scope = late.scope_in()
    memberships.change_role(
        customer.scope_in(), by=customer, member_id=membership(late, acme).pk, role="member", now=NOW
    )
    with pytest.raises(RoleTooLow):
        memberships.remove_member(scope, by=late, member_id=membership(member, acme).pk, now=NOW)
    with pytest.raises(RoleTooLow):
        invitations.invite(scope, by=late, email="friend@else.example", role="owner", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_at_once_leave_one(acme):
    both = [factories.customer(f"{name}@acme.example", acme) for name in ("one", "two")]
    with rls.scope(rls.SYSTEM):
        keys = {row.user_id: row.pk for row in Membership.objects.filter(organization=acme)}
    scopes = [user.scope_in() for user in both]
    outcomes: list[str] = []
    begin = threading.Barrier(2)

    def remove(at: int) -> None:
        try:
            begin.wait(10)
            memberships.remove_member(scopes[at], by=both[at], member_id=keys[both[1 - at].pk], now=NOW)
            outcomes.append("removed")
        except (RoleTooLow, LastOwner) as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=(at,)) for at in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["RoleTooLow", "removed"]
    assert list(roles_in(acme).values()) == ["owner"]
