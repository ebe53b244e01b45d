"""Readiness for Citus: every key of a table distributed by `organization_id` holds that column.

Citus keeps a table distributed over servers, or whole on each of them (reference), or on the coordinator alone (local). It can only enforce
a unique or primary key that holds the distribution column, and a foreign key that holds it on both sides or leads to a reference table.
docs/en/scaling.md has the statements; they were not tried.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

import pytest
from django.db import connection

from salesbrain.rls.checks import protected_models
from salesbrain.rls.models import TenantModel

pytestmark = pytest.mark.django_db
COLUMN = "organization_id"
DISTRIBUTED, REFERENCE, LOCAL = "distributed", "reference", "local"
OF_A_WORKSPACE = "unique in a workspace, which organizations may share; thousands of rows"

REFERENCE_TABLES = {
    "accounts_organization": "what everything belongs to; a few thousand rows",
    "accounts_user": "people are members of several organizations",
    "accounts_providerconnection": "a shared workspace is of no single organization",
    "accounts_emailaccount": OF_A_WORKSPACE,
    "campaigns_campaign": OF_A_WORKSPACE,
    "campaigns_assignmentrule": OF_A_WORKSPACE,
}
LOCAL_TABLES = {
    "accounts_auditentry": "staff's, of all organizations together",
    "accounts_authenticator": "a person's",
    "accounts_installationsecret": "the installation's",
    "accounts_passwordreset": "a person's",
    "accounts_tokenaccess": "a person's",
    "accounts_webhooksecret": "a workspace's; read before it is known whose the delivery is",
    "api_*": "counters and answers of web processes",
    "auth_*": "Django's",
    "axes_*": "failed logins",
    "django_*": "Django's",
    "instantly_*": "deliveries and runs belong to a workspace; whose an event is, is known when it is recorded",
    "knox_authtoken": "a person's",
    "messaging_finding": "staff's, of all organizations together",
    "messaging_measurement": "staff's, of all organizations together",
    "messaging_renamedcontact": "a queue of the worker's",
    "messaging_searchpending": "a queue of the worker's",
    "messaging_triagepending": "a queue of the worker's",
    "otp_*": "a person's",
    "procrastinate_*": "the job queue",
    "read_position": "a person's",
    "security_event_count": "counters of web processes",
}
WIDENED = "the primary key becomes (organization_id, id): no foreign key refers to the id alone"
EXCEPTIONS = {
    "*_pkey": WIDENED,
    "event_position": "becomes an index that is not unique: the numbering's lock gives each position once",
}
"""Keys of distributed tables that lack the column, and what becomes of each before its table is distributed."""

# Exclusion constraints are keys too. Unique indexes without a constraint (partial ones) are no rows of pg_constraint.
KEYS = """
SELECT c.conrelid::regclass::text, c.conname::text, c.contype::text, coalesce(nullif(c.confrelid, 0)::regclass::text, ''),
    array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)),
    array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.confrelid AND a.attnum = ANY (c.confkey))
