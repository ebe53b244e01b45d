"""Helpers for Django's database connection: prepared statements, binary results, error classes.

For queries that run thousands of times a minute. Needs `prepare_threshold` in the database OPTIONS; Django's ORM keeps binding on the
client, as it always does.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from struct import Struct
from threading import local
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.adapt import Dumper
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from salesbrain.kernel import lone_statements

# SQLSTATE classes after which the same statement may pass later: connection, deadlock, resources, lock, shutdown, disk.
TRANSIENT = {"08", "25", "40", "53", "55", "57", "58"}

Buffer = bytes | bytearray

UUID, BYTEA, TEXT, JSON = 2950, 17, 25, 114  # the numbers of types, the same in every PostgreSQL
LENGTH, ARRAY, NULL = Struct("!i").pack, Struct("!iiiii").pack, b"\xff\xff\xff\xff"

_prepared: WeakKeyDictionary[psycopg.Connection[Any], set[str]] = WeakKeyDictionary()
"""Statements that `execute_binary` has prepared, by connection."""


class Json:
    """Encoded JSON as the value of a statement's parameter: sent as it is, where text would be decoded and encoded once more."""

    __slots__ = ("encoded",)

    def __init__(self, encoded: bytes) -> None:
        self.encoded = encoded


class _JsonDumper(Dumper):
    oid = JSON

    def dump(self, obj: Json) -> bytes:
        return obj.encoded


psycopg.adapters.register_dumper(Json, _JsonDumper)

ORM_OPTIONS = ("cursor_factory", "context", "prepare_threshold")  # of the ORM's connection, not of a plain one


def prepared(
    sql: str, params: Sequence[Any] | Mapping[str, Any] = (), *, using: str = DEFAULT_DB_ALIAS
) -> psycopg.Cursor[Any]:
    """Run one statement on Django's connection `using` and return its cursor; raises Django's DatabaseError classes.

    In rls.each_statement it is a transaction of its own, in one message with its settings.
    """
    connection = connections[using]
    connection.ensure_connection()
    with connection.wrap_database_errors:
        if connection.queries_logged:
            connection.queries_log.append({"sql": sql, "params": params, "time": "prepared"})  # type: ignore[dict-item]
        if before := _settings_of_each_statement(connection):
            return lone_statements.run(connection.connection, before, sql, params, prepare=True)
        cursor = psycopg.Cursor(connection.connection)
        return cursor.execute(sql.encode(), params or None, prepare=settings.DATABASE_PREPARE)


def bound(sql: str, params: Sequence[Any], *, using: str = DEFAULT_DB_ALIAS) -> list[tuple[Any, ...]]:
    """Run one statement bound on the client, as Django's ORM does, and return its rows: for plans that depend on the values."""
    connection = connections[using]
    before = _settings_of_each_statement(connection)
    if not before:
        with connection.cursor() as cursor:
            cursor.execute(sql, params or None)
            return cursor.fetchall()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        if connection.queries_logged:
            connection.queries_log.append({"sql": sql, "params": params, "time": "bound"})  # type: ignore[dict-item]
        return lone_statements.run(connection.connection, before, sql, params, prepare=False).fetchall()


def _settings_of_each_statement(connection: BaseDatabaseWrapper) -> str:
    """Return the settings that each statement is run with (rls.each_statement); empty for none, and inside a transaction."""
    return "" if connection.in_atomic_block else getattr(connection, "settings_of_each_statement", None) or ""


class _CloseOnExit:
    """Closes a Django connection when the thread that holds this object ends."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def __del__(self) -> None:
        self.connection.close()


_thread_local = local()


def close_on_thread_exit(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Have a connection closed when its thread ends, instead of whenever the garbage collector finds Django's reference cycles.

    The threads of the web process end after some idle time, and a full garbage collection is rare: after several rushes with pauses between
    them, PostgreSQL had no connection left. Receiver of the signal `connection_created`.

    Closes Django's connection object, never psycopg's connection beneath it, which may be back in a pool and in use by another thread.
    Connections lent by a pool (salesbrain.kernel.serving.lending) are left alone.
    """
    if getattr(connection, "lent", False):
        return
    kept = vars(_thread_local)
    if (name := f"{connection.alias} {id(connection)}") not in kept:
        kept[name] = _CloseOnExit(connection)


def execute_binary(
    name: str, sql: str, values: Sequence[Buffer | None], *, using: str
) -> list[tuple[bytes | None, ...]]:
    """Run one statement directly through libpq, with values and rows in PostgreSQL's binary format: a third of the cost of psycopg's
    cursor.

    For statements that run for every delivery, on a connection outside of a transaction; `name`: name of the prepared statement. Raises
    Django's DatabaseError classes.
    """
    connection = connections[using]
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    if not raw.autocommit:
        raise RuntimeError("It would not be part of the transaction.")
    with connection.wrap_database_errors:
        if connection.queries_logged:
            connection.queries_log.append({"sql": sql, "time": "binary"})
        pgconn, forms = raw.pgconn, [Format.BINARY] * len(values)
        if settings.DATABASE_PREPARE:
            if name not in (known := _prepared.setdefault(raw, set())):
                _raise_unless(pgconn, pgconn.prepare(name.encode(), sql.encode()), ExecStatus.COMMAND_OK)
                known.add(name)
            result = pgconn.exec_prepared(name.encode(), values, forms, Format.BINARY)  # type: ignore[arg-type]  # None is NULL there too
        else:
            result = pgconn.exec_params(sql.encode(), values, None, forms, Format.BINARY)
        _raise_unless(pgconn, result, ExecStatus.TUPLES_OK)
    return [tuple(result.get_value(row, column) for column in range(result.nfields)) for row in range(result.ntuples)]


