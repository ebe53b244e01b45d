"""Pages of team, invitations and password reset: each role, expired links, removed users."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import password_reset, tasks
from accounts.choices import MembershipRole
from accounts.models import Invitation, Membership, User
from salesbrain import rls
from tests import factories
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-and-new-one"


def member_of(organization, email: str, role: str) -> User:
    user = factories.customer(email, organization)
    with rls.scope(rls.SYSTEM):
        Membership.objects.filter(user=user).update(role=role)
    return user


def key_of(user: User, organization) -> str:
    with rls.scope(rls.SYSTEM):
        return str(Membership.objects.get(user=user, organization=organization).pk)


def act(client: Client, organization, action: str, **given: str):
    return client.post("/settings/team", {"organization": str(organization.pk), "action": action, **given})


def link_in(text: object) -> str:
    found = re.search(r"/(?:invitations|password-reset)/[\w-]+", str(text))
    assert found, text
    return found[0]


@pytest.fixture
def mail_server(settings, monkeypatch) -> None:
    """Enable mails; each job runs as soon as it is queued."""
    settings.EMAIL_URL, settings.DEFAULT_FROM_EMAIL = "smtp://mail.example", "Salesbrain <salesbrain@example.com>"
    settings.PUBLIC_URL = "https://salesbrain.example"
    for task in (tasks.send_invitation, tasks.send_password_reset):
        monkeypatch.setattr(task, "defer", lambda task=task, **given: task.func(**given))


@pytest.fixture
def owner(acme) -> User:
    return member_of(acme, "owner@acme.example", MembershipRole.OWNER)


@pytest.fixture
def invited(owner, acme) -> str:
    """Return the link of an invitation to new@acme.example."""
    return link_in(act(client_of(owner), acme, "invite", email="new@acme.example", role="member").content.decode())


# --- who does what --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", MembershipRole.values)
def test_everybody_sees_the_team_and_owners_alone_change_it(acme, owner, role):
    asker = member_of(acme, "asker@acme.example", role)
    page = client_of(asker).get("/settings/team").content.decode()
    assert "owner@acme.example" in page
    assert ('value="invite"' in page) is (role == MembershipRole.OWNER)
    answer = act(client_of(asker), acme, "remove", id=key_of(owner, acme))
    assert answer.status_code == 302
    with rls.scope(rls.SYSTEM):
        assert Membership.objects.filter(user=owner).exists() is (role != MembershipRole.OWNER)


def test_a_role_is_changed_and_holds_at_the_next_request(acme, owner):
    colleague = member_of(acme, "colleague@acme.example", MembershipRole.MEMBER)
    theirs = client_of(colleague)
    assert 'value="invite"' not in theirs.get("/settings/team").content.decode()
    assert act(client_of(owner), acme, "role", id=key_of(colleague, acme), role="owner").status_code == 302
    assert 'value="invite"' in theirs.get("/settings/team").content.decode()


def test_the_last_owner_cannot_leave_and_sees_why(acme, owner):
    client = client_of(owner)
    for given in ({"action": "leave"}, {"action": "role", "id": key_of(owner, acme), "role": "observer"}):
        answer = client.post("/settings/team", {"organization": str(acme.pk), **given}, follow=True)
        assert "This is the last owner" in answer.content.decode()


def test_a_member_who_left_sees_nothing_more(acme, owner):
    colleague = member_of(acme, "colleague@acme.example", MembershipRole.OBSERVER)
    client = client_of(colleague)
    assert act(client, acme, "leave", id=key_of(colleague, acme)).status_code == 302
    assert client.get("/").status_code == 403


def test_a_form_of_another_organization_changes_nothing(acme, globex, owner):
    with rls.scope(rls.SYSTEM):
        Membership.objects.create(user=owner, organization=globex, role=MembershipRole.OWNER)
    client = client_of(owner)
    client.post("/switch", {"organization": str(globex.pk)})
    answer = act(client, acme, "invite", email="new@acme.example", role="member")
    assert answer.status_code == 409 and "Nothing was changed" in answer.content.decode()
    assert (
        client.post("/settings/team", {"action": "invite", "email": "new@acme.example", "role": "owner"}).status_code
        == 409
    )
    with rls.scope(rls.SYSTEM):
        assert not Invitation.objects.exists()


def test_keys_of_another_organization_are_unknown(acme, globex, owner, stranger):
    answer = act(client_of(owner), acme, "remove", id=key_of(stranger, globex))
    assert answer.status_code == 302
    with rls.scope(rls.SYSTEM):
        assert Membership.objects.filter(user=stranger).exists()


@pytest.mark.parametrize(
    "given", [{"action": "nothing"}, {"action": "remove", "id": "x"}, {"action": "role", "id": "x", "role": "king"}]
)
def test_an_unknown_action_is_404(acme, owner, given):
    assert client_of(owner).post("/settings/team", {"organization": str(acme.pk), **given}).status_code == 404


def test_staff_choose_an_organization_and_act_with_their_role_there(acme, owner, viewer, admin):
    for user, may_invite in ((viewer, False), (admin, True)):
        client = client_of(user)
        assert "Choose an organization" in client.get("/settings/team").content.decode()
        client.post("/switch", {"organization": str(acme.pk)})
        page = client.get("/settings/team").content.decode()
        assert "owner@acme.example" in page and ('value="invite"' in page) is may_invite


# --- invitations ----------------------------------------------------------------------------------------------------


def test_an_invited_person_joins_and_is_in(invited, acme):
    client = Client()
    assert "Acme" in client.get(invited).content.decode()
    assert client.post(invited, {"name": "Nina", "password": PASSWORD})["Location"] == "/"
    assert "Acme" in client.get("/").content.decode()
    user = User.objects.get(email="new@acme.example")
    assert user.name == "Nina" and user.check_password(PASSWORD)
    assert Client().get(invited).status_code == 410, "a link works once"


def test_opening_a_link_changes_nothing(invited):
    for _ in range(3):
        assert Client().get(invited).status_code == 200
    assert not User.objects.filter(email="new@acme.example").exists()


def test_a_weak_password_is_refused_when_joining(invited):
    answer = Client().post(invited, {"password": "12345"})
    assert answer.context["form"].errors["password"]
    assert not User.objects.filter(email="new@acme.example").exists()


def test_an_invited_user_logs_in_first(acme, globex, owner):
    other = factories.customer("other@globex.example", globex)
    link = link_in(act(client_of(owner), acme, "invite", email=other.email, role="observer").content.decode())
    stranger = Client()
    assert f"/login?next={link}" in stranger.get(link).content.decode()
    stranger.post(link, {"password": PASSWORD})
    other.refresh_from_db()
    assert other.check_password("customer-password"), "the link alone is no password"
    answer = stranger.post("/login", {"username": other.email, "password": "customer-password", "next": link})
    assert answer["Location"] == link
    assert stranger.post(link)["Location"] == "/"
    assert "Acme" in stranger.get("/").content.decode().split("<h1>")[1]


def test_somebody_else_cannot_take_an_invitation(invited, stranger, acme):
    client = client_of(stranger)
    assert "you are logged in as" in client.get(invited).content.decode()
    client.post(invited)
    with rls.scope(rls.SYSTEM):
        assert not Membership.objects.filter(user=stranger, organization=acme).exists()


def test_a_revoked_invitation_opens_nothing(invited, acme, owner):
    with rls.scope(rls.SYSTEM):
        key = str(Invitation.objects.get().pk)
    act(client_of(owner), acme, "revoke", id=key)
    assert Client().get(invited).status_code == 410
    assert Client().post(invited, {"password": PASSWORD}).status_code == 302
    assert not User.objects.filter(email="new@acme.example").exists()


def test_where_mails_are_sent_no_link_is_shown(acme, owner, mail_server):
    answer = act(client_of(owner), acme, "invite", email="new@acme.example", role="member")
    assert answer.status_code == 302
    assert Client().get(link_in(mail.outbox[0].body)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/invitations/x", "/invitations/" + "0" * 75, "/password-reset/x", "/password-reset/" + "é" * 40]
)
def test_a_made_up_link_reveals_nothing(path):
    answer = Client().get(path)
    assert answer.status_code == 410 and "not valid any more" in answer.content.decode()


# --- password reset -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["customer@acme.example", "nobody@acme.example"])
def test_a_reset_request_is_answered_alike_for_every_address(customer, mail_server, email):
    answer = Client().post("/password-reset", {"email": email})
    assert "a link is on its way" in answer.content.decode()
    assert len(mail.outbox) == (email == customer.email)


def test_without_mails_the_page_says_who_can_help(customer):
    assert "Ask your agency" in Client().get("/password-reset").content.decode()


def test_a_new_password_is_set_by_the_link_and_ends_the_sessions(customer, mail_server):
    old = client_of(customer)
    Client().post("/password-reset", {"email": customer.email})
    link = link_in(mail.outbox[0].body)
    client = Client()
    assert client.get(link).status_code == 200
    assert client.post(link, {"password": "12345"}).context["form"].errors["password"]
    assert client.post(link, {"password": PASSWORD})["Location"] == "/login"
    assert "The new password is set" in client.get("/login").content.decode()
    assert old.get("/")["Location"] == "/login", "sessions made with the old password end"
    assert client.get("/")["Location"] == "/login", "the link logs nobody in"
    assert client.get(link).status_code == 410
    assert client.post("/login", {"username": customer.email, "password": PASSWORD})["Location"] == "/"


def test_a_link_of_a_deactivated_user_sets_nothing(customer, settings):
    settings.PUBLIC_URL = "https://salesbrain.example"
    link = link_in(password_reset.create_password_reset_link(customer, now=timezone.now(), actor_name="test"))
    User.objects.filter(pk=customer.pk).update(is_active=False)
    assert Client().post(link, {"password": PASSWORD}).status_code == 410
    customer.refresh_from_db()
    assert customer.check_password("customer-password")
