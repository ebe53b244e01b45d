"""Isolation checks of every table and SQL verb for every actor, with the other organization's keys."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from django.db import connection, models, transaction

from salesbrain import rls
from salesbrain.isolation.actors import DENIED, NOTHING, READS, VERBS, Actor, actors
from salesbrain.isolation.findings import Notes
from salesbrain.isolation.fixtures import World
from salesbrain.rls.checks import protected_models
from salesbrain.rls.models import TenantModel

PERMISSION = "42501"  # insufficient_privilege: no right to the verb, or a policy's WITH CHECK
REACHED = {"23505", "23503", "23001", "23514"}  # it reached a constraint: the policy let it through

Samples = dict[str, dict[str, tuple[list[Any], str]]]

WRITABLE = """SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"""
"""Columns of a table that an INSERT may name: a generated one would be refused for that alone."""


def check_tables(world: World, notes: Notes, *, only: Iterable[str] | None = None) -> None:
    """Try every role, table and verb, and fill the matrix; `only`: the tables to try."""
    chosen = [model for model in protected_models() if only is None or model._meta.db_table in set(only)]
    samples = {model._meta.db_table: _samples(model, world) for model in chosen}
    for actor in actors(world):
        for model in chosen:
            cells = {verb: _try(actor, model, verb, samples[model._meta.db_table]) for verb in VERBS}
            for verb, reached in cells.items():
                wanted = actor.expected(model, verb)
                where = f"{model._meta.db_table} as {actor.title}"
                notes.check(
                    f"tables.{verb}",
                    reached == wanted,
                    where,
                    f"{verb.upper()} reached {reached}, and must reach {wanted}",
                )
            kind = "organization" if issubclass(model, TenantModel) else "staff"
            notes.row("tables", table=model._meta.db_table, kind=kind, actor=actor.name, **cells)


def _samples(model: type[models.Model], world: World) -> dict[str, tuple[list[Any], str]]:
    """Return, for each organization, the keys of its rows and one row as JSON text."""
    table, key = model._meta.db_table, _column(model)
    found = {}
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        for side in world.sides:
            keys = side.rows[table]
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t WHERE {key} = %s", [keys[0]])  # noqa: S608
            found[side.name] = keys, cursor.fetchone()[0]
    return found


def _column(model: type[models.Model]) -> str:
    assert model._meta.pk is not None
    return str(model._meta.pk.column)


def _try(actor: Actor, model: type[models.Model], verb: str, samples: dict[str, tuple[list[Any], str]]) -> str:
    """Return the organizations whose rows the verb reached: A, B, AB, nothing, or denied. Everything is rolled back."""
    table, key = model._meta.db_table, _column(model)
    with transaction.atomic():
        actor.enter()
        raw = connection.connection
        if verb == "truncate":
            reached = _outcome(raw, lambda: raw.execute(f"TRUNCATE {table} CASCADE") and "AB")
        elif verb in READS:
            reached = _outcome(raw, lambda: _read(raw, table, key, verb, samples))
        else:
            parts = {
                side: _outcome(raw, lambda side=side: _write(raw, table, key, verb, *samples[side])) for side in samples
            }
            reached = _combined_result(parts)
        transaction.set_rollback(True)
    return reached


def _outcome(raw: Any, attempt: Any) -> str:
    """Run an attempt in a savepoint that is rolled back; return its result."""
    raw.execute("SAVEPOINT attempt")
    try:
        return attempt()
    except psycopg.Error as error:
        if error.sqlstate == PERMISSION:
            return DENIED
        if error.sqlstate in REACHED:
            return "reached"
        return f"error {error.sqlstate}"
    finally:
        raw.execute("ROLLBACK TO SAVEPOINT attempt")


def _read(raw: Any, table: str, key: str, verb: str, samples: dict[str, tuple[list[Any], str]]) -> str:
    """Read all rows, and again by the keys; rows of neither A nor B count as a leak of their own."""
    if verb == "copy":
        with raw.cursor() as cursor, cursor.copy(f"COPY (SELECT to_jsonb({key}) FROM {table}) TO STDOUT") as copy:  # noqa: S608
            seen = {str(json.loads(row[0])) for row in copy.rows()}
    else:
        every = raw.execute(f"SELECT {key} FROM {table}").fetchall()  # noqa: S608
        keys = [key_ for keys, _ in samples.values() for key_ in keys]
        named = raw.execute(f"SELECT {key} FROM {table} WHERE {key} = ANY(%s)", [keys]).fetchall()  # noqa: S608
        seen = {str(row[0]) for row in (*every, *named)}
    return "".join(side for side, (keys, _) in samples.items() if seen & {str(key_) for key_ in keys}) or NOTHING


def _write(raw: Any, table: str, key: str, verb: str, keys: Sequence[Any], row: str) -> str:
    if verb == "insert":
        (columns,) = raw.execute(WRITABLE, [table]).fetchone()
        populated = f"SELECT {columns} FROM jsonb_populate_record(NULL::{table}, %s::jsonb)"  # noqa: S608
        raw.execute(f"INSERT INTO {table} ({columns}) {populated}", [row])
        return "reached"
    statement = f"UPDATE {table} SET {key} = {key}" if verb == "update" else f"DELETE FROM {table}"  # noqa: S608
    done = raw.execute(f"{statement} WHERE {key} = ANY(%s)", [list(keys)])
    return "reached" if done.rowcount else NOTHING


def _combined_result(parts: dict[str, str]) -> str:
    """Return one word for the results of both organizations."""
    reached = "".join(side for side, outcome in parts.items() if outcome == "reached")
    if reached:
        return reached
    outcomes = set(parts.values())
    return outcomes.pop() if len(outcomes) == 1 else ", ".join(f"{side}: {outcome}" for side, outcome in parts.items())