def array(type: int, items: Iterable[Buffer | None]) -> bytes:
    """Return PostgreSQL's binary format of an array; `type`: the OID of its items, which are encoded already."""
    parts = [NULL if item is None else LENGTH(len(item)) + item for item in items]
    return ARRAY(1, NULL in parts, type, len(parts), 1) + b"".join(parts)


def _raise_unless(pgconn: PGconn, result: PGresult, status: ExecStatus) -> None:
    if result.status == status:
        return
    # A lost connection has no SQLSTATE, from which psycopg derives the class of error.
    if pgconn.status == ConnStatus.BAD or not result.error_field(DiagnosticField.SQLSTATE):
        raise psycopg.OperationalError(pgconn.get_error_message())
    raise psycopg.errors.error_from_result(result)


def first(sql: str, params: Sequence[Any] = (), *, using: str = DEFAULT_DB_ALIAS) -> tuple[Any, ...] | None:
    """Run the first statement of a request and return its first row.

    Replaces Django's check whether the kept connection is still alive: if it is dead, the statement runs once more on a new one. So the
    statement must be safe to run twice.
    """
    connection = connections[using]
    kept = connection.connection is not None and not connection.in_atomic_block
    try:
        row = prepared(sql, params, using=using).fetchone()
    except (DatabaseError, InterfaceError) as error:
        if not (kept and is_disconnected(error)):
            raise
        connection.close()
        row = prepared(sql, params, using=using).fetchone()
    connection.health_check_done = True  # type: ignore[attr-defined]
    return row


def begin_with(sql: str, *, using: str = DEFAULT_DB_ALIAS) -> bool:
    """Begin the transaction and run this statement in one message; return False and send nothing if it has begun already.

    Inside `atomic()`: psycopg sends BEGIN only with the first statement, and then waits for it. `sql` is sent without parameters, so it
    must contain no value from a request.
    """
    connection = connections[using]
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    if raw.autocommit or raw.info.transaction_status != TransactionStatus.IDLE:
        return False
    with connection.wrap_database_errors:
        if connection.queries_logged:
            connection.queries_log.append({"sql": sql, "time": "with BEGIN"})
        result = raw.pgconn.exec_(f"BEGIN; {sql}".encode())
        _raise_unless(raw.pgconn, result, ExecStatus.TUPLES_OK)
    return True


def disable_seqscan(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Discourage sequential scans for the rest of the transaction, so that rows are found by an index.

    For the batch statements. Policies let the planner believe that about one row is visible, so while a table is small it reads all
    of it for each row of the batch, and a prepared statement keeps that plan: recording became 35x slower within 8,000 events.
    """
    prepared("SET LOCAL enable_seqscan = off", using=using)


def disable_sort(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Discourage sorting for the rest of the transaction, so that the first rows of an order are found by walking its index.

    For conditions that many rows meet. Because of the policies the planner assumes that few do, so it would read and sort all of them for
    one page.
    """
    prepared("SET LOCAL enable_sort = off", using=using)


def is_transient(error: DatabaseError | InterfaceError) -> bool:
    """Return whether the same statement may succeed later. Not decided by class: a text too long for an index is an OperationalError."""
    state = getattr(error.__cause__, "sqlstate", None)
    if state is None:
        return isinstance(error, InterfaceError | OperationalError)
    return state[:2] in TRANSIENT


def exceeds_resource_limit(error: DatabaseError | InterfaceError) -> bool:
    """Return whether the statement exceeded a memory or time limit. It may succeed later, and a smaller one now."""
    return getattr(error.__cause__, "sqlstate", None) in {"53200", "57014"}


def is_disconnected(error: DatabaseError | InterfaceError) -> bool:
    """Return whether the connection failed, and not the statement."""
    state = getattr(error.__cause__, "sqlstate", None)
    return isinstance(error, InterfaceError | OperationalError) and (state is None or state[:2] in {"08", "57"})


def is_concurrent_change(error: DatabaseError) -> bool:
    """Return whether two workers changed the same rows at the same time. The next try finds the other one finished.

    Unique violation: ON CONFLICT waits on its own index only, so a second unique index of the table can still fail. Deadlock: workers,
    transfers and the steps of search and numbering cannot deadlock with each other, but a statement typed into psql may.
    """
    return getattr(error.__cause__, "sqlstate", None) in {"23505", "40P01"}


def direct_connection() -> psycopg.Connection[Any]:
    """Open an additional autocommit connection that bypasses a pooler in transaction mode (which supports neither LISTEN nor session
    locks): to DATABASE_LISTEN_URL if set, else to the server of `default`.
    """
    if settings.DATABASE_LISTEN_URL:
        return psycopg.connect(settings.DATABASE_LISTEN_URL, autocommit=True)
    parameters = connections[DEFAULT_DB_ALIAS].get_connection_params()
    ours = {name: value for name, value in parameters.items() if name not in ORM_OPTIONS}
    return psycopg.connect(**ours, autocommit=True)


def statements(folder: Path) -> dict[str, str]:
    """Return the SQL files of a folder by their name without `.sql`."""
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.sql")}
