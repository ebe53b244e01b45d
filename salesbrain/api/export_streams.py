"""Streamed exports in constant memory: keyset pages, each in its own transaction and scope.

The body of a streamed answer is made when the request's own scope is gone.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson
from django.db import connection
from django.db.models import QuerySet
from rest_framework import serializers

from salesbrain import rls
from salesbrain.api import sqljson
from salesbrain.api.renderers import dumps

PAGE = 1000
FIRST_PAGE, SHORTEST_PAGE = 100, 16
PAGE_BYTES = 1024 * 1024
BOUNDED = """
SELECT _key, _row, _found FROM (
    SELECT _key, _row, count(*) OVER () AS _found, sum(octet_length(_row)) OVER (ORDER BY _key) - octet_length(_row) AS _before
    FROM ({}) AS _page (_key, _row)
) AS _measured WHERE _before < %s ORDER BY _key"""
"""Of a page as many rows as begin within so many bytes: a thousand rows may be a megabyte or ten gigabytes."""

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins with one of these is a formula to a spreadsheet: `=HYPERLINK(…)` in a reply's subject would be run."""


@dataclass
class Export:
    """Rows of one kind, and what is counted while they go by. `queryset` is called in each page's scope."""

    kind: str
    queryset: Callable[[], QuerySet[Any]]
    serializer: type[serializers.Serializer]
    scope: rls.Scope
    filters: dict[str, str]
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    rows: int = 0
    digest: Any = field(default_factory=sha256)

    @property
    def fields(self) -> Sequence[str]:
        """Names of the columns; those of a nested object as contact.email."""
        return [
            f"{name}.{inner}" if isinstance(column, serializers.Serializer) else name
            for name, column in self.serializer().fields.items()
            for inner in (column.fields if isinstance(column, serializers.Serializer) else [""])
        ]

    def manifest(self, *, complete: bool) -> dict[str, Any]:
        """Return what this file is; with the number of rows and their checksum where it is complete."""
        said = {
            "kind": self.kind,
            "organization_id": self.scope.organization_id,
            "began_at": self.began_at,
            "filters": self.filters,
            "fields": self.fields,
        }
        if not complete:
            return said
        return {
            **said,
            "ended_at": datetime.now(UTC),
            "rows": self.rows,
            "sha256": self.digest.hexdigest(),
            "complete": True,
        }

    def texts(self) -> Iterator[bytes]:
        """Yield each row as JSON text, by key: every row that was there at the beginning comes exactly once."""
        last, wanted = None, FIRST_PAGE
        while True:
            wanted = min(wanted, PAGE)
            rows, found = self._page(last, wanted)
            if not rows:
                return
            last, came = rows[-1][0], len(rows)
            rows.reverse()
            while rows:
                yield rows.pop()[1].encode()
            if came == found < wanted:
                return
            wanted = max(came * 2, SHORTEST_PAGE)

    def _page(self, last: Any, wanted: int) -> tuple[list[tuple[Any, str]], int]:
        """Return up to so many rows after the last, fewer where they are large, and how many there were to choose from."""
        with rls.scope(self.scope):
            page = self.queryset().order_by("pk")
            if last is not None:
                page = page.filter(pk__gt=last)
            rows = page.annotate(_row=sqljson.expression(self.serializer)).values_list("pk", "_row")[:wanted]
            sql, params = rows.query.sql_with_params()
            with connection.cursor() as cursor:
                cursor.execute(BOUNDED.format(sql), [*params, PAGE_BYTES])
                bounded = cursor.fetchall()
        return [(key, text) for key, text, _ in bounded], bounded[0][2] if bounded else 0

    def _lines(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        for data in lines:
            self.digest.update(data)
            yield data


def ndjson(export: Export) -> Iterator[bytes]:
    """One JSON object a line. The first says what this is; the last, how many rows there were, and their checksum: without it
    the file is not complete."""
    yield dumps({"manifest": export.manifest(complete=False)}) + b"\n"

    def lines() -> Iterator[bytes]:
        for text in export.texts():
            export.rows += 1
            yield text.replace(b"\n", b" ")  # json_build_object breaks no line of its own; a text's are escaped
            yield b"\n"

    yield from export._lines(lines())
    yield dumps({"manifest": export.manifest(complete=True)}) + b"\n"


def table(export: Export) -> Iterator[bytes]:
    """CSV with a header, UTF-8 with a mark that spreadsheets need, formulas neutralised by an apostrophe."""
    yield "\ufeff".encode()
    yield from export._lines(_csv(export))


def archive(export: Export) -> Iterator[bytes]:
    """A ZIP of the CSV and, last, manifest.json with the number of rows and the checksum of the CSV without its mark."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as file:
        with file.open(f"{export.kind}.csv", "w", force_zip64=True) as inner:
            for chunk in table(export):
                inner.write(chunk)
                if sink.ready:
                    yield sink.take()
        file.writestr("manifest.json", dumps(export.manifest(complete=True)))
    yield sink.take()


FORMATS: dict[str, tuple[str, Callable[[Export], Iterator[bytes]]]] = {
    "ndjson": ("application/x-ndjson", ndjson),
    "csv": ("text/csv; charset=utf-8", table),
    "zip": ("application/zip", archive),
}
"""What `format` may be -> its media type, what writes it."""


def _csv(export: Export) -> Iterator[bytes]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(export.fields)
    for text in export.texts():
        export.rows += 1
        row = orjson.loads(text)
        writer.writerow([_cell(_at(row, name)) for name in export.fields])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    if not export.rows:
        yield buffer.getvalue().encode()


def _at(row: dict[str, Any], name: str) -> Any:
    outer, _, inner = name.partition(".")
    value = row[outer]
    return (value or {}).get(inner) if inner else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        return orjson.dumps(value).decode()
    return neutralize(value) if isinstance(value, str) else str(value)


def neutralize(text: str) -> str:
    """Return a text as a spreadsheet may be given it: one that it would run begins with an apostrophe."""
    return f"'{text}" if text.lstrip(" ").startswith(DANGEROUS) else text


class _Sink(io.RawIOBase):
    """Takes what ZipFile writes and hands it on: no file is ever whole anywhere."""

    ENOUGH = 64 * 1024

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    @property
    def ready(self) -> bool:
        return self.size >= self.ENOUGH

    def take(self) -> bytes:
        data, self.parts, self.size = b"".join(self.parts), [], 0
        return data


def rechunk(chunks: Iterator[bytes], size: int = 64 * 1024) -> Iterator[bytes]:
    """Join small chunks and cut large ones: a line a write would be mostly overhead, and whoever sends holds several pieces."""
    held: list[bytes] = []
    length = 0
    for chunk in chunks:
        held.append(chunk)
        length += len(chunk)
        if length < size:
            continue
        whole = b"".join(held)
        held, length, chunk = [], 0, b""
        for begin in range(0, len(whole), size):
            yield whole[begin : begin + size]
        whole = b""
    yield b"".join(held)
