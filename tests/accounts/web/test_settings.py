"""Settings pages: profile, password, API tokens."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from knox.models import get_token_model

from accounts import own_tokens
from accounts.models import AuditEntry, User
from salesbrain import rls
from tests import factories
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
PROFILE = {"name": "Carla", "language": "de", "time_zone": "Europe/Berlin", "single_key_shortcuts": "on"}


def test_a_profile_is_saved_and_used_at_once(customer):
    client = client_of(customer)
    page = client.post("/settings", PROFILE, follow=True).content.decode()
    customer.refresh_from_db()
    assert (customer.name, customer.language, customer.time_zone, customer.single_key_shortcuts) == (
        "Carla",
        "de",
        "Europe/Berlin",
        True,
    )
    assert "Gespeichert." in page and 'lang="de"' in page and "data-shortcuts" in page


def test_shortcuts_can_be_switched_off(customer):
    page = client_of(customer).post("/settings", {**PROFILE, "single_key_shortcuts": ""}, follow=True).content.decode()
    assert "data-shortcuts" not in page


@pytest.mark.parametrize(
    ("field", "value"), [("language", "xx"), ("time_zone", "Moon/Crater"), ("time_zone", "../etc/passwd")]
)
def test_an_invalid_language_or_zone_is_refused(customer, field, value):
    answer = client_of(customer).post("/settings", {**PROFILE, field: value})
    assert answer.context["form"].errors[field]
    customer.refresh_from_db()
    assert customer.name == ""


def test_a_user_cannot_make_themselves_staff(customer):
    client_of(customer).post(
        "/settings", {**PROFILE, "role": "sb_admin", "email": "other@acme.example", "is_active": ""}
    )
    customer.refresh_from_db()
    assert (customer.role, customer.email, customer.is_active) == ("", "customer@acme.example", True)


def test_an_unknown_zone_in_the_database_is_utc(customer):
    User.objects.filter(pk=customer.pk).update(time_zone="Moon/Crater")
    assert client_of(customer).get("/settings").status_code == 200


def test_another_password_ends_the_other_sessions_and_not_this_one(customer):
    here, elsewhere = client_of(customer), client_of(customer)
    fresh = "a-long-and-new-one"
    assert here.post("/settings/password", {"present": "customer-password", "fresh": fresh}).status_code == 302
    assert here.get("/").status_code == 200
    assert elsewhere.get("/")["Location"] == "/login"
    customer.refresh_from_db()
    assert customer.check_password(fresh)
    with rls.scope(rls.SYSTEM):
        assert AuditEntry.objects.filter(action="password.change", target_id=str(customer.pk)).exists()


@pytest.mark.parametrize(
    ("present", "fresh", "field"), [("wrong", "a-long-and-new-one", "present"), ("customer-password", "12345", "fresh")]
)
def test_a_wrong_or_a_weak_password_changes_nothing(customer, present, fresh, field):
    answer = client_of(customer).post("/settings/password", {"present": present, "fresh": fresh})
    assert answer.context["form"].errors[field]
    customer.refresh_from_db()
    assert customer.check_password("customer-password")


@pytest.mark.django_db(transaction=True)
def test_guessing_the_present_password_locks(customer):
    client = client_of(customer)
    for _ in range(5):
        answer = client.post("/settings/password", {"present": "wrong", "fresh": "a-long-and-new-one"})
    assert answer.status_code == 429
    assert (
        client.post("/settings/password", {"present": "customer-password", "fresh": "a-long-and-new-one"}).status_code
        == 429
    )


def test_a_token_is_shown_once_works_and_is_revoked(customer, api):
    client = client_of(customer)
    made = client.post("/settings/tokens", {"name": "CRM sync", "days": "30"})
    token = made.context["token"]
    assert token.startswith("sb_") and token in made.content.decode()
    (row,) = own_tokens.tokens_of(customer)
    assert row.name == "CRM sync" and row.expires_at is not None
    assert timedelta(days=29) < row.expires_at - timezone.now() <= timedelta(days=30)
    again = client.get("/settings/tokens").content.decode()
    assert token not in again and row.key in again
    caller = {"authorization": f"Bearer {token}"}
    assert Client().get("/api/instantly/campaigns", headers=caller).status_code == 200
    assert client.post("/settings/tokens/revoke", {"token": row.key}).status_code == 302
    assert Client().get("/api/instantly/campaigns", headers=caller).status_code == 401


def test_a_user_cannot_revoke_another_users_token(customer, stranger):
    factories.token(stranger)
    (row,) = own_tokens.tokens_of(stranger)
    assert client_of(customer).post("/settings/tokens/revoke", {"token": row.key}).status_code == 404
    assert get_token_model().objects.filter(user=stranger).count() == 1


@pytest.mark.parametrize("key", ["", "sb_%", "sb_nothing", "\0"])
def test_revoking_an_unknown_token_is_404(customer, key):
    factories.token(customer)
    assert client_of(customer).post("/settings/tokens/revoke", {"token": key}).status_code == 404
