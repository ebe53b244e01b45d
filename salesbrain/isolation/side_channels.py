"""Isolation checks beside tables: SECURITY DEFINER functions, foreign keys, PostgreSQL's functions."""

from collections.abc import Iterable
from typing import Any

import psycopg
from django.db import connection, connections, transaction

from salesbrain import rls
from salesbrain.isolation.actors import Actor, actors
from salesbrain.isolation.catalogue import DEFINERS, FUNCTIONS, rows
from salesbrain.isolation.findings import Notes
from salesbrain.isolation.fixtures import World
from salesbrain.rls.checks import protected_models
from salesbrain.rls.models import CompositeForeignKey

CALLS = {
    "app_search_messages": "SELECT id FROM app_search_messages(%s, p_organization => %s)",
    "app_search_ranked": "SELECT id FROM app_search_ranked(%s, p_organization => %s)",
    "app_search_people": "SELECT contact_id FROM app_search_people(%s, p_organization => %s)",
    "app_search_contacts": "SELECT unnest(app_search_contacts(%s, p_organization => %s))",
}
INNER = ("sb_search_scope", "sb_search_where")
"""Functions that only the search functions may call; no other role has a right to execute them."""


def check_functions(world: World, notes: Notes) -> None:
    """Call every function that runs with its owner's rights, as every actor, with no organization, A's and B's."""
    definers = {row[0] for row in rows(FUNCTIONS) if row[2]}
    for name in sorted(definers):
        notes.check(
            "functions.untried",
            name in CALLS or name in DEFINERS,
            name,
            "nobody tries it: add it to salesbrain/isolation/side_channels.py",
        )
    sides = {side.name: {str(key) for keys in side.rows.values() for key in keys} for side in world.sides}
    for actor in actors(world):
        for name, call in CALLS.items():
            cells = {}
            for label, organization in (("none", None), *((side.name, side.organization) for side in world.sides)):
                found: set[str] = set()
                for word in (world.a.word, world.b.word):
                    found |= _called(actor, call, [word, organization])
                reached = "".join(side for side, keys in sides.items() if found & keys)
                wanted = _wanted(actor, label)
                notes.check("functions.search", reached == wanted, f"{name} as {actor.title}, organization {label}",
                            f"found rows of {reached or 'nobody'}, and must find {wanted or 'nobody'}'s")  # fmt: skip
                cells[label] = reached or "nothing"
            notes.row("functions", function=name, actor=actor.name, **cells)
        for name in INNER:
            arguments = "NULL" if name == "sb_search_scope" else ", ".join(["true"] * 7)
            try:
                _called(actor, f"SELECT {name}({arguments})", [])
            except psycopg.Error as error:
                notes.check("functions.inner", error.sqlstate == "42501", f"{name} as {actor.title}", str(error))
            else:
                notes.check("functions.inner", False, f"{name} as {actor.title}", "could be called")


def _wanted(actor: Actor, organization: str) -> str:
    finds = actor.sees if actor.finds is None else actor.finds
    if organization == "none":
        return finds
    return organization if organization in finds else ""


def _called(actor: Actor, call: str, arguments: list[Any]) -> set[str]:
    with transaction.atomic():
        actor.enter()
        try:
            return {str(row[0]) for row in connection.connection.execute(call, arguments or None).fetchall()}
        finally:
            transaction.set_rollback(True)


def check_keys(world: World, notes: Notes, *, only: Iterable[str] | None = None) -> None:
    """As SYSTEM, try to make a row of B refer to a row of A through each composite foreign key, which must refuse it. Ordinary foreign keys
    ignore policies, so a mistake in our code could otherwise mix two organizations.
    """
    for model in protected_models():
        table = model._meta.db_table
        if only is not None and table not in set(only):
            continue
        for key in model._meta.constraints:
            if isinstance(key, CompositeForeignKey):
                refused_by = _refer_to_other_organization(model, key, world)
                notes.check("keys.composite", refused_by == key.name, f"{table}.{key.field}",
                            f"a row of B could point at A's (refused by {refused_by or 'nobody'})")  # fmt: skip
                notes.row("keys", table=table, field=key.field, to=key.to, refused_by=refused_by or "nobody")


