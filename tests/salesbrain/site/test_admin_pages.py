"""Admin pages of every registered model, for every role: access, cost, secrets."""

import pytest
from cryptography.fernet import Fernet
from django.contrib import admin as django_admin
from django.db import connection
from django.db.models.expressions import RawSQL
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import ProviderConnection, User, WebhookSecret
from salesbrain import rls
from salesbrain.rls.checks import protected_models
from salesbrain.rls.models import StaffModel, TenantModel
from tests import staff_world

pytestmark = pytest.mark.django_db

OURS = sorted(
    (model for model in django_admin.site._registry if issubclass(model, StaffModel | TenantModel)),
    key=lambda model: model._meta.label,
)
NOT_SHOWN = {
    "accounts.InstallationSecret", "accounts.PasswordReset", "accounts.WebhookSecret",
    "instantly.Heartbeat", "instantly.JobRun", "instantly.RateWindow", "instantly.WorkerBatch",
    "instantly.Promotion",  # has pages of its own
    "messaging.ContactSearch", "messaging.MessageSearch", "messaging.RenamedContact", "messaging.SearchPending", "messaging.TriagePending",
    "messaging.CategoryCorrection", "messaging.MessageCategory", "messaging.TriageLearning",  # shown with the reply
    "messaging.ContactLabel", "messaging.Conversation", "messaging.Note",  # read in the inbox, which writes down who reads
    "messaging.OutboxMessage", "messaging.Snippet",  # the same
    "messaging.ContactScore", "messaging.TriageReplay", "messaging.ScoringSettings",  # with the contact, in the settings
    "messaging.DigestSubscription", "messaging.FollowUpSettings", "messaging.SuggestionDecision",  # in the follow-ups
    "messaging.ContactVariables", "messaging.Goal",  # shown with the contact; set in the organization's settings
    "messaging.Measurement",  # a value a day, shown on the pages of what it was measured of
    "messaging.ConversationBuild", "messaging.ConversationPresence", "messaging.OrganizationDailyStats", "messaging.StaleStats",
}  # fmt: skip
"""Models without a page: secrets, and internal rows of no interest to people."""

FRAME = 2
"""Statements of the test's savepoint around a request, in place of BEGIN and COMMIT."""


@pytest.fixture
def world():
    return staff_world.build()


def page(model, name: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def first(model):
    with rls.scope(rls.SYSTEM):
        return model._base_manager.only("pk").order_by("pk").first()


def test_every_own_model_has_a_page_or_a_reason():
    assert {model._meta.label for model in set(protected_models()) - set(OURS)} == NOT_SHOWN


def test_no_library_registers_its_own_admin_page():
    """django_otp's own page would show every authenticator's secret; list a library's page here only after reading it."""
    registered = {model._meta.label for model in django_admin.site._registry}
    assert registered - {model._meta.label for model in OURS} == {
        "accounts.User",
        "knox.AuthToken",
        "procrastinate.ProcrastinateJob",  # read-only; its arguments are ids, never keys
    }


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_staff_open_every_list_and_a_row_of_each(world, request, role):
    client = as_(request.getfixturevalue(role))
    for model in OURS:
        assert client.get(page(model, "changelist")).status_code == 200, model
        row = first(model)
        assert row is not None, f"the world of this test has no {model._meta.label}: add one"
        assert client.get(page(model, "change", row.pk)).status_code == 200, model


def test_customers_and_anonymous_visitors_are_redirected_to_the_login(world, customer_of_acme):
    for client in (Client(), as_(customer_of_acme)):
        for model in OURS:
            for url in (page(model, "changelist"), page(model, "change", first(model).pk)):
                answer = client.get(url)
                assert (answer.status_code, "login" in answer["Location"]) == (302, True), url


@pytest.fixture
def customer_of_acme(world):
    return User.objects.get(email="customer@acme.example")


def test_a_viewer_can_write_nowhere(world, viewer):
    client = as_(viewer)
    for model in OURS:
        row = first(model)
        for url in (page(model, "add"), page(model, "change", row.pk), page(model, "delete", row.pk)):
            assert client.post(url, {"name": "mine"}).status_code == 403, url


def test_only_admins_delete(world, operator):
    client = as_(operator)
    for model in OURS:
        assert client.post(page(model, "delete", first(model).pk), {"post": "yes"}).status_code == 403, model


def test_a_list_costs_the_same_however_long_it_is(admin):
    """A list with four times the organizations and three times the rows must not run one more SQL statement."""

    def statements(model) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            client.get(page(model, "changelist"))
        return [query["sql"][:200] for query in captured.captured_queries]

    client = as_(admin)
    staff_world.build(("Acme",), per=1)
    small = {model: statements(model) for model in OURS}
    staff_world.build(("Globex", "Initech", "Hooli"), per=3)
    for model in OURS:
        large = statements(model)
        assert len(large) <= len(small[model]), "\n".join([f"{model}:", *large])
        assert len(large) - FRAME <= 10, "\n".join([f"{model}:", *large])


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_no_page_shows_a_key_or_a_secret(world, request, role):
    with rls.scope(rls.SYSTEM):
        forbidden = [row.api_key for row in ProviderConnection.objects.all()]
        forbidden += [row.secret for row in WebhookSecret.objects.all()]
        stored = ProviderConnection.objects.annotate(cipher=RawSQL("api_key", ())).values_list("cipher", flat=True)
        forbidden += [str(cipher) for cipher in stored]
    client = as_(request.getfixturevalue(role))
    for model in OURS:
        for url in (
            page(model, "changelist"),
            page(model, "change", first(model).pk),
            page(model, "history", first(model).pk),
        ):
            text = client.get(url).content.decode()
            assert [secret for secret in forbidden if secret in text] == [], url


def test_a_wrong_encryption_key_does_not_close_the_pages_that_need_no_key(world, admin, settings):
    settings.SALESBRAIN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    client = as_(admin)
    for model in OURS:
        assert client.get(page(model, "changelist")).status_code == 200
        assert client.get(page(model, "change", first(model).pk)).status_code == 200
    assert client.get(reverse("admin:index")).status_code == 200