FROM pg_constraint c WHERE c.connamespace = 'public'::regnamespace AND c.conrelid <> 0 AND c.contype IN ('p', 'u', 'x', 'f')
UNION ALL
SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, 'u', '',
    array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])), '{}'
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)"""
TABLES = """SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
    AND NOT relispartition"""
NULLABLE = """SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE attname = 'organization_id' AND NOT attnotnull AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"""


@dataclass(frozen=True)
class Key:
    """A unique, primary or foreign key; `kind` as in pg_constraint.contype, `to`: the table a foreign key refers to."""

    table: str
    name: str
    kind: str
    to: str
    columns: tuple[str, ...]
    referred: tuple[str, ...] = ()


def ask(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def keys() -> list[Key]:
    rows: list[Any] = ask(KEYS)
    return [
        Key(table, name, kind, to, tuple(columns), tuple(referred)) for table, name, kind, to, columns, referred in rows
    ]


def placements() -> dict[str, str]:
    """Return where each table goes; tables that nobody placed are left out."""
    tenants = {
        model._meta.db_table
        for model in protected_models()
        if issubclass(model, TenantModel) and model.organization_column == COLUMN
    }
    placed = {}
    for (name,) in ask(TABLES):
        table = str(name)
        if table in REFERENCE_TABLES:
            placed[table] = REFERENCE
        elif table in tenants:
            placed[table] = DISTRIBUTED
        elif any(fnmatchcase(table, pattern) for pattern in LOCAL_TABLES):
            placed[table] = LOCAL
    return placed


def obstacles(found: list[Key], placed: Mapping[str, str]) -> Iterator[tuple[Key, str]]:
    """Yield the keys that Citus could not enforce, each with the reason."""
    for key in found:
        here, there = placed.get(key.table), placed.get(key.to)
        if key.kind == "f":
            if DISTRIBUTED not in (here, there):
                continue
            if here == there == DISTRIBUTED:
                if COLUMN not in key.columns or COLUMN not in key.referred:
                    yield key, f"add {COLUMN} to both sides"
            elif (here, there) != (DISTRIBUTED, REFERENCE):
                yield key, f"a {here} table cannot refer to a {there} one"
        elif here == DISTRIBUTED and COLUMN not in key.columns:
            yield key, f"add {COLUMN}"


def is_excepted(key: Key) -> bool:
    return any(fnmatchcase(key.name, pattern) for pattern in EXCEPTIONS) and key.kind != "f"


def test_every_table_is_distributed_or_has_a_place_with_a_reason():
    placed = placements()
    missing = [name for (name,) in ask(TABLES) if name not in placed]
    assert missing == [], "inherit TenantModel, or name the table in REFERENCE_TABLES or LOCAL_TABLES with the reason"
    assert sum(place == DISTRIBUTED for place in placed.values()) > 20


def test_every_key_of_a_distributed_table_holds_the_organization():
    left = [(key.table, key.name, why) for key, why in obstacles(keys(), placements()) if not is_excepted(key)]
    assert left == []


def test_every_exception_and_every_place_still_matches_something():
    placed = placements()
    excepted = [key.name for key, _ in obstacles(keys(), placed)]
    assert all(any(fnmatchcase(name, pattern) for name in excepted) for pattern in EXCEPTIONS)
    assert set(REFERENCE_TABLES) <= set(placed)
    assert all(any(fnmatchcase(table, pattern) for table in placed) for pattern in LOCAL_TABLES)


def test_no_foreign_key_refers_to_the_id_of_a_distributed_table_alone():
    """What the exception for primary keys rests on."""
    placed = placements()
    alone = [
        key for key in keys() if key.kind == "f" and placed.get(key.to) == DISTRIBUTED and COLUMN not in key.referred
    ]
    assert alone == []


def test_no_row_of_a_distributed_table_is_without_an_organization():
    placed = placements()
    assert [table for (table,) in ask(NULLABLE) if placed.get(str(table)) == DISTRIBUTED] == []


OWN = Key("messaging_note", "note_once", "u", "", (COLUMN, "id"))
FOREIGN = Key("messaging_note", "note_contact_fk", "f", "messaging_contact", (COLUMN, "contact_id"), (COLUMN, "id"))
WRONG = {
    "a unique key without the column": replace(OWN, columns=("name",)),
    "a foreign key by the id alone": replace(FOREIGN, columns=("contact_id",), referred=("id",)),
    "a foreign key to a local table": replace(FOREIGN, to="knox_authtoken"),
    "a foreign key from a local table": replace(FOREIGN, table="instantly_held"),
    "a foreign key from a reference table": replace(FOREIGN, table="campaigns_campaign"),
}


@pytest.mark.parametrize("key", WRONG.values(), ids=WRONG.keys())
def test_a_key_that_citus_could_not_enforce_is_found(key: Key):
    placed = placements()
    assert list(obstacles([OWN, FOREIGN], placed)) == []
    assert [found for found, _ in obstacles([key], placed)] == [key]
