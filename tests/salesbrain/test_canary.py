"""Planted secrets, searched in all output: pages, responses, logs, commands, error pages."""

import logging
import re
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin as django_admin
from django.contrib.admin.models import LogEntry
from django.core import serializers
from django.core.management import call_command, get_commands
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from accounts import second_factor
from accounts.models import AuditEntry, Authenticator, InstallationSecret, ProviderConnection, User, WebhookSecret
from instantly.actions import runner
from salesbrain import rls
from salesbrain.kernel import logging as logs
from tests import factories, staff_world
from tests.instantly.conftest import fake, instantly

__all__ = ["fake", "instantly"]  # fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def output():
    """Capture everything logged at any level, in the production format."""
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
    """Return every secret by its kind: keys and webhook secrets in plain and as stored, passwords, second factors, tokens."""
    planted = {}
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        planted["installation secret"] = InstallationSecret.objects.value_of("erasure")
        planted |= {f"key of {row}": row.api_key for row in ProviderConnection.objects.all()}
        planted |= {f"webhook secret {row.pk}": row.secret for row in WebhookSecret.objects.all()}
        cursor.execute(
            "SELECT api_key FROM accounts_providerconnection UNION ALL SELECT secret FROM accounts_webhooksecret "
            "UNION ALL SELECT value FROM accounts_installationsecret"
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


def test_no_admin_page_or_log_line_contains_a_secret(canaries, viewer, admin, output):
    for user in (viewer, admin):
        client = as_(user)
        for url in pages():
            assert found(canaries, whole(client.get(url))) == [], (user.email, url)
    assert found(canaries, output()) == []


def test_no_api_response_or_log_line_contains_a_secret(world, canaries, admin, output, api):
    campaign = world.campaigns[0]
    ids = {"campaign_id": campaign.pk, "contact_id": world.messages[0].contact_id}
    customer, staff = User.objects.get(email="customer@acme.example"), admin
    for path, methods in SchemaGenerator().get_schema(request=None, public=True)["paths"].items():
        if "get" not in methods:
            continue
        kinds = [p["schema"].get("enum", []) for p in methods["get"].get("parameters", []) if p["name"] == "kind"]
        for kind in kinds[0] if kinds else [""]:
            names = re.findall(r"\{(\w+)\}", path)
            url = path.format_map({name: kind or str(ids.get(name, uuid4())) for name in names})
            for user in (customer, staff):
                assert found(canaries, whole(api(user).get(url))) == [], (user.email, url)
    assert found(canaries, output()) == []


def test_a_failed_login_and_a_failed_token_leave_nothing_in_the_log(canaries, output):
    typed = "canary-typed-password"
    Client().post("/login", {"username": "x@salesbrain.example", "password": typed, "code": "canary-code"})
    for secret in canaries.values():
        Client().get("/api/instantly/me", headers={"Authorization": f"Bearer {secret}"})
    assert found({**canaries, "typed": typed}, output()) == []


def test_error_pages_and_their_log_lines_contain_no_secret(canaries, admin, output, monkeypatch):
    """Raise an exception in the middle of a page whose text contains secrets."""
    key, secret = list(canaries.values())[:2]

    def fault(*args, **kwargs):
        raise RuntimeError(f"refused: Bearer {key}, X-Webhook-Secret: {secret}")

    monkeypatch.setattr("salesbrain.site.admin.dashboard.load_dashboard", fault)
    answer = as_(admin).get("/admin/")
    assert answer.status_code == 500
    assert found(canaries, whole(answer)) == []
    assert "RuntimeError" in output() and found(canaries, output()) == []


def test_the_audit_log_and_the_admins_own_log_hold_no_secret(world, canaries, admin):
    row, key = world.connections[0], f"canary{uuid4().hex}"
    url = reverse("admin:accounts_providerconnection_change", args=[row.pk])
    assert as_(admin).post(url, {"name": "renamed", "is_active": "on", "new_api_key": key}).status_code == 302
    with rls.scope(rls.SYSTEM):
        said = str(list(AuditEntry.objects.values())) + str(list(LogEntry.objects.values()))
    assert "API key" in said and found({**canaries, "typed": key}, said) == []


COMMANDS: dict[str, list[str] | str] = {
    "apply_assignment_rules": ["--all"],
    "apply_retention": [],
    "assign_campaign": ["Acme wave 1", "globex"],
    "backup_database": "a backup holds what is stored: keys as ciphertext, passwords as hashes",
    "bootstrap": "needs a server of its own: tests/salesbrain/local/test_bootstrap.py",
    "build_conversations": [],
    "canonicalize_addresses": ["--dry-run"],
    "check_port": [],
    "connect_workspace": "asks for a key on the terminal; tests/instantly/test_commands.py looks at what it says",
    "create_token": ["customer@acme.example"],
    "database_roles": [],
    "database_url": "prints the address of the database alone, with its password, because that is what it is for",
    "erase_contact": ["lead2001@lead.example", "--organization", "acme"],
    "explore_instantly": ["--connection", "acme"],
    "export_instantly": ["--organization", "acme", "--output", "{folder}/out"],
    "hold_delivery": ["999999"],
    "import_suppressions": ["{folder}/list.txt", "--organization", "acme", "--reason", "asked"],
    "learn_triage": ["--organization", "acme"],
    "load_demo": "makes rows of its own, in the embedded database only",
    "migrate": ["--plan"],
    "prepare_database": "makes roles and migrates: tests/salesbrain/local/test_embedded_postgres.py",
    "process_deliveries": ["--once"],
    "prove_isolation": "looks for secrets itself (operations.secrets, pages.secrets)",
    "prune_deliveries": ["--older-than", "1"],
    "rebuild_conversations": ["--check"],
    "rebuild_judgements": ["--dry-run"],
    "rebuild_reply_texts": ["--dry-run"],
    "rebuild_search": ["--dry-run"],
    "rebuild_stats": ["--check"],
    "reconcile_feed": ["--connection", "acme"],
    "register_webhook": ["--connection", "acme"],
    "remove_organization": ["globex", "--dry-run"],
    "promote_workspace": ["acme", "--from", "acme", "--to", "acme", "--dry-run"],
    "replay_deliveries": ["--dead", "--dry-run"],
    "report_drift": ["--connection", "acme"],
    "reply_text_report": ["--failures", "email-reply-parser"],
    "password_reset_link": ["customer@acme.example"],
    "reset_second_factor": ["admin@salesbrain.example"],
    "resume_webhook": ["--connection", "acme"],
    "revoke_tokens": ["customer@acme.example"],
    "rotate_encryption_key": [],
    "run": "starts processes: .ci/smoke.py reads what they print",
    "run_emulator": "a server that knows no secret of this installation",
    "run_jobs": ["--once"],
    "score_contacts": ["--organization", "acme"],
    "send_digests": [],
    "send_test_webhook": ["--connection", "acme"],
    "sync_workspace": ["--connection", "acme"],
    "test_instantly": ["--connection", "acme"],
    "train_triage": "reads fixtures/triage alone, no database, and takes minutes",
    "triage_replies": [],
    "triage_report": "reads the files it is given alone, no database",
    "update_findings": ["--count-leads", "--json"],
    "verify_backup": ["{folder}/none"],
    "webhook_secret": "the one exception: it prints a secret alone on stdout, because that is what it is for",
    "welcome": "part of `make run`: prints the passwords of the embedded database's users",
}
"""Every command of ours, with arguments that produce much output, or with the reason why it is not run here."""


def test_every_command_is_tried_or_has_a_reason():
    ours = {
        name
        for name, app in get_commands().items()
        if app in ("accounts", "campaigns", "messaging", "instantly", "salesbrain")
    }
    assert ours == COMMANDS.keys(), "add it to COMMANDS"


@pytest.mark.parametrize("name", [name for name, arguments in COMMANDS.items() if isinstance(arguments, list)])
def test_no_command_and_no_log_line_contains_a_secret(name, canaries, instantly, output, capfd, tmp_path):
    """Instantly refuses the keys used here, so that its errors could quote them."""
    (tmp_path / "list.txt").write_text("new@lead.example\n")
    arguments = [argument.format(folder=tmp_path) for argument in COMMANDS[name]]
    said = ""
    with transaction.atomic():
        try:
            call_command(name, *arguments)
        except (SystemExit, Exception) as error:
            said = f"{error!r} {error}"
        transaction.set_rollback(True)
    assert not said.startswith("CommandError('Error:"), f"these arguments show nothing: {said}"
    out = capfd.readouterr()
    files = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file())
    assert found(canaries, out.out + out.err + said + files + output()) == []


