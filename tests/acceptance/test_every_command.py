"""Run every management command in every output format, on a demo with synced data and sent mail.

Commands are found, not listed: a command without a case fails, and so does an output format that no case uses.
"""

import json
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management import call_command, get_commands, load_command_class
from django.db import connections

from accounts.models import ProviderConnection
from campaigns.models import Campaign
from instantly.emulator import FakeInstantly
from instantly.emulator.entry_points.server import EmulatorServer
from instantly.emulator.entry_points.workspace_file import WorkspaceFile
from instantly.models import Delivery
from instantly.processing.batch import number_events, process_pending
from instantly.webhooks.auth import secrets
from instantly.webhooks.store import store_raw
from messaging.models import Contact, Event
from salesbrain import rls
from salesbrain.local import demo

OURS = ("accounts", "campaigns", "messaging", "instantly", "salesbrain")
KEY = "key-of-a-workspace-that-is-connected-now"
NOT_OURS = {"verbosity", "database"}
"""Django's own options whose values are no output formats."""


@dataclass(frozen=True)
class Case:
    """Arguments of a command, with names in braces filled in from the demo; `code`: the expected exit code."""

    arguments: str = ""
    code: int = 0
    given: str = ""  # on standard input


def of_connections(*more: str) -> list[Case]:
    """Return the cases of a command that works on connections."""
    return [
        Case(f"{which} {form} {extra}")
        for which in ("--connection acme", "--all")
        for form in ("", "--json")
        for extra in ("", *more)
    ]


