"""Fixtures: a private installation to break: PostgreSQL, web server and workers as real processes.

Takes a minute or two, so it runs only by name: `python -m pytest tests/faults` (`make faults`).
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesbrain import embedded_postgres
from salesbrain.embedded_postgres.paths import Places
from tests.faults.installation import Installation, cluster
from tests.faults.new_installation import environment_of, migrate_and_furnish
from tests.faults.plan import QUICK
from tests.faults.traffic import UNANSWERED

HERE = Path(__file__).parent
COLUMNS = ("acknowledged", "stored", "events", "happened", "attempts", "given up")
results: list[tuple[str, Installation]] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of this folder only, because the hook receives all collected tests."""
    asked = any("faults" in str(argument) for argument in config.args)
    meant = [
        item
        for item in items
        if HERE in item.path.parents and not (asked and not (QUICK and item.get_closest_marker("thorough")))
    ]
    config.hook.pytest_deselected(items=meant)
    items[:] = [item for item in items if item not in meant]


@pytest.fixture(scope="session")
def places() -> Iterator[Places]:
    """The PostgreSQL cluster that most of these tests break."""
    with cluster() as places:
        yield places


@pytest.fixture(scope="session")
def migrated(places: Places, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of an installation on the cluster, migrated, with a workspace, a campaign and a secret."""
    server = embedded_postgres.address(places)
    environment = environment_of(app=server.url("sb_app"), owner=server.url("sb_owner"))
    return environment | {"FAULTS_FURNISHED": json.dumps(migrate_and_furnish(environment))}


@pytest.fixture
def installation(
    places: Places, migrated: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Installation]:
    """An installation with empty tables and no running process; processes left at the end are stopped."""
    embedded_postgres.ensure_running(places)
    mentioned = json.loads(migrated["FAULTS_FURNISHED"])
    installation = Installation(places, dict(migrated), **mentioned, logs=tmp_path)
    with installation.superuser() as connection:
        connection.execute(
            """TRUNCATE instantly_delivery, instantly_pending, instantly_held, instantly_workerbatch, instantly_alert, messaging_event,
                messaging_message, messaging_contact, messaging_suppression, messaging_dailystats, messaging_searchpending,
                messaging_renamedcontact, messaging_triagepending, messaging_outboxmessage,
                instantly_syncrun, accounts_emailaccount CASCADE"""
        )
        connection.execute("DELETE FROM campaigns_campaign WHERE provider_id <> %s", [installation.campaign])
        connection.execute("UPDATE campaigns_campaign SET missing_since = NULL")
    yield installation
    results.append((request.node.name, installation))
    installation.end()
    with installation.superuser("postgres") as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'salesbrain'")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a line per fault for docs/tables/reliability.md."""
    if not results:
        return
    terminalreporter.section("what came of it")
    terminalreporter.write_line(f"| fault | {' | '.join(COLUMNS)} | 200 | 503 | other | no answer |")
    terminalreporter.write_line("|---" * (len(COLUMNS) + 5) + "|")
    for name, installation in results:
        counted = [installation.facts.get(column, "") for column in COLUMNS]
        answers = dict(installation.answers)
        told = [answers.pop(answer, 0) for answer in (200, 503)]
        silent = answers.pop(UNANSWERED, 0)
        row = [name, *counted, *told, sum(answers.values()), silent]
        terminalreporter.write_line(f"| {' | '.join(map(str, row))} |")
    for name, installation in results:
        if "replies" in installation.facts:
            terminalreporter.write_line(f"{name}: {installation.facts['replies']}")
