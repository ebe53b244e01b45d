"""API endpoints of team, invitations and access log; read-only tokens."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts import memberships
from accounts.access_log import ONCE_IN, record_access
from accounts.choices import AccessAction, MembershipRole
from accounts.models import AccessEntry, Membership, Organization
from salesbrain import rls
from tests import factories
from tests.accounts.roles.conftest import NOW, member, membership, observer  # noqa: F401  the team

TEAM = "/api/instantly/team"
INVITATIONS = f"{TEAM}/invitations"
LOG = "/api/instantly/access-log"
TOKENS = "/api/auth/tokens"
CAMPAIGNS = "/api/instantly/campaigns"


def use(api, token: str):
    client = api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


# --- the team ---------------------------------------------------------------------------------------------------------


def test_members_see_their_own_team_only(api, customer, member, observer, stranger):  # noqa: F811
    for user in (customer, member, observer):
        rows = api(user).get(TEAM).json()["data"]["members"]
        assert {(row["user"]["email"], row["role"]) for row in rows} == {
            (customer.email, "owner"),
            (member.email, "member"),
            (observer.email, "observer"),
        }
    assert [row["user"]["email"] for row in api(stranger).get(TEAM).json()["data"]["members"]] == [stranger.email]


def test_an_owner_changes_a_role_and_it_holds_at_the_next_request(api, customer, member, acme, membership):  # noqa: F811
    theirs = api(member)
    key = membership(member, acme).pk
    answer = api(customer).patch(f"{TEAM}/{key}", {"role": "owner"})
    assert (answer.status_code, answer.json()["data"]["role"]) == (200, "owner")
    assert theirs.get(INVITATIONS).status_code == 200
    api(customer).patch(f"{TEAM}/{key}", {"role": "observer"})
    assert (theirs.get(INVITATIONS).status_code, theirs.get(TEAM).status_code) == (403, 200)


@pytest.mark.parametrize("who", ["member", "observer"])
def test_members_who_are_not_owners_are_refused_with_a_sentence(request, who, api, customer, acme, membership):  # noqa: F811
    user = request.getfixturevalue(who)
    client, key = api(user), membership(customer, acme).pk
    answers = [
        client.patch(f"{TEAM}/{key}", {"role": "observer"}),
        client.delete(f"{TEAM}/{key}"),
        client.post(INVITATIONS, {"email": "friend@else.example", "role": "owner"}),
        client.get(INVITATIONS),
        client.get(LOG),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "role_too_low")] * 5
    assert "Only owners" in answers[0].json()["detail"]


def test_the_last_owner_and_a_wrong_role_are_refused(api, customer, acme, membership):  # noqa: F811
    key = membership(customer, acme).pk
    assert api(customer).patch(f"{TEAM}/{key}", {"role": "member"}).json()["code"] == "last_owner"
    assert api(customer).delete(f"{TEAM}/{key}").status_code == 409
    assert api(customer).patch(f"{TEAM}/{key}", {"role": "sb_admin"}).status_code == 400


def test_another_organizations_member_is_answered_like_an_unknown_one(api, customer, stranger, globex, membership):  # noqa: F811
    client = api(customer)
    keys = (membership(stranger, globex).pk, uuid4(), "nothing")
    answers = [client.delete(f"{TEAM}/{key}") for key in keys]
    answers += [client.patch(f"{TEAM}/{key}", {"role": "observer"}) for key in keys]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}


def test_a_removed_member_loses_access_with_their_token(api, customer, member, acme, membership):  # noqa: F811
    theirs = api(member)
    assert theirs.get(CAMPAIGNS).status_code == 200
    assert api(customer).delete(f"{TEAM}/{membership(member, acme).pk}").status_code == 204
    assert theirs.get(CAMPAIGNS).json()["code"] == "no_organization"
    assert theirs.get(f"{CAMPAIGNS}?organization_id={acme.pk}").status_code == 403


def test_a_user_who_left_an_organization_reaches_only_the_other(api, acme, globex):
    user = factories.customer("two@customer.example", acme, globex)
    factories.customer("owner@acme.example", acme)
    client = api(user)
    assert client.get(f"{CAMPAIGNS}?organization_id={acme.pk}").status_code == 200
    memberships.leave(user.scope_for(acme.pk), by=user, now=NOW)
    assert client.get(f"{CAMPAIGNS}?organization_id={acme.pk}").json()["code"] == "not_found"
    assert [row["name"] for row in client.get("/api/instantly/me").json()["data"]["organizations"]] == ["Globex"]


def test_a_deactivated_organization_is_closed_to_its_owner_too(api, customer, acme):
    client = api(customer)
    with rls.scope(rls.SYSTEM):
        Organization.objects.filter(pk=acme.pk).update(is_active=False)
    for answer in (client.get(TEAM), client.post(INVITATIONS, {"email": "a@b.example", "role": "owner"})):
        assert answer.json()["code"] == "no_organization"


def test_staff_name_the_organization_and_have_the_role_that_goes_with_theirs(
    api, acme, customer, viewer, operator, admin
):
    where = f"?organization_id={acme.pk}"
    assert api(viewer).get(TEAM).json()["code"] == "organization_required"
    assert len(api(viewer).get(TEAM + where).json()["data"]["members"]) == 1
    wanted = {"email": "new@acme.example", "role": "owner"}
    assert [api(user).post(INVITATIONS + where, wanted).status_code for user in (viewer, operator, admin)] == [
        403,
        403,
        201,
    ]
    assert api(admin).get(f"{TEAM}?organization_id={uuid4()}").status_code == 404


# --- invitations ------------------------------------------------------------------------------------------------------


def test_an_owner_invites_sees_sends_again_and_revokes(api, customer, settings):
    settings.PUBLIC_URL = "https://salesbrain.example"
    client = api(customer)
    made = client.post(INVITATIONS, {"email": "New@acme.example", "role": "member"})
    first = made.json()["data"]
    assert made.status_code == 201 and first["invitation"]["email"] == "new@acme.example"
    assert first["link"].startswith("https://salesbrain.example/invitations/")
    listed = client.get(INVITATIONS).json()
    assert listed["data"]["invitations"] == [first["invitation"]] and "link" not in str(listed["data"])
    again = client.post(f"{INVITATIONS}/{first['invitation']['id']}/resend").json()["data"]
    assert again["link"] != first["link"]
    assert client.delete(f"{INVITATIONS}/{first['invitation']['id']}").status_code == 204
    assert client.get(INVITATIONS).json()["count"] == 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "customer@acme.example", "role": "member"}, 409, "already_member"),
        ({"email": "no address", "role": "member"}, 400, "invalid"),
        ({"email": "a@b.example", "role": "sb_admin"}, 400, "invalid"),
        ({"email": "a@b.example"}, 400, "invalid"),
        ({"email": "a@b.example", "role": "member", "organization": "globex"}, 400, "invalid"),
    ],
)
def test_a_wrong_invitation_is_refused(api, customer, body, status, code):
    answer = api(customer).post(INVITATIONS, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_same_invitation_twice_is_one(api, customer):
    wanted = {"email": "new@acme.example", "role": "member"}
    answers = [api(customer).post(INVITATIONS, wanted) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert api(customer).get(INVITATIONS).json()["count"] == 1


def test_a_refused_mail_says_when_to_try_again(api, customer):
    client = api(customer)
    key = client.post(INVITATIONS, {"email": "new@acme.example", "role": "member"}).json()["data"]["invitation"]["id"]
    answer = [client.post(f"{INVITATIONS}/{key}/resend") for _ in range(5)][-1]
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, "too_many_mails", "3600")


def test_another_organizations_invitation_is_answered_like_nobodys(api, customer, stranger):
    theirs = (
        api(stranger).post(INVITATIONS, {"email": "a@b.example", "role": "member"}).json()["data"]["invitation"]["id"]
    )
    client = api(customer)
    answers = [client.delete(f"{INVITATIONS}/{key}") for key in (theirs, uuid4())]
    answers += [client.post(f"{INVITATIONS}/{key}/resend") for key in (theirs, uuid4())]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
    assert api(stranger).get(INVITATIONS).json()["count"] == 1


# --- tokens that only read --------------------------------------------------------------------------------------------


def test_a_read_only_token_reads_and_changes_nothing(api, customer, member, acme, membership):  # noqa: F811
    made = api(customer).post(TOKENS, {"name": "report", "read_only": True}).json()["data"]
    client = use(api, made["token"])
    assert made["read_only"] and client.get(CAMPAIGNS).status_code == client.get(TEAM).status_code == 200
    for answer in (
        client.delete(f"{TEAM}/{membership(member, acme).pk}"),
        client.post(INVITATIONS, {"email": "a@b.example", "role": "owner"}),
        client.post(TOKENS, {"name": "more"}),
        client.post(TOKENS, {"name": "more", "read_only": True}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "token_read_only")
    assert client.get("/api/instantly/me").json()["data"]["token"]["read_only"] is True
    assert client.delete(TOKENS).status_code == 204, "it may end itself"


@pytest.mark.parametrize("who", ["member", "observer"])
def test_members_who_are_not_owners_get_read_only_tokens(request, who, api):
    user = request.getfixturevalue(who)
    login = {"email": user.email, "password": "customer-password", "name": "mine"}
    made = api().post(TOKENS, login).json()["data"]
    assert made["read_only"] is True and use(api, made["token"]).get(CAMPAIGNS).status_code == 200
    refused = api().post(TOKENS, {**login, "read_only": False})
    assert (refused.status_code, refused.json()["code"]) == (403, "role_too_low")


def test_a_token_never_exceeds_what_its_user_may_now(api, acme, customer, membership):  # noqa: F811
    """A token made by an owner who is then demoted stays valid, with an observer's rights."""
    owner = factories.customer("owner@acme.example", acme)
    made = api(owner).post(TOKENS, {"name": "CRM"}).json()["data"]
    assert made["read_only"] is False
    client = use(api, made["token"])
    assert client.post(INVITATIONS, {"email": "a@b.example", "role": "owner"}).status_code == 201
    with rls.scope(rls.SYSTEM):
        Membership.objects.filter(user=owner).update(role=MembershipRole.OBSERVER)
    assert client.post(INVITATIONS, {"email": "c@d.example", "role": "owner"}).status_code == 403
    assert client.post(TOKENS, {"name": "again", "read_only": False}).status_code == 403
    assert client.get(CAMPAIGNS).status_code == 200


