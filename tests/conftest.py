"""Fixtures for all tests: a real PostgreSQL, production's unprivileged role, users and organizations.

Acme and Globex are customers; `customer` is Acme's, `stranger` is Globex's and must see nothing of Acme. Initech has nothing. `viewer`,
`operator` and `admin` are staff. Rows are made by tests/factories.py in SYSTEM scope.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases
from rest_framework.test import APIClient

from accounts import login_lockout, security_audit
from accounts.choices import StaffRole
from accounts.models import Organization, ProviderConnection, User
from instantly.webhooks import rate_limits
from salesbrain import embedded_postgres, rls
from salesbrain.api import export_limits, throttles
from salesbrain.kernel import access_log, security_events
from tests import factories

ALIASES = ("default", "inbox", "owner")
RUN = os.environ.setdefault("SALESBRAIN_TEST_RUN", str(os.getpid()))  # inherited by the parallel workers


def pytest_configure(config: pytest.Config) -> None:
    # What is timed belongs in bench/.
    hypothesis.settings.register_profile("untimed", hypothesis.settings(), deadline=None)
    hypothesis.settings.load_profile("untimed")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SECOND_FACTOR_REQUIRED = False  # its own tests turn it on; the others log in without a form
    settings.DEMO = False  # the same: most tests are about real installations
    if settings.EMBEDDED_DATABASE and not hasattr(config, "workerinput"):
        embedded_postgres.ensure_running()


OUTSIDE = "../shared"
"""Files beside the checkout that tests may miss; reasons for skipping name them."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Report a missing external file once per test file, instead of once per skipped case."""
    by_file: dict[Path, list[pytest.Item]] = {}
    for item in items:
        if any(
            marker.args and marker.args[0] and OUTSIDE in marker.kwargs.get("reason", "")
            for marker in item.iter_markers("skipif")
        ):
            by_file.setdefault(item.path, []).append(item)
    too_many = {item for found in by_file.values() for item in sorted(found, key=lambda item: item.nodeid)[1:]}
    if too_many:
        config.hook.pytest_deselected(items=[item for item in items if item in too_many])
        items[:] = [item for item in items if item not in too_many]
    _name_owners(items)


