"""Secrets are planted and everything that comes out is searched for them: pages, answers, logs, commands, error pages."""

import logging
import re
from io import StringIO
from uuid import uuid4

import pytest
from django.contrib import admin as django_admin
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from accounts import logs, second_factor
from accounts.models import AuditEntry, ProviderConnection, User, WebhookSecret
from salesbrain import rls
from tests import factories, staff_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def output():
    """Everything logged at any level, as production writes it."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter(json=True))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream.getvalue
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def world():
    return staff_world.build(per=1)


@pytest.fixture
def canaries(world, viewer, admin) -> dict[str, str]:
    """Every secret there is by what it is: keys and webhook secrets in plain and as stored, passwords, second factors, tokens."""
    planted = {}
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        planted |= {f"key of {row}": row.api_key for row in ProviderConnection.objects.all()}
        planted |= {f"webhook secret {row.pk}": row.secret for row in WebhookSecret.objects.all()}
        cursor.execute(
            "SELECT api_key FROM accounts_providerconnection UNION ALL SELECT secret FROM accounts_webhooksecret"
        )
        planted |= {f"ciphertext {number}": text for number, (text,) in enumerate(cursor.fetchall())}
    for user in (viewer, admin):
        device = second_factor.begin(user)
        planted |= {f"totp of {user}": device.key, f"totp of {user} as typed": second_factor.secret(device)}
        planted |= {
            f"recovery code {number} of {user}": code
            for number, code in enumerate(second_factor.new_recovery_codes(user))
        }
        planted[f"password hash of {user}"] = user.password
        planted[f"token of {user}"] = factories.token(user)
    assert all(planted.values())
    return planted


def found(canaries: dict[str, str], text: str) -> list[str]:
    return [name for name, secret in canaries.items() if secret in text]


def whole(answer) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode(errors="replace") + str(dict(answer.headers))


def as_(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def pages() -> list[str]:
    urls = [reverse("admin:index"), reverse("admin:isolation")]
    for model in django_admin.site._registry:
        info = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        with rls.scope(rls.SYSTEM):
            key = model._base_manager.values_list("pk", flat=True).first()
        urls.append(reverse(f"{info}_changelist"))
        urls += [reverse(f"{info}_{page}", args=[key]) for page in ("change", "history", "delete") if key is not None]
    return urls


def test_no_page_of_staffs_tells_one_and_no_log_line(canaries, viewer, admin, output):
    for user in (viewer, admin):
        client = as_(user)
        for url in pages():
            assert found(canaries, whole(client.get(url))) == [], (user.email, url)
    assert found(canaries, output()) == []


def test_no_answer_of_the_api_tells_one_and_no_log_line(world, canaries, admin, output, api):
    campaign = world.campaigns[0]
    ids = {"campaign_id": campaign.pk, "contact_id": world.messages[0].contact_id}
    customer, staff = User.objects.get(email="customer@acme.example"), admin
    for path, methods in SchemaGenerator().get_schema(request=None, public=True)["paths"].items():
        if "get" not in methods:
            continue
        kinds = [p["schema"].get("enum", []) for p in methods["get"].get("parameters", []) if p["name"] == "kind"]
        for kind in kinds[0] if kinds else [""]:
            url = re.sub(r"\{(\w+)\}", lambda match, kind=kind: kind or str(ids.get(match[1], uuid4())), path)
            for user in (customer, staff):
                assert found(canaries, whole(api(user).get(url))) == [], (user.email, url)
    assert found(canaries, output()) == []


def test_a_failed_login_and_a_failed_token_leave_nothing_in_the_log(canaries, output):
    typed = "canary-typed-password"
    Client().post("/admin/login/", {"username": "x@salesbrain.example", "password": typed, "code": "canary-code"})
    for secret in canaries.values():
        Client().get("/api/instantly/me", headers={"Authorization": f"Bearer {secret}"})
    assert found({**canaries, "typed": typed}, output()) == []


def test_an_error_page_and_its_log_line_tell_nothing(canaries, admin, output, monkeypatch):
    """A fault in the middle of a page, with secrets in its words."""
    key, secret = list(canaries.values())[:2]

    def fault(*args, **kwargs):
        raise RuntimeError(f"refused: Bearer {key}, X-Webhook-Secret: {secret}")

    monkeypatch.setattr("salesbrain.admin_site.start.read", fault)
    answer = as_(admin).get("/admin/")
    assert answer.status_code == 500
    assert found(canaries, whole(answer)) == []
    assert "RuntimeError" in output() and found(canaries, output()) == []


def test_the_audit_log_and_the_admins_own_log_hold_none(world, canaries, admin):
    row, key = world.connections[0], f"canary{uuid4().hex}"
    url = reverse("admin:accounts_providerconnection_change", args=[row.pk])
    assert as_(admin).post(url, {"name": "renamed", "is_active": "on", "new_api_key": key}).status_code == 302
    with rls.scope(rls.SYSTEM):
        said = str(list(AuditEntry.objects.values())) + str(list(LogEntry.objects.values()))
    assert "API key" in said and found({**canaries, "typed": key}, said) == []


@pytest.mark.parametrize(
    "command", [("check",), ("rotate_encryption_key", "--dry-run"), ("revoke_tokens", "x@y.example")]
)
def test_no_command_prints_one(canaries, command, capfd):
    said = ""
    with transaction.atomic():
        try:
            call_command(*command)
        except (SystemExit, Exception) as error:
            said = str(error)
        transaction.set_rollback(True)
    out = capfd.readouterr()
    assert found(canaries, out.out + out.err + said) == []


def test_printing_an_object_tells_none(canaries, admin):
    with rls.scope(rls.SYSTEM):
        objects = [*ProviderConnection.objects.all(), *WebhookSecret.objects.all(), admin]
        assert found(canaries, " ".join(f"{thing!r} {thing}" for thing in objects)) == []
