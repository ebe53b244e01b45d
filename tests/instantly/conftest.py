"""Fixtures: the emulator of Instantly on a real socket, and connections with keys it accepts."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections

from accounts.models import ProviderConnection
from instantly.choices import SyncTrigger
from instantly.emulator import FakeInstantly
from instantly.emulator.entry_points.server import EmulatorServer
from instantly.sync.service import SyncReport, sync_connection
from salesbrain import rls
from tests.instantly import fuzzing


@pytest.fixture
def fake() -> FakeInstantly:
    """The emulator of Instantly, with a clock that moves only on request."""
    return FakeInstantly(seed=11)


@pytest.fixture
def instantly(fake: FakeInstantly, settings: Any) -> Iterator[FakeInstantly]:
    """Start the emulator over HTTP and configure it as Instantly's address."""
    server = EmulatorServer(fake)
    server.start()
    settings.INSTANTLY_BASE_URL = server.url
    settings.INSTANTLY_REQUESTS_PER_SECOND = 1000
    settings.INSTANTLY_EMAIL_LISTS_PER_MINUTE = 1000
    yield fake
    server.stop()


@pytest.fixture
def workspace(instantly: FakeInstantly) -> Callable[..., Any]:
    """Return a function that creates a workspace in the emulator for a connection: `workspace(acme_connection, campaigns=[…])`."""

    def open_workspace(connection: ProviderConnection, **contents: Any) -> Any:
        instantly.add_workspace(connection.name, id=connection.workspace_id or None, key=connection.api_key, **contents)
        return instantly.workspaces[connection.workspace_id]

    return open_workspace


@pytest.fixture
def sync() -> Callable[..., SyncReport]:
    """Return a function that syncs a connection as it is in the database."""

    def run(connection: ProviderConnection, **options: Any) -> SyncReport:
        with rls.scope(rls.SYSTEM):
            fresh = ProviderConnection.objects.select_related("organization").get(pk=connection.pk)
        return sync_connection(fresh, trigger=SyncTrigger.COMMAND, **options)

    return run


@pytest.fixture
def space(acme_connection: ProviderConnection, workspace: Callable[..., Any], sync: Callable[..., SyncReport]) -> Any:
    """Acme's workspace at Instantly, synced once."""
    space = workspace(acme_connection)
    sync(acme_connection)
    return space


@pytest.fixture
def empty_queue(transactional_db: None) -> Iterator[None]:
    """Empty procrastinate's tables, which nothing else flushes: before the test of what others left, and after it."""
    _truncate_jobs()
    yield
    _truncate_jobs()


def _truncate_jobs() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the totals of a `make fuzz` run, which docs/tables/reliability.md quotes."""
    passed = terminalreporter.getreports("passed") if fuzzing.MORE > 1 else []
    for name, value in [told for report in passed if report.when == "call" for told in report.user_properties]:
        if name == "fuzzed":
            terminalreporter.write_line(value)
