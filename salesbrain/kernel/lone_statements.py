"""Run a statement with settings local to it in one message, which PostgreSQL takes as a transaction.

Instead of BEGIN with the settings, the statement, and COMMIT: three messages, after each of which client and server wait for each other.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.conf import settings
from psycopg import sql

PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?s|%%")
MOST = 100
"""Statements that a connection keeps prepared; as many as psycopg keeps. Further ones are planned each time."""

_prepared: WeakKeyDictionary[psycopg.Connection[Any], dict[str, str]] = WeakKeyDictionary()
Parameters = Sequence[Any] | Mapping[str, Any]


def run(
    connection: psycopg.Connection[Any], before: str, text: str, parameters: Parameters, *, prepare: bool
) -> psycopg.Cursor[Any]:
    """Run `before` (settings local to the transaction) and the statement; return a cursor with the rows of the statement.

    Outside of a transaction only. Both fail together. Raises psycopg's errors.
    """
    if prepare and settings.DATABASE_PREPARE and (execute := _execute(connection, text, parameters)):
        try:
            return _sent(connection, before, execute)
        except psycopg.errors.InvalidSqlStatementName:
            # psycopg deallocates all of a connection after a ROLLBACK, and a pooler may have changed the server's session.
            _prepared.pop(connection, None)
    return _sent(connection, before, psycopg.ClientCursor(connection).mogrify(text, parameters or None))


def _sent(connection: psycopg.Connection[Any], before: str, statement: str) -> psycopg.Cursor[Any]:
    cursor = psycopg.Cursor(connection)
    cursor.execute(f"{before}; {statement}".encode(), prepare=False)
    cursor.nextset()
    return cursor


def _execute(connection: psycopg.Connection[Any], text: str, parameters: Parameters) -> str | None:
    """Return EXECUTE with the parameters as constants; None if no more statements are kept prepared."""
    numbered, names = _numbered(text) if parameters else (text, ())
    known = _prepared.setdefault(connection, {})
    if (name := known.get(numbered)) is None:
        if len(known) >= MOST:
            return None
        name = f"lone_{len(known)}"
        result = connection.pgconn.prepare(name.encode(), numbered.encode())
        if result.status != psycopg.pq.ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result)
        known[numbered] = name
    values = [parameters[key] for key in names]  # type: ignore[index]  # names of a mapping, or places of a sequence
    listed = ", ".join(sql.Literal(value).as_string(connection) for value in values)
    return f"EXECUTE {name}({listed})" if values else f"EXECUTE {name}"


@lru_cache(maxsize=1000)
def _numbered(text: str) -> tuple[str, tuple[str | int, ...]]:
    """Return a statement with $1, $2 … for its placeholders, and the names or places of their values."""
    keys: list[str | int] = []

    def number(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        if match[1] is None:
            keys.append(len(keys))
        elif match[1] not in keys:
            keys.append(match[1])
        return f"${len(keys) if match[1] is None else keys.index(match[1]) + 1}"

    return PLACEHOLDER.sub(number, text), tuple(keys)
