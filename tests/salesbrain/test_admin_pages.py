"""Every page of every registered model, as every kind of person: who gets in, what it costs, what it must not say."""

import pytest
from cryptography.fernet import Fernet
from django.contrib import admin as django_admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import ProviderConnection, User, WebhookSecret
from instantly.models import WorkerBatch
from messaging.models import ContactSearch, MessageSearch, SearchPending
from salesbrain import rls
from salesbrain.models import StaffModel, TenantModel
from salesbrain.rls.checks import protected_models
from tests import staff_world

pytestmark = pytest.mark.django_db

OURS = sorted(
    (model for model in django_admin.site._registry if issubclass(model, StaffModel | TenantModel)),
    key=lambda model: model._meta.label,
)
ids = [model._meta.label for model in OURS]
NOT_SHOWN = {WebhookSecret, WorkerBatch, MessageSearch, ContactSearch, SearchPending}
"""Secrets, and the machinery's own notes: nothing a person would read."""


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


def test_every_table_of_ours_has_a_page_or_a_reason():
    assert set(protected_models()) - set(OURS) == NOT_SHOWN


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
@pytest.mark.parametrize("model", OURS, ids=ids)
def test_staff_open_list_and_row(world, request, role, model):
    client = as_(request.getfixturevalue(role))
    assert client.get(page(model, "changelist")).status_code == 200
    row = first(model)
    assert row is not None, f"the world of this test has no {model._meta.label}: add one"
    assert client.get(page(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=ids)
def test_a_customer_and_nobody_are_sent_to_the_login(world, customer_of_acme, model):
    for client in (Client(), as_(customer_of_acme)):
        for url in (page(model, "changelist"), page(model, "change", first(model).pk)):
            answer = client.get(url)
            assert (answer.status_code, "/admin/login/" in answer["Location"]) == (302, True)


@pytest.fixture
def customer_of_acme(world):
    return User.objects.get(email="customer@acme.example")


@pytest.mark.parametrize("model", OURS, ids=ids)
def test_a_viewer_can_write_nowhere(world, viewer, model):
    client = as_(viewer)
    row = first(model)
    for url in (page(model, "add"), page(model, "change", row.pk), page(model, "delete", row.pk)):
        assert client.post(url, {"name": "mine"}).status_code == 403


@pytest.mark.parametrize("model", OURS, ids=ids)
def test_nobody_but_an_admin_deletes(world, operator, model):
    assert as_(operator).post(page(model, "delete", first(model).pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", OURS, ids=ids)
def test_a_list_costs_the_same_however_long_it_is(admin, model):
    """N+1 is found by size: twice the organizations and three times the rows, and not one statement more."""
    staff_world.build(("Acme",), per=1)
    client = as_(admin)
    with CaptureQueriesContext(connection) as small:
        client.get(page(model, "changelist"))
    staff_world.build(("Globex", "Initech", "Hooli"), per=3)
    with CaptureQueriesContext(connection) as large:
        client.get(page(model, "changelist"))
    assert len(large) <= len(small), "\n".join(query["sql"][:200] for query in large.captured_queries)
    assert len(large) <= 14


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_no_page_shows_a_key_or_a_secret(world, request, role):
    with rls.scope(rls.SYSTEM):
        forbidden = [row.api_key for row in ProviderConnection.objects.all()]
        forbidden += [row.secret for row in WebhookSecret.objects.all()]
        stored = ProviderConnection.objects.extra(select={"cipher": "api_key"}).values_list("cipher", flat=True)
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
