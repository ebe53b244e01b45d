"""Stream exports over the API: NDJSON between two manifests, CSV, or a ZIP of CSV and manifest."""

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from salesbrain import rls
from salesbrain.api import sqljson
from salesbrain.api.renderers import dumps
from salesbrain.exporting import Rows, Tally, csv_table, json_lines


@dataclass
class Export:
    """Rows of one kind with their running counts. `queryset` is called in each page's scope."""

    kind: str
    queryset: Callable[[], QuerySet[Any]]
    serializer: type[serializers.Serializer]
    scope: rls.Scope
    filters: dict[str, str]
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    tally: Tally = field(default_factory=Tally)

    @property
    def fields(self) -> Sequence[str]:
        """Return the names of the columns; of nested objects as contact.email."""
        return [
            f"{name}.{inner}" if isinstance(column, serializers.Serializer) else name
            for name, column in self.serializer().fields.items()
            for inner in (column.fields if isinstance(column, serializers.Serializer) else [""])
        ]

    def manifest(self, *, complete: bool) -> dict[str, Any]:
        """Return the description of the file; if `complete`, with the number of rows and their checksum."""
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
            "rows": self.tally.rows,
            "sha256": self.tally.sha256,
            "complete": True,
        }

    def texts(self) -> Iterator[str]:
        """Yield each row as JSON text, counted."""
        rows = Rows(self.queryset, sqljson.expression(self.serializer), self.scope)
        return self.tally.count(rows.texts())


def ndjson(export: Export) -> Iterator[bytes]:
    """Yield NDJSON: a first line that describes the file, one object per row, a last line with the number of rows and their checksum;
    without it the file is incomplete.
    """
    yield dumps({"manifest": export.manifest(complete=False)}) + b"\n"
    yield from export.tally.hashed(json_lines(export.fields, export.texts()))
    yield dumps({"manifest": export.manifest(complete=True)}) + b"\n"


def table(export: Export) -> Iterator[bytes]:
    """Yield CSV with a header, in UTF-8 with the byte order mark that spreadsheets need, formulas neutralized by an apostrophe."""
    yield "\ufeff".encode()
    yield from export.tally.hashed(csv_table(export.fields, export.texts()))


def archive(export: Export) -> Iterator[bytes]:
    """Yield a ZIP of the CSV and, last, manifest.json with the number of rows and the checksum of the CSV."""
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
"""Media type and writer of each value of `format`."""


class _Sink(io.RawIOBase):
    """File object that hands on what ZipFile writes, so that no file is ever complete in memory."""

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
    """Join small chunks and cut large ones, because one write per line would be mostly overhead."""
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
