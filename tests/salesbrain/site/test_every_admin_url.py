"""Every URL of the admin for every role, without an error."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.choices import StaffRole
from accounts.models import Organization, ProviderConnection, User
from instantly import findings
from instantly.actions.runner import request_action
from instantly.models import Delivery, Held, Promotion
from messaging.models import Finding, Message
from salesbrain import rls
from tests import factories, staff_world

pytestmark = pytest.mark.django_db
NEEDS_MORE = {"jsi18n", "autocomplete", "login", "logout", "view_on_site", "password_change", "password_change_done"}
"""Not pages: a script's texts, a search box's answers, redirects; they have tests of their own or are Django's."""


def names() -> Iterator[str]:
    """Yield the name of every URL of the admin, in the order of its routes."""

    def walk(patterns: Any) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            elif isinstance(pattern, URLPattern) and pattern.name:
                yield pattern.name

    site: Any = next(each for each in get_resolver().url_patterns if getattr(each, "namespace", None) == "admin")
    yield from dict.fromkeys(walk(site.url_patterns))


NAMES = [name for name in names() if name not in NEEDS_MORE]
NEVER = ("_add", "_delete")
"""Pages that no role may open for rows that a sync, an event or a command writes."""
MODELS = {f"{model._meta.app_label}_{model._meta.model_name}": model for model in django_admin.site._registry}


@pytest.fixture
def world():
    made = staff_world.build(("Acme",), per=1)
    boss = User.objects.create_user("boss@salesbrain.example", "boss-password", role=StaffRole.ADMIN)
    factories.token(boss)
    with rls.scope(rls.SYSTEM):
        request_action("campaign_pause", actor=boss, target=made.campaigns[0])
    person = factories.contact(made.organizations[0], "waiting@lead.example")
    factories.conversation(person, category="question", last_mail_at=datetime.now(UTC))
    findings.update(now=datetime.now(UTC))
    factories.finding(made.campaigns[0])
    shared = factories.connection("shared", None)
    factories.campaign(shared)
    factories.promotion(made.organizations[0], shared, made.connections[0])
    return made


def arguments(name: str) -> list[Any]:
    """Return the arguments of a URL, so that it leads to a row of the world."""
    with rls.scope(rls.SYSTEM):
        own: dict[str, list[Any]] = {
            "messaging_message_body": [Message.objects.filter(direction="in")[0].pk, "html"],
            "messaging_finding_fix": [Finding.objects.get(rule="bounces", until=None, target_type="campaign").pk],
            "messaging_finding_fix_equal": [Finding.objects.get(rule="bounces", until=None, target_type="campaign").pk],
            "messaging_finding_inbox": [Finding.objects.get(rule="replies_waiting").pk],
            "instantly_delivery_progress": [Delivery.objects.all()[0].pk],
            "app_list": ["campaigns"],
            "assignment_rules": [ProviderConnection.objects.get(organization=None).pk],
            "assignment_import": [ProviderConnection.objects.get(organization=None).pk],
            "promotion_new": [
                Organization.objects.get(name="Acme").pk,
                ProviderConnection.objects.get(organization=None).pk,
            ],
            "promotion": [Promotion.objects.get().pk],
            "trust": [Organization.objects.get(name="Acme").pk],
            "auth_user_password_change": [User.objects.get(email="boss@salesbrain.example").pk],
        }
        if name in own:
            return own[name]
        page, _, kind = name.rpartition("_")
        if page in MODELS and kind in ("change", "delete", "history"):
            manager = MODELS[page]._base_manager
            return [manager.order_by("pk")[0].pk]
    return []


def test_the_world_has_a_row_for_every_page(world):
    with rls.scope(rls.SYSTEM):
        assert [name for name, model in MODELS.items() if not model._base_manager.exists()] == []
        assert Held.objects.exists() and ProcrastinateJob.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_every_url_answers_staff_without_an_error(world, request, role):
    client = Client()
    client.force_login(request.getfixturevalue(role))
    allowed = (200, 302) if role == "admin" else (200, 302, 403)
    wrong = {}
    for name in NAMES:
        address = reverse(f"admin:{name}", args=arguments(name))
        status = client.get(address).status_code
        if status not in allowed and not (status == 403 and name.endswith(NEVER)):
            wrong[address] = status
    assert wrong == {}


@pytest.mark.parametrize("who", ["customer", "nobody"])
def test_every_url_leads_everybody_else_to_the_login(world, who):
    client = Client()
    if who == "customer":
        client.force_login(User.objects.get(email="customer@acme.example"))
    for name in NAMES:
        answer = client.get(reverse(f"admin:{name}", args=arguments(name)))
        assert answer.status_code == 302 and "/login" in answer["Location"], name


def test_no_role_but_an_operators_and_an_admins_gets_to_a_fix(world, viewer):
    client = Client()
    client.force_login(viewer)
    assert (
        client.get(reverse("admin:messaging_finding_fix", args=arguments("messaging_finding_fix"))).status_code == 403
    )