def _name_owners(items: list[pytest.Item]) -> None:
    """Add the alias `owner` to tests that commit rows: pytest-django never flushes a mirror, so its rows would stay."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        fixtures = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
        if fixtures or (marker and marker.kwargs.get("transaction")):
            item.add_marker(pytest.mark.django_db(transaction=True, databases=ALIASES), append=False)


@pytest.fixture(scope="session")
def own_database_name() -> None:
    """Name the test database after the run, because two runs on one server must not share it."""
    connections["owner"].settings_dict["TEST"]["NAME"] = f"test_salesbrain_{RUN}"


@pytest.fixture(scope="session")
def django_db_setup(
    own_database_name,
    django_test_environment,
    django_db_blocker,
    django_db_keepdb,
    django_db_createdb,
    django_db_modify_db_settings,
) -> Iterator[None]:
    """Set up all database aliases, not only those that collected tests name: without `owner`, its mirror `default` would point at the real
    database.
    """
    with django_db_blocker.unblock():
        _drop_leftover_databases()
        config = setup_databases(
            verbosity=0,
            interactive=False,
            aliases=dict.fromkeys(ALIASES),
            serialized_aliases=set(),
            keepdb=django_db_keepdb and not django_db_createdb,
        )
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        teardown_databases(config, verbosity=0, keepdb=django_db_keepdb)


def _drop_leftover_databases() -> None:
    if not settings.EMBEDDED_DATABASE:
        return  # a server that others use too: their process ids say nothing here
    creation: Any = connections["owner"].creation  # _nodb_cursor is no public name of Django's
    with creation._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^test_salesbrain_[0-9]+'")
        for (name,) in cursor.fetchall():
            if not os.path.exists(f"/proc/{name.split('_')[2]}"):
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session", autouse=True)
def guard(django_db_setup, django_db_blocker) -> None:
    """Refuse to run as a superuser, as the owner or on another database, where every isolation test would pass."""
    with django_db_blocker.unblock():
        for alias in ("default", "inbox"):
            with connections[alias].cursor() as cursor:
                cursor.execute(
                    """SELECT r.rolsuper, r.rolbypassrls, r.rolname, current_database(),
                        (SELECT count(*) FROM pg_class c WHERE pg_has_role(session_user, c.relowner, 'MEMBER'))
                    FROM pg_roles r WHERE r.rolname = session_user"""
                )
                superuser, bypass, who, database, owned = cursor.fetchone()
            connections[alias].close()
            assert database.startswith("test_"), f"alias {alias} points at the real database {database}"
            assert (superuser, bypass, owned) == (False, False, 0), (
                f"{alias} is {who}: superuser {superuser}, bypass {bypass}, owns {owned}"
            )


@pytest.fixture(autouse=True)
def no_scope_is_left(django_db_blocker) -> Iterator[None]:
    """Fail a test after which an RLS scope is still set, because it would show rows to the next request."""
    yield
    if connection.connection is None or connection.connection.closed or connection.in_atomic_block:
        return
    with django_db_blocker.unblock():
        left = rls.current()
    assert left == ("", "", "none"), f"a scope was left on the connection: {left}"


@pytest.fixture(autouse=True)
def fresh_rate_limits() -> None:
    """Reset the rate limits before each test, because all tests use one IP address."""
    throttles.reset_address_windows()
    export_limits.forget()
    login_lockout.forget()
    rate_limits.reset()
    access_log.refusals.reset()
    security_audit.forget()
    security_events.forget()


@pytest.fixture(autouse=True)
def forget_committed_counts(request: pytest.FixtureRequest) -> Iterator[None]:
    """Delete the requests that a test with real commits counted: their table has no model, so Django does not empty it."""
    marker = request.node.get_closest_marker("django_db")
    is_committed = bool(marker and marker.kwargs.get("transaction"))
    if is_committed:
        request.getfixturevalue("transactional_db")
    yield
    if is_committed:
        connection.ensure_connection()
        connection.connection.execute(
            "DELETE FROM api_throttle"
        )  # the driver's: a test may have replaced Django's cursor


# --- the cast -------------------------------------------------------------------------------------------------------


@pytest.fixture
def house(db) -> Organization:
    return factories.house()


@pytest.fixture
def acme(db) -> Organization:
    return factories.organization("Acme")


@pytest.fixture
def globex(db) -> Organization:
    return factories.organization("Globex")


@pytest.fixture
def initech(db) -> Organization:
    return factories.organization("Initech")


@pytest.fixture
def acme_connection(acme) -> ProviderConnection:
    return factories.connection("acme", organization=acme)


@pytest.fixture
def globex_connection(globex) -> ProviderConnection:
    return factories.connection("globex", organization=globex)


@pytest.fixture
def shared_connection(db, house) -> ProviderConnection:
    return factories.connection("shared", organization=None)


@pytest.fixture
def customer(acme) -> User:
    return factories.customer("customer@acme.example", acme)


@pytest.fixture
def stranger(globex) -> User:
    return factories.customer("customer@globex.example", globex)


@pytest.fixture
def viewer(db) -> User:
    return User.objects.create_user("viewer@salesbrain.example", "viewer-password", role=StaffRole.VIEWER)


@pytest.fixture
def operator(db) -> User:
    return User.objects.create_user("operator@salesbrain.example", "operator-password", role=StaffRole.OPERATOR)


@pytest.fixture
def admin(db) -> User:
    return User.objects.create_user("admin@salesbrain.example", "admin-password", role=StaffRole.ADMIN)


@pytest.fixture
def api():
    """Return a function that returns an API client with a real token: `api(customer).get(...)`; `api()` is anonymous."""

    def client(user: User | None = None) -> APIClient:
        client = APIClient()
        if user is not None:
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {factories.token(user)}")
        return client

    return client