def test_a_read_only_token_of_staff_is_a_viewers(api, admin, acme, acme_connection):
    made = api(admin).post(TOKENS, {"name": "report", "read_only": True}).json()["data"]
    client = use(api, made["token"])
    campaign = factories.campaign(acme_connection)
    assert client.get("/api/instantly/admin/campaigns").status_code == 200
    renamed = client.patch(f"/api/instantly/admin/campaign/{campaign.pk}", {"name": "mine"})
    assert (renamed.status_code, renamed.json()["code"]) == (403, "token_read_only")
    invited = client.post(f"{INVITATIONS}?organization_id={acme.pk}", {"email": "a@b.example", "role": "owner"})
    assert invited.status_code == 403


# --- access log -------------------------------------------------------------------------------------------------------


def seen(organization, user, conversation, *, action=AccessAction.READ, minutes=0):
    now = NOW + timedelta(minutes=minutes)
    return record_access(
        organization_id=organization.pk, user=user, conversation_id=conversation, action=action, now=now
    )


def test_owners_see_who_read_and_answered(api, acme, globex, customer, member, viewer, stranger):  # noqa: F811
    conversation = uuid4()
    assert seen(acme, viewer, conversation) and seen(acme, member, conversation, minutes=1)
    assert seen(acme, member, conversation, action=AccessAction.ANSWERED, minutes=2)
    assert seen(globex, viewer, uuid4(), minutes=3)
    rows = api(customer).get(LOG).json()["data"]["entries"]
    assert [(row["actor_name"], row["party"], row["action"]) for row in rows] == [
        (member.email, "team", "answered"),
        (member.email, "team", "read"),
        (viewer.email, "agency", "read"),
    ]
    assert {row["conversation_id"] for row in rows} == {str(conversation)}
    assert api(stranger).get(LOG).json()["count"] == 1
    assert [row["party"] for row in api(customer).get(f"{LOG}?party=agency").json()["data"]["entries"]] == ["agency"]


