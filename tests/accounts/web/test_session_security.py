"""Attacks on sessions, forms and links: fixation, framing, redirects, tokens, removed users."""

from importlib import import_module
from itertools import count
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings as django_settings
from django.test import Client

from accounts.choices import MembershipRole
from accounts.models import Membership, Organization, User
from salesbrain import rls
from tests.accounts.web.test_team import PASSWORD, act, link_in, member_of
from tests.salesbrain.web import pages
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESSES = count(1)
COOKIE = django_settings.SESSION_COOKIE_NAME


def a_client() -> Client:
    """Return an anonymous client with an IP address of its own, because logins are limited per address."""
    return Client(REMOTE_ADDR=f"203.0.113.{next(ADDRESSES)}")


def log_in(client: Client, user: User, password: str = "customer-password", **more: str) -> Any:
    return client.post("/login", {"username": user.email, "password": password, **more})


def with_session(key: str) -> Client:
    client = a_client()
    client.cookies[COOKIE] = key
    return client


def is_logged_in(client: Client) -> bool:
    return client.get("/settings").status_code == 200


# --- sessions -------------------------------------------------------------------------------------------------------


def test_a_session_that_an_attacker_made_is_not_the_victims_after_the_login(customer):
    store = import_module(django_settings.SESSION_ENGINE).SessionStore()
    store["planted"] = "by the attacker"
    store.save()
    victim = with_session(store.session_key)
    log_in(victim, customer)
    assert is_logged_in(victim) and victim.cookies[COOKIE].value != store.session_key
    assert not is_logged_in(with_session(store.session_key))


def test_a_new_login_inherits_nothing_from_the_previous_session(customer, stranger):
    client = client_of(customer)
    session = client.session
    session["kept"] = "of the first"
    session.save()
    log_in(client, stranger)
    assert "kept" not in client.session and client.session["_auth_user_id"] == str(stranger.pk)


def test_a_session_ends_with_the_logout_and_not_only_the_cookie(customer):
    client = client_of(customer)
    key = client.cookies[COOKIE].value
    client.post("/logout")
    assert not is_logged_in(with_session(key))


# --- forms ----------------------------------------------------------------------------------------------------------


def token_of(client: Client) -> str:
    return client.get("/settings").content.decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]


def test_a_form_of_another_session_is_refused(customer, stranger, acme):
    mine, theirs = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    mine.force_login(customer)
    theirs.force_login(stranger)
    form = {"name": "Changed", "language": "en", "time_zone": "UTC", "organization": str(acme.pk)}
    token_of(mine)  # both have a token of their own by now
    assert mine.post("/settings", {**form, "csrfmiddlewaretoken": token_of(theirs)}).status_code == 403
    assert not User.objects.filter(name="Changed").exists()
    assert mine.post("/settings", {**form, "csrfmiddlewaretoken": token_of(mine)}).status_code != 403


def test_a_form_sent_from_another_site_is_refused(customer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(customer)
    given = {"csrfmiddlewaretoken": token_of(client), "name": "Changed", "language": "en", "time_zone": "UTC"}
    assert client.post("/settings", given, headers={"origin": "https://evil.example"}).status_code == 403


# --- frames and redirects -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["/login", "/", "/settings", "/settings/team", "/nowhere", "/admin/", "/admin/accounts/user/"]
)
@pytest.mark.parametrize("who", ["customer", "admin", "nobody"])
def test_no_page_may_be_framed_by_another_site(request, who, address):
    client = Client() if who == "nobody" else client_of(request.getfixturevalue(who))
    answer = client.get(address)
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


ELSEWHERE = {
    "scheme": "https://evil.example/",
    "no scheme": "//evil.example",
    "three slashes": "///evil.example",
    "backslash": "/\\evil.example",
    "two backslashes": "\\\\evil.example",
    "script": "javascript:alert(1)",
    "upper-case script": "JaVaScRiPt:alert(1)",
    "data": "data:text/html,<script>alert(1)</script>",
    "control character": "\x01//evil.example",
    "tab between slashes": "/\t/evil.example",
    "line break": "/\r\n/evil.example",
    "blank before": " //evil.example",
    "no host": "http:///evil.example",
    "our host as a name": "https://testserver@evil.example/",
    "our host as a part": "https://testserver.evil.example/",
}


@pytest.mark.parametrize("address", ELSEWHERE.values(), ids=ELSEWHERE)
@pytest.mark.parametrize("way", ["/login", "/admin/login/"])
def test_a_login_leads_to_no_other_site(customer, way, address):
    client = a_client()
    shown = client.get(way, {"next": address}, follow=True)
    landed = log_in(client, customer, next=shown.context["next"])
    assert landed["Location"] == "/"


@pytest.mark.parametrize(
    "address", ["%2F%2Fevil.example", "/%2Fevil.example", "/%5Cevil.example", "%68ttps://evil.example"]
)
def test_an_encoded_login_target_stays_on_this_site(customer, address):
    landed = log_in(a_client(), customer, next=address)["Location"]
    assert urlsplit(urljoin("https://testserver/login", landed)).hostname == "testserver"


# --- links ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def owner(acme) -> User:
    return member_of(acme, "owner@acme.example", MembershipRole.OWNER)


@pytest.fixture
def invitation(owner, acme) -> str:
    return link_in(act(client_of(owner), acme, "invite", email="new@acme.example", role="member").content.decode())


def test_a_page_with_a_token_in_its_url_does_not_leak_it(invitation, caplog, capsys):
    answer = Client().get(invitation)
    secret = invitation.rsplit("/", 1)[1]
    assert answer.status_code == 200 and answer["Referrer-Policy"] in ("no-referrer", "same-origin")
    assert "no-store" in answer["Cache-Control"]
    said = caplog.text + "".join(capsys.readouterr())
    assert "request_finished" in said and secret not in said


def test_an_invitation_opens_nothing_a_second_time(invitation, acme):
    given = {"name": "New", "password": PASSWORD, "password_again": PASSWORD}
    assert a_client().post(invitation, given).status_code == 302
    assert Client().get(invitation).status_code == 410
    assert a_client().post(invitation, {**given, "name": "Mallory"}, follow=True).status_code == 410
    with rls.scope(rls.SYSTEM):
        assert Membership.objects.filter(organization=acme, user__email="new@acme.example").count() == 1


def test_another_persons_invitation_cannot_be_accepted(invitation, stranger, acme):
    client_of(stranger).post(invitation, {"name": "Mallory", "password": PASSWORD, "password_again": PASSWORD})
    with rls.scope(rls.SYSTEM):
        assert not Membership.objects.filter(organization=acme, user=stranger).exists()


# --- people who left ------------------------------------------------------------------------------------------------


def leave(user: User) -> None:
    Membership.objects.filter(user=user).delete()


def close(user: User) -> None:
    Organization.objects.filter(memberships__user=user).update(is_active=False)


@pytest.mark.parametrize("how", [leave, close], ids=["removed", "organization closed"])
def test_a_session_shows_nothing_of_a_lost_organization(customer, acme_connection, how):
    client = client_of(customer)
    assert client.get("/").status_code == 200
    with rls.scope(rls.SYSTEM):
        how(customer)
    personal = ("/settings", "/settings/")
    for page in pages.of_users():
        if page.address == personal[0] or page.address.startswith(personal[1]):
            continue
        answer = client.get(page.address)
        assert answer.status_code in (403, 404, 302), page.address
        assert "Acme" not in answer.content.decode(), page.address
