"""Run the examples of the guides: shell, SQL and Python.

The API's have a test of their own (tests/acceptance/test_api_guide.py).
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as configured
from django.db import connection, transaction

from accounts.models import ProviderConnection
from campaigns.models import Campaign
from instantly.connections import webhook_subscription
from instantly.connections.services import client_for
from messaging.models import Contact
from salesbrain import embedded_postgres, rls
from tests import factories
from tests.docs.documents import CHECKOUT, guides
from tests.instantly.conftest import fake, instantly, workspace  # noqa: F401  the emulator on a real socket

GUIDES = guides("en")
APART = {"api"}
"""Guides whose examples another test runs."""

EXPECTED = re.compile(r"(?P<statement>[^;]+);(?: -- (?P<rows>\d+))?")


def with_examples(language: str) -> list[str]:
    return [name for name, text in GUIDES.items() if text.examples(language) and name not in APART]


@pytest.fixture
def world(live_server, acme, globex, customer, acme_connection, shared_connection, workspace, settings) -> Any:  # noqa: F811
    """Acme with a workspace and a webhook; a shared workspace with the campaign Q3 Outbound. Returns Acme's campaign."""
    settings.INSTANTLY_WEBHOOK_URL = f"{live_server.url}/webhooks/instantly/webhook"
    space = workspace(acme_connection)
    shared = workspace(shared_connection)
    for each in (acme_connection, shared_connection):
        with client_for(each) as client:
            webhook_subscription.register(each, client)
    campaign = factories.campaign(acme_connection, "Directors", provider_id=next(iter(space.campaigns))["id"])
    factories.campaign(shared_connection, "Q3 Outbound", provider_id=next(iter(shared.campaigns))["id"])
    return campaign


@pytest.fixture
def shell(world, instantly, live_server, tmp_path: Path) -> Iterator[dict[str, str]]:  # noqa: F811
    """Return the environment in which examples run: `manage.py` on the path, on this test's database and emulator."""
    key = "key-of-a-workspace-to-connect"
    instantly.add_workspace("Globex", key=key)
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "manage.py"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} {CHECKOUT / "manage.py"} "$@"\n')
    command.chmod(0o755)
    if psql := shutil.which("psql") or next((str(path) for path in binaries().glob("psql")), ""):
        (folder / "psql").symlink_to(psql)
    (tmp_path / "key.txt").write_text(f"{key}\n")
    yield {
        "PATH": f"{folder}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "BASE": live_server.url,
        "DATABASE_URL": url("sb_app"),
        "DATABASE_OWNER_URL": url("sb_owner"),
        "SECRET_KEY": configured.SECRET_KEY,
        "SALESBRAIN_ENCRYPTION_KEYS": ",".join(configured.SALESBRAIN_ENCRYPTION_KEYS),
        "ALLOWED_HOSTS": "localhost",
        "HTTPS": "false",
        "INSTANTLY_BASE_URL": configured.INSTANTLY_BASE_URL,
        "INSTANTLY_WEBHOOK_URL": configured.INSTANTLY_WEBHOOK_URL,
        "INSTANTLY_REQUESTS_PER_SECOND": "1000",
        "INSTANTLY_EMAIL_LISTS_PER_MINUTE": "1000",
        "LOG_LEVEL": "WARNING",
    }


def url(role: str) -> str:
    """Return the address of the test database as DATABASE_URL has it."""
    given = os.environ.get("DATABASE_URL" if role == "sb_app" else "DATABASE_OWNER_URL")
    address = given or embedded_postgres.address().url(role)
    return urlsplit(address)._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def binaries() -> Path:
    """Return the folder with the embedded server's psql."""
    import embedded_postgres as package

    found = (path.parent for path in Path(package.__file__).parent.rglob("bin/psql"))
    return next(found, Path("/nowhere"))


@pytest.mark.parametrize("name", with_examples("sh"))
@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed: apt install curl")
@pytest.mark.django_db(transaction=True)
def test_every_shell_example_works(name: str, world: Any, shell: dict[str, str], tmp_path: Path):
    if name == "security":
        write_to_a_lead(world)
    if name == "runbooks":
        (tmp_path / "key.txt").write_text(f"{key_of('acme')}\n")
    for example in GUIDES[name].examples("sh"):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", example],
            env={**shell, "PYTHONPATH": os.environ.get("PYTHONPATH", "")}, cwd=tmp_path, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{example}\n{done.stderr}\n{done.stdout}"
        assert '"success":false' not in done.stdout.replace(" ", ""), example


def write_to_a_lead(campaign: Campaign) -> None:
    message = factories.message(campaign)
    factories.event(campaign, 10**15, "email_sent", contact=message.contact, message=message, position=10**15)


def key_of(name: str) -> str:
    with rls.scope(rls.SYSTEM):
        return str(ProviderConnection.objects.get(name=name).api_key)


@pytest.mark.parametrize("name", with_examples("sql"))
@pytest.mark.django_db(transaction=True)
def test_every_sql_example_returns_what_it_says(name: str, acme, globex, acme_connection, globex_connection):
    factories.campaign(acme_connection)
    factories.campaign(globex_connection)
    for example in GUIDES[name].examples("sql"):
        counted = 0
        with transaction.atomic(), connection.cursor() as cursor:
            for match in EXPECTED.finditer(example):
                statement = match["statement"].replace(":'acme'", f"'{acme.pk}'").replace(":'globex'", f"'{globex.pk}'")
                cursor.execute(statement)
                if match["rows"] is not None:
                    assert cursor.fetchone() == (int(match["rows"]),), statement
                    counted += 1
        assert counted, f"this example says nothing that can be checked:\n{example}"


@pytest.mark.parametrize("name", with_examples("python"))
@pytest.mark.django_db(transaction=True)
def test_every_python_example_runs(name: str, acme, globex, acme_connection, globex_connection, workspace):  # noqa: F811
    space = workspace(acme_connection)
    campaign = factories.campaign(acme_connection, provider_id=next(iter(space.campaigns))["id"])
    factories.campaign(globex_connection)
    names: dict[str, Any] = {"acme": acme, "globex": globex, "campaign": campaign}
    for example in GUIDES[name].examples("python"):
        exec(compile(example, f"docs/en/{name}.md", "exec"), names)  # one after the other, as a reader would


def test_json_examples_are_json():
    for text in GUIDES.values():
        for example in text.examples("json"):
            json.loads(example)


@pytest.mark.django_db(transaction=True)
def test_the_erasure_of_the_security_guide_leaves_nobody_of_that_address(world, shell, tmp_path, acme):
    write_to_a_lead(world)
    example = GUIDES["security"].examples("sh")[0]
    subprocess.run(["bash", "-euc", example], env=shell, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    with rls.scope(rls.customer(acme.pk)):
        assert not Contact.objects.filter(email="lead@lead.example").exists()
