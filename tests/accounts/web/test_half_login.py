"""Login between its two steps: session keys, and everything the password alone must not open."""

from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib import admin as django_admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import second_factor
from accounts.models import AuditEntry, Membership, User
from salesbrain import rls
from salesbrain.isolation.pages import SLOT
from salesbrain.isolation.portal import views
from salesbrain.isolation.requests import document
from salesbrain.web.views import PageView
from tests.accounts.web.test_session_security import a_client, is_logged_in, with_session
from tests.salesbrain.site.test_admin_login import code_of
from tests.salesbrain.web import pages

pytestmark = pytest.mark.django_db(transaction=True)
COOKIE = django_settings.SESSION_COOKIE_NAME
NOBODY = "6fa4b3d8-0d43-4f0c-9a3f-3b1f2a7f7c11"
TO_THE_LOGIN = ("/login", "/admin/login/")


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


PASSWORDS = {"admin": "admin-password", "customer": "customer-password"}


@pytest.fixture(params=PASSWORDS)
def person(request, acme, settings) -> User:
    """An admin, who must have a second factor and is a member of Acme too, and a customer, who chose to have one."""
    settings.SECOND_FACTOR_REQUIRED = True
    user: User = request.getfixturevalue(request.param)
    with rls.scope(rls.SYSTEM):
        Membership.objects.get_or_create(user=user, organization=acme)
    return user


@pytest.fixture
def enrolled(person, clock) -> Any:
    device = second_factor.begin(person)
    second_factor.confirm(device, code_of(device, clock))
    return device


def first_step(client: Client, user: User) -> None:
    password = PASSWORDS["admin" if user.is_staff else "customer"]
    answer = client.post("/login", {"username": user.email, "password": password})
    assert (answer.status_code, answer["Location"]) == (302, "/login/code")


@pytest.fixture
def half(person, enrolled) -> Client:
    """Return a client that has sent the right password and not yet the second factor's code."""
    client = a_client()
    first_step(client, person)
    return client


# --- session keys ---------------------------------------------------------------------------------------------------


def planted() -> str:
    """Return the key of a session that an attacker made and knows."""
    store = import_module(django_settings.SESSION_ENGINE).SessionStore()
    store["planted"] = "by the attacker"
    store.save()
    return str(store.session_key)


def test_a_planted_session_gets_another_key_with_the_password_and_again_with_the_code(person, enrolled, clock):
    known = planted()
    victim = with_session(known)
    first_step(victim, person)
    between = victim.cookies[COOKIE].value
    assert victim.post("/login/code", {"code": code_of(enrolled, clock)}).status_code == 302
    complete = victim.cookies[COOKIE].value
    assert len({known, between, complete}) == 3 and is_logged_in(victim)
    for stale in (known, between):
        assert not is_logged_in(with_session(stale))
        assert with_session(stale).get("/login/code")["Location"] == "/login", "nor is it a login that goes on"


def test_a_client_that_knows_the_earlier_session_key_cannot_enter_the_code(person, enrolled, clock):
    known = planted()
    first_step(with_session(known), person)
    attacker = with_session(known)
    assert attacker.post("/login/code", {"code": code_of(enrolled, clock)})["Location"] == "/login"
    assert not is_logged_in(attacker)


def test_another_users_session_ends_when_the_code_is_right(person, enrolled, clock, stranger):
    client = pages.client_of(stranger)
    theirs = client.cookies[COOKIE].value
    session = client.session
    session["kept"] = "of the first"
    session.save()
    first_step(client, person)
    client.post("/login/code", {"code": code_of(enrolled, clock)})
    assert client.session["_auth_user_id"] == str(person.pk) and "kept" not in client.session
    assert not is_logged_in(with_session(theirs))


def test_a_password_alone_does_not_take_over_another_users_session(person, enrolled, stranger):
    client = pages.client_of(stranger)
    first_step(client, person)
    assert client.get("/settings").context["user"] == stranger
    assert client.get("/admin/").status_code == 302


def test_a_second_factor_that_was_reset_meanwhile_does_not_complete_the_login(person, half):
    second_factor.reset(person)
    assert half.get("/admin/").status_code == 302 and not is_logged_in(half)


# --- what it opens --------------------------------------------------------------------------------------------------


def test_a_half_login_opens_no_page(half):
    for page in pages.of_users():
        answer = half.get(page.address)
        assert answer.status_code == 302 and answer["Location"].startswith(TO_THE_LOGIN), page.address


def test_a_half_login_submits_no_form(half, person):
    for route, view in views().items():
        if not hasattr(view, "post") or not issubclass(view, PageView):
            continue
        answer = half.post(
            "/" + SLOT.sub(NOBODY, route), {"organization": "all", "name": "Changed", "language": "en", "time_zone": ""}
        )
        assert answer.status_code == 302 and answer["Location"].startswith(TO_THE_LOGIN), route
    person.refresh_from_db()
    assert person.name == ""


def test_a_half_login_opens_no_admin_page(half, person):
    addresses = ["/admin/", "/admin/isolation/", "/admin/password_change/", "/admin/jsi18n/"]
    for model in django_admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        addresses += [reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[NOBODY])]
    for address in addresses:
        for answer in (half.get(address), half.post(address, {"action": "delete_selected"})):
            assert answer.status_code == 302 and answer["Location"].startswith(TO_THE_LOGIN), address


def test_a_half_login_opens_no_api_operation(half):
    asked = 0
    for path, operations in document()["paths"].items():
        address = path.replace("{", "").replace("}", "")
        for method in operations:
            if method in ("get", "post", "put", "patch", "delete") and path not in OPEN:
                answer = getattr(half, method)(address, content_type="application/json")
                assert answer.status_code in (401, 404), f"{method} {address}: {answer.status_code}"
                assert answer.status_code == 401 or answer.json()["code"] == "not_found", address
                asked += 1
    assert asked > 50


OPEN = {"/api/auth/tokens"}
"""Operation that takes email and password in its body, hence uses no session; see tests/accounts/api/test_tokens.py."""


def test_a_half_login_gets_no_answer_from_the_poll(half, person, acme):
    for organization in (acme.pk, "all"):
        assert half.get(f"/poll?user={person.pk}&organization={organization}&since=0").status_code == 401


def test_a_half_login_changes_neither_organization_nor_second_factor(half, person, acme, enrolled):
    for address, form in (("/switch", {"organization": str(acme.pk)}), ("/settings/second-factor", {"code": "000000"})):
        assert half.post(address, form)["Location"].startswith(TO_THE_LOGIN), address
    assert second_factor.is_on(person)


def test_a_half_login_is_not_audited_as_a_login(half):
    with rls.scope(rls.SYSTEM):
        assert not AuditEntry.objects.filter(action__in=("login", "organization.open")).exists()


def test_a_logout_ends_a_half_login(half):
    half.post("/logout")
    assert half.get("/login/code")["Location"] == "/login"