def _refer_to_other_organization(model: Any, key: CompositeForeignKey, world: World) -> str:
    """Try to make a row of B refer to a row of A; return the name of the constraint that refuses it, "" if none does."""
    meta = model._meta
    target = meta.apps.get_model(key.to)._meta.db_table
    column, (theirs, *_) = meta.get_field(key.field).column, world.a.rows[target]
    with rls.scope(rls.SYSTEM):
        raw = connection.connection
        raw.execute("SAVEPOINT attempt")
        try:
            if column == meta.pk.column:  # it shares its key with what it is about: A's own row must go first
                raw.execute(f"DELETE FROM {meta.db_table} WHERE {column} = %s", [theirs])  # noqa: S608
            raw.execute(
                f"UPDATE {meta.db_table} SET {column} = %s WHERE {meta.pk.column} = %s",  # noqa: S608
                [theirs, world.b.rows[meta.db_table][0]],
            )
            raw.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.errors.IntegrityError as error:
            return error.diag.constraint_name or ""
        finally:
            raw.execute("ROLLBACK TO SAVEPOINT attempt")
    return ""


BACK_DOORS = (
    ("become the owner", "SET ROLE sb_owner"),
    ("become the functions' owner", "SET ROLE sb_definer"),
    ("become the superuser", "SET SESSION AUTHORIZATION postgres"),
    ("switch policies off for the session", "SET row_security = off; SELECT id FROM messaging_message"),
    ("switch keys and triggers off", "SET session_replication_role = replica"),
    ("read files of the server", "COPY (SELECT 1) TO PROGRAM 'true'"),
    ("read the files of the tables", "SELECT pg_read_file('PG_VERSION')"),
    ("make a table", "CREATE TABLE public.mine (id int)"),
    ("make a temporary table", "CREATE TEMP TABLE mine (id int)"),
    ("make a function", "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
    ("make a policy", "CREATE POLICY mine ON messaging_message USING (true)"),
    ("open a table", "ALTER TABLE messaging_message DISABLE ROW LEVEL SECURITY"),
    ("read raw deliveries", "SELECT body FROM instantly_delivery"),
    ("read provider keys", "SELECT api_key FROM accounts_providerconnection"),
    ("lock others out", "LOCK TABLE messaging_message IN ACCESS EXCLUSIVE MODE"),
    ("read large objects", "SELECT data FROM pg_largeobject"),
    ("read what the planner knows", "SELECT stavalues1 FROM pg_statistic"),
)


def check_back_doors(world: World, notes: Notes) -> None:
    """Try PostgreSQL's own functions and views as a customer of A."""
    enter = next(actor for actor in actors(world) if actor.name == "customer_a").enter
    for what, statement in BACK_DOORS:
        with transaction.atomic():
            enter()
            raw = connection.connection
            raw.execute("SAVEPOINT attempt")
            try:
                for part in statement.split("; "):
                    raw.execute(part)
            except psycopg.Error as error:
                held, said = error.sqlstate == "42501", str(error)
            else:
                held, said = False, "it was done"
            raw.execute("ROLLBACK TO SAVEPOINT attempt")
            transaction.set_rollback(True)
        notes.check("back_doors.tried", held, what, said)
        notes.row("back_doors", what=what, statement=statement, answer="denied" if held else said)
    _check_statistics(world, notes, enter)


def _check_statistics(world: World, notes: Notes, enter: Any) -> None:
    """Check that pg_stats, which holds the most common values of every column, is hidden for tables with policies."""
    tables = [model._meta.db_table for model in protected_models()]
    with connections["owner"].cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {table}")
    with transaction.atomic():
        enter()
        found = connection.connection.execute(
            "SELECT tablename, attname FROM pg_stats WHERE schemaname = 'public' AND tablename = ANY(%s)", [tables]
        ).fetchall()
        analyzed = connection.connection.execute(
            "SELECT count(*) FROM pg_class WHERE relname = ANY(%s) AND reltuples > 0", [tables]
        ).fetchone()[0]
    notes.check("back_doors.statistics", analyzed > 0, "pg_stats", "nothing was analyzed, so nothing was proved")
    notes.check("back_doors.statistics", not found, "pg_stats", f"shows values of {found[:3]}")