CASES: dict[str, list[Case]] = {
    "apply_assignment_rules": of_connections("--dry-run"),
    "apply_retention": [Case("--dry-run"), Case("--dry-run --json"), Case("--json"), Case()],
    "assign_campaign": [Case("{campaign} globex"), Case("{campaign} acme --json")],
    "backup_database": [Case("{folder}/backup.dump")],
    "build_conversations": [Case(), Case("--batch 100")],
    "canonicalize_addresses": [Case("--dry-run"), Case()],
    "check_port": [Case(code=1)],  # the demo's server listens there
    "connect_workspace": [Case("fresh --shared", given=KEY), Case("fresh --replace --json", given=KEY)],
    "create_token": [Case("customer@acme.example"), Case("viewer@salesbrain.example --days 7 --name report")],
    "database_roles": [Case()],
    "database_url": [Case(), Case("--owner")],
    "erase_contact": [Case("{lead} --organization acme")],
    "explore_instantly": of_connections(),
    "export_instantly": [
        Case(f"{whose} --output {{folder}}/{form}{number}{json} --format {form} {json}")
        for form in ("json", "ndjson", "csv")
        for json in ("", "--json")
        for number, whose in enumerate(("--organization acme", "--connection shared", "--all"))
    ],
    "hold_delivery": [Case("{pending} --why looked-at"), Case("{pending} --dismiss")],
    "import_suppressions": [
        Case(f"{{folder}}/list.txt --organization acme --reason asked {more}")
        for more in ("--dry-run", "--json --dry-run", "--json", "")
    ],
    "learn_triage": [Case(), Case("--organization acme")],
    "load_demo": [Case()],
    "migrate": [Case("--plan"), Case()],
    "password_reset_link": [Case("customer@acme.example")],
    "prepare_database": [Case()],
    "process_deliveries": [Case("--once")],
    "prune_deliveries": [Case("--older-than 1 --dry-run"), Case("--older-than 1")],
    "rebuild_conversations": [Case("--check"), Case("--organization acme"), Case()],
    "rebuild_judgements": [Case("--dry-run"), Case()],
    "rebuild_reply_texts": [Case("--dry-run"), Case()],
    "rebuild_search": [Case("--dry-run"), Case()],
    "rebuild_stats": [Case("--check"), Case("--organization acme"), Case()],
    "reconcile_feed": of_connections("--full"),
    "register_webhook": of_connections("--dry-run"),
    "remove_organization": [
        Case("globex --dry-run"),
        Case("globex --dry-run --json"),
        Case("globex", code=1),
        Case("globex --confirm Globex --while-sending --json"),
    ],
    "promote_workspace": [
        Case("globex --from shared --to globex --admin-key shared --dry-run"),
        Case("globex --from shared --to globex --admin-key shared --copy --pause --dry-run --json"),
        Case("acme --from acme --to acme --dry-run", code=1),  # dedicated, so there is nothing to promote out of
        Case("acme --confirm", code=1),
    ],
    "replay_deliveries": [Case("--dead --dry-run"), Case("--connection acme"), Case("--failed"), Case("--over-budget")],
    "reply_text_report": [Case(), Case("--failures email-reply-parser")],
    "report_drift": of_connections(),
    "reset_second_factor": [Case("admin@salesbrain.example")],
    "resume_webhook": of_connections("--dry-run"),
    "revoke_tokens": [Case("customer@acme.example")],
    "rotate_encryption_key": [Case("--dry-run"), Case()],
    "run_jobs": [Case("--once"), Case("--once --queue replies")],
    "score_contacts": [Case(), Case("--organization acme")],
    "send_digests": [Case(code=1)],  # without a mail server
    "send_test_webhook": of_connections(),
    "sync_workspace": of_connections("--only-campaigns", "--only-email-accounts"),
    "test_instantly": of_connections(),
    "triage_replies": [Case(), Case("--again")],
    "triage_report": [Case("--gold {folder}/gold.jsonl --without-embeddings --predictions {folder}/said.jsonl")],
    "update_findings": [Case(), Case("--json"), Case("--count-leads")],
    "verify_backup": [Case("{folder}/backup.dump")],
    "webhook_secret": [Case("acme"), Case("acme --rotate --keep 1")],
    "welcome": [Case()],
}
ELSEWHERE = {
    "bootstrap": "tests/salesbrain/local/test_bootstrap.py",  # against an empty server of its own
    "prove_isolation": "tests/isolation/test_proof.py",  # makes databases of its own, for minutes
    "run": ".ci/smoke.py",  # starts this whole product beside the tests
    "run_emulator": "tests/instantly/emulator/test_run_emulator.py",  # a server until it is told to end
    "train_triage": "tests/messaging/intelligence/test_commands.py",  # takes minutes and packages of its own
}
"""Commands that this file cannot run, with the test file that does."""

ORDER = ("load_demo", "hold_delivery", "backup_database", "verify_backup", "rebuild_stats", "report_drift")
LAST = ("connect_workspace", "erase_contact", "prune_deliveries", "revoke_tokens", "remove_organization")


def ours() -> dict[str, str]:
    return {name: app for name, app in get_commands().items() if app in OURS}


def formats(name: str) -> set[str]:
    """Return the options of a command that choose an output format: `--json`, and each value of an option with choices."""
    parser = load_command_class(ours()[name], name).create_parser("manage.py", name)
    found: set[str] = set()
    for action in parser._actions:
        if action.dest == "json":
            found.add("--json")
        elif action.option_strings and action.choices and action.dest not in NOT_OURS:
            found |= {f"{action.option_strings[-1]} {choice}" for choice in action.choices}
    return found


def test_every_command_has_a_case_here_or_runs_in_a_file_that_is_named():
    assert ours().keys() == CASES.keys() | ELSEWHERE.keys(), "give it a case: what is shipped has run"
    assert not CASES.keys() & ELSEWHERE.keys()
    for name, path in ELSEWHERE.items():
        assert name in (configured.BASE_DIR / path).read_text(encoding="utf-8"), f"{path} does not run {name}"


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_format_of_a_command_has_a_case(name):
    asked = " | ".join(case.arguments for case in CASES[name])
    assert {option for option in formats(name) if option not in asked} == set()


