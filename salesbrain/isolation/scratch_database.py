"""Scratch database of the isolation proof: same server and roles, newly migrated, dropped after it.

Not a transaction that is rolled back: exports, logins, token routes and syncs run in transactions of their own, so inside a big one
they would not be what production runs; other connections (threads, pools) would see none of its rows; and an aborted proof must not
leave anything among real rows. The real database is compared afterwards by its catalogue, without reading a row
(catalogue.compare).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import call_command
from django.db import connections

ALIASES = ("default", "inbox", "owner")
DROP = 'DROP DATABASE IF EXISTS "{}"'
"""Waits five seconds for connections that are just closing. WITH (FORCE) would need the right to end sb_app's processes."""


class NoScratch(Exception):
    """Error: the owner may not create a database here."""


def name() -> str:
    """Return a database name with this process's number; the tests' conftest drops those of killed processes."""
    return f"test_salesbrain_{os.getpid()}_proof"


@contextmanager
def scratch_database() -> Iterator[str]:
    """Point all aliases at a new, migrated database during the block; then drop it. Not for use beside threads that work on the real one.
    Raises NoScratch if the owner may not create databases.
    """
    fresh = name()
    try:
        _administer(DROP.format(fresh), f'CREATE DATABASE "{fresh}"')
    except psycopg.errors.InsufficientPrivilege as error:
        raise NoScratch(
            "The proof makes a database of its own and never touches yours, but the owner may not create one here. "
            "Run `ALTER ROLE sb_owner CREATEDB` as a superuser for the time of the proof, or run it on another server."
        ) from error
    before = {alias: connections[alias].settings_dict["NAME"] for alias in ALIASES}
    try:
        point_at(dict.fromkeys(ALIASES, fresh))
        call_command("migrate", interactive=False, verbosity=0)
        yield fresh
    finally:
        point_at(before)
        _administer(DROP.format(fresh))


def point_at(names: dict[str, str]) -> None:
    """Close the connections of these aliases; the next ones go to these databases."""
    for alias, database in names.items():
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = database


def _administer(*statements: str) -> None:
    with connections["owner"]._nodb_cursor() as cursor:  # what Django's test runner uses
        for statement in statements:
            try:
                cursor.execute(statement)
            except Exception as error:
                if isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
                    raise error.__cause__ from None
                raise