def test_reading_again_within_ten_minutes_is_one_entry(acme, customer, member):  # noqa: F811
    first, second = uuid4(), uuid4()
    assert seen(acme, customer, first)
    assert not seen(acme, customer, first, minutes=9)
    assert seen(acme, customer, first, action=AccessAction.ANSWERED, minutes=9)
    assert seen(acme, customer, second, minutes=9) and seen(acme, member, first, minutes=9)
    assert seen(acme, customer, first, minutes=ONCE_IN.total_seconds() // 60)


def test_a_long_log_is_read_page_by_page(api, acme, customer):
    for minute in range(5):
        seen(acme, customer, uuid4(), minutes=minute)
    client, found, where = api(customer), [], f"{LOG}?limit=2&cursor="
    while where:
        body = client.get(where).json()
        found += [row["at"] for row in body["data"]["entries"]]
        where = body["next"]
    assert len(found) == 5 and found == sorted(found, reverse=True)


def test_no_entry_is_changed_deleted_or_written_for_another_organization(acme, globex, customer, admin):
    from django.db import DatabaseError

    seen(acme, customer, uuid4())
    for scope in (rls.customer(acme.pk), rls.SYSTEM):
        for change in (lambda: AccessEntry.objects.update(actor_name="x"), lambda: AccessEntry.objects.all().delete()):
            with pytest.raises(DatabaseError, match="permission denied"), rls.scope(scope):
                change()
    with pytest.raises(DatabaseError, match="row-level security"), rls.scope(rls.customer(acme.pk)):
        AccessEntry.objects.create(
            organization=globex, actor=customer, actor_name="x", at=NOW, party="team", action="read", conversation_id=uuid4()
        )  # fmt: skip
