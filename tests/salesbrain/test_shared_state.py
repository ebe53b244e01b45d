"""Tables of rate limits and idempotency keys: created by the kernel, kept from earlier releases."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader

pytestmark = pytest.mark.django_db(transaction=True, databases=("default", "inbox", "owner"))

TABLES = ("api_throttle", "api_idempotency")
BY_THE_EARLIER_RELEASE = """CREATE UNLOGGED TABLE api_throttle (key text PRIMARY KEY, began_at timestamptz NOT NULL,
    requests integer NOT NULL);
CREATE UNLOGGED TABLE api_idempotency (key text PRIMARY KEY, fingerprint text NOT NULL, began_at timestamptz NOT NULL DEFAULT now(),
    status integer, body bytea);
ALTER TABLE api_throttle SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)"""
SHAPE = """SELECT c.relname, c.relpersistence, c.reloptions, c.relrowsecurity,
        (SELECT array_agg((a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid))::text
            ORDER BY a.attnum)
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
        WHERE a.attrelid = c.oid AND a.attnum > 0),
        (SELECT array_agg(indexdef) FROM pg_indexes WHERE tablename = c.relname),
        (SELECT array_agg(acl::text ORDER BY acl::text) FROM unnest(c.relacl) AS acl)
    FROM pg_class c WHERE c.relname IN ('api_throttle', 'api_idempotency') ORDER BY 1"""


def ask(sql: str) -> list[tuple[Any, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def shape() -> Iterator[list[tuple[Any, ...]]]:
    """Return the structure of the tables; restores them for the next test."""
    yield ask(SHAPE)
    call_command("migrate", "salesbrain", "zero", verbosity=0)
    call_command("migrate", "salesbrain", verbosity=0)


def test_the_kernels_migration_makes_the_tables_where_there_are_none(shape: Any) -> None:
    ask("DROP TABLE api_throttle, api_idempotency; DELETE FROM django_migrations WHERE app = 'salesbrain'")
    call_command("migrate", verbosity=0)
    assert [row[0] for row in shape] == sorted(TABLES) and ask(SHAPE) == shape


def test_the_tables_of_an_earlier_release_are_kept_as_they_are(shape: Any) -> None:
    """The earlier release created these tables by a migration of accounts; the kernel's migration must keep them."""
    ask("DROP TABLE api_throttle, api_idempotency; DELETE FROM django_migrations WHERE app = 'salesbrain'")
    ask(BY_THE_EARLIER_RELEASE)
    ask("INSERT INTO api_throttle VALUES ('of before', now(), 7)")
    call_command("migrate", verbosity=0)
    assert ask("SELECT requests FROM api_throttle WHERE key = 'of before'") == [(7,)]
    ask("DELETE FROM api_throttle")
    assert ask(SHAPE) == shape, "the same columns, indexes, options and grants as in a new database"


def test_taking_the_kernels_migration_back_leaves_the_tables_to_the_release_before(shape: Any) -> None:
    call_command("migrate", "salesbrain", "zero", verbosity=0)
    assert ask(SHAPE) == shape
    call_command("migrate", "salesbrain", verbosity=0)
    assert ask(SHAPE) == shape


def test_no_migration_of_the_kernel_depends_on_an_app_and_no_app_on_the_kernels() -> None:
    """Django refuses a history in which a released migration depends on a new one, which would stop every upgrade."""
    migrations = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    assert {key for key in migrations if key[0] == "salesbrain"} == {
        ("salesbrain", "0001_shared_state"),
        ("salesbrain", "0002_read_position"),
    }
    for (app, name), migration in migrations.items():
        for of, _ in migration.dependencies:
            assert (of == "salesbrain") <= (app == "salesbrain"), f"{app} {name}"
            assert app != "salesbrain" or of == "salesbrain", f"{app} {name}"