def test_jobs_carry_ids_only_and_no_dump_holds_a_secret(world, canaries, admin):
    """Job arguments are logged and stored in plain text; `dumpdata` must not contain secrets either."""
    with rls.scope(rls.SYSTEM):
        runner.request_action("test", actor=admin, target=world.connections[0])
        runner.request_action("webhook", actor=admin, target=world.connections[0])
        with connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(j::text, ' ') FROM procrastinate_jobs j")
            jobs = cursor.fetchone()[0]
            cursor.execute("SELECT string_agg(a::text, ' ') FROM instantly_staffaction a")
            jobs += cursor.fetchone()[0]
        assert "perform_action" in jobs and found(canaries, jobs) == []
        secrets: tuple[Any, ...] = ProviderConnection, WebhookSecret, InstallationSecret, Authenticator
        dump = serializers.serialize("json", [row for model in secrets for row in model.objects.all()])
    assert dump.count('"model"') >= 7 and found(canaries, dump) == []


def test_printing_an_object_shows_no_secret(canaries, admin):
    with rls.scope(rls.SYSTEM):
        objects = [*ProviderConnection.objects.all(), *WebhookSecret.objects.all(), admin]
        assert found(canaries, " ".join(f"{thing!r} {thing}" for thing in objects)) == []
