"""Row counts and checksums of tables, computed alike from a database and from a backup archive.

Both represent a row as one line of PostgreSQL's COPY text. A table's digest is the sum of its lines' hashes, so it depends neither
on their order nor on physical layout.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

TABLES = """SELECT c.relname, array_agg(a.attname ORDER BY a.attnum) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attgenerated = '' GROUP BY 1 ORDER BY 1"""
CATALOGUE = Path(__file__).with_name("catalogue.sql").read_text(encoding="utf-8")
AS_PG_DUMP_DOES = "SET TIME ZONE 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres'; SET bytea_output = 'hex'"
MODULUS = 2**64


class Table(NamedTuple):
    rows: int
    digest: str


def count_database(connection: psycopg.Connection[Any]) -> dict[str, Table]:
    """Return count and checksum of every table as this connection sees it: in its snapshot, under its policies."""
    connection.execute(AS_PG_DUMP_DOES)
    tables = connection.execute(TABLES).fetchall()
    return {name: _counted(_lines(_copied(connection, name, columns))) for name, columns in tables}


def count_archive(script: Iterable[bytes]) -> dict[str, Table]:
    """Return count and checksum of every table in the output of `pg_restore --data-only --file=-`, which `script` yields in pieces."""
    lines = _lines(script)
    found: dict[str, Table] = {}
    for line in lines:
        if line.startswith(b"COPY ") and line.endswith(b" FROM stdin;"):
            name = line.split(b" ")[1].decode().removeprefix("public.").strip('"')
            found[name] = _counted(_until_end_mark(lines))
    return found


def catalogue(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the security catalogue: policies, grants, owners, functions; one sorted line each."""
    return [line for (line,) in connection.execute(CATALOGUE.encode())]


def differences(expected: Mapping[str, Any], found: Mapping[str, Table]) -> Iterator[str]:
    """Return a sentence for every table in which `found` differs from the manifest's `expected`; an empty list: none."""
    for name in sorted(expected.keys() | found.keys()):
        wanted, there = expected.get(name), found.get(name)
        if wanted is None:
            yield f"{name}: not in the manifest"
        elif there is None:
            yield f"{name}: missing, with {wanted['rows']} rows"
        elif wanted["rows"] != there.rows:
            yield f"{name}: {there.rows} rows, not {wanted['rows']}"
        elif wanted["digest"] != there.digest:
            yield f"{name}: {there.rows} rows, but not the same ones"


def _copied(connection: psycopg.Connection[Any], name: str, columns: list[str]) -> Iterator[bytes]:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    with connection.cursor().copy(
        sql.SQL("COPY public.{} ({}) TO STDOUT").format(sql.Identifier(name), listed)
    ) as copy:
        for piece in copy:
            yield bytes(piece)


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _until_end_mark(lines: Iterator[bytes]) -> Iterator[bytes]:
    for line in lines:
        if line == rb"\.":
            return
        yield line


def _counted(lines: Iterable[bytes]) -> Table:
    rows, total = 0, 0
    for line in lines:
        rows += 1
        total += int.from_bytes(blake2b(line, digest_size=8).digest(), "big")
    return Table(rows, f"{total % MODULUS:016x}")