@pytest.fixture
def living(
    settings: Any, tmp_path: Path, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """Set up a demo as after some days of `make run`: three workspaces, mail, replies, a waiting delivery."""
    settings.EMBEDDED_DATABASE, settings.DEMO, settings.DEBUG, settings.INSTANTLY_API_KEY = True, True, True, ""
    settings.LOCAL_DIR = tmp_path / ".local"
    monkeypatch.setitem(
        connections.settings["inbox"], "CONN_MAX_AGE", 0
    )  # the server's threads leave no session behind
    call_command("load_demo", stdout=StringIO())
    secrets.forget()
    fake = FakeInstantly(seed=5)
    WorkspaceFile.read(demo.emulator_file()).create_workspaces(fake)
    fake.add_workspace("fresh", key=KEY)
    server = EmulatorServer(fake)
    server.start()
    settings.INSTANTLY_BASE_URL = server.url
    settings.PORT = live_server.thread.port
    settings.INSTANTLY_WEBHOOK_URL = f"{live_server.url}/webhooks/instantly/webhook"
    settings.INSTANTLY_REQUESTS_PER_SECOND = settings.INSTANTLY_EMAIL_LISTS_PER_MINUTE = 10_000
    try:
        call_command("welcome", stdout=StringIO())
        fake.set_rate(0.05)
        fake.advance(3 * 60 * 60)
        fake.set_rate(0)
        fake.advance(60)
        _work()
        (tmp_path / "list.txt").write_text("new@lead.example\nother@lead.example\n")
        (tmp_path / "gold.jsonl").write_text(
            '{"id": "1", "text": "Yes, please call me.", "lang": "en", "class": "interested", "subject": "", "quoted": ""}\n'
        )
        with rls.scope(rls.SYSTEM):
            acme = ProviderConnection.objects.get(name="acme")
            assert Event.objects.count() > 100, "it lives"
            store_raw(acme.pk, b'{"event_type": "email_opened", "timestamp": "2026-07-10T09:00:00.000Z"}')
            filled_in = {
                "folder": tmp_path,
                "campaign": Campaign.objects.filter(connection__name="shared").earliest("name").pk,
                "lead": Contact.objects.filter(organization__slug="acme").earliest("email").email,
                "pending": Delivery.objects.latest("id").pk,
            }
        yield filled_in
    finally:
        server.stop()
        with connections["owner"].cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def _work() -> None:
    """Process all pending deliveries and number all events, as the worker does."""
    while process_pending():
        pass
    while number_events():
        pass


def said_by(name: str, case: Case, demo: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str | None:
    """Run a command; return the error as text, None if it succeeded as expected."""
    out, err = StringIO(), StringIO()
    arguments = case.arguments.format_map(demo).split()
    monkeypatch.setattr(sys, "stdin", StringIO(case.given))
    try:
        call_command(name, *arguments, stdout=out, stderr=err)
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    except Exception as error:
        code = getattr(error, "returncode", None) or 1
        if type(error).__name__ != "CommandError" or code != case.code:
            return f"{traceback.format_exc(limit=-3)}{out.getvalue()[-500:]}{err.getvalue()[-500:]}"
    if code != case.code:
        return f"ended with {code}: {out.getvalue()[-500:]}{err.getvalue()[-500:]}"
    if "--json" in arguments:
        try:
            assert json.loads(out.getvalue())
        except (ValueError, AssertionError):
            return f"prints no JSON: {out.getvalue()[:300]}"
    return None


@pytest.mark.django_db(transaction=True)
def test_every_command_works_in_every_format_on_a_living_demo(living, monkeypatch):
    failures = []
    between = sorted(CASES.keys() - {*ORDER, *LAST})
    for name in (*ORDER, *between, *LAST):
        for case in CASES[name]:
            wrong = said_by(name, case, living, monkeypatch)
            if wrong:
                failures.append(f"manage.py {name} {case.arguments}\n{wrong}")
    assert not failures, "\n\n".join(failures)
