"""File formats of an export (NDJSON, JSON, CSV): from rows as JSON texts to bytes, row by row."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from .cells import cell

Format = Callable[[Sequence[str], Iterator[str]], Iterator[bytes]]
"""Function from column names and rows to bytes; a column of a nested object is named like contact.email."""


def one_line(text: str) -> str:
    """Return a JSON text without characters that some readers treat as line ends.

    A newline can only be between values, because PostgreSQL escapes it within them: a blank means the same there. The other characters can
    only be within a value: their escapes mean the same there.
    """
    text = text.replace("\n", " ")
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x85", "\\u0085")


def json_lines(columns: Sequence[str], texts: Iterator[str]) -> Iterator[bytes]:
    """Yield NDJSON: one object per line."""
    for text in texts:
        yield one_line(text).encode() + b"\n"


def json_array(columns: Sequence[str], texts: Iterator[str]) -> Iterator[bytes]:
    """Yield one JSON array, an object per line."""
    between = "[\n"
    for text in texts:
        yield f"{between}{one_line(text)}".encode()
        between = ",\n"
    yield b"[]\n" if between == "[\n" else b"\n]\n"


def csv_table(columns: Sequence[str], texts: Iterator[str]) -> Iterator[bytes]:
    """Yield CSV with a header, separated by commas, lines ended by CR LF; formulas neutralized (cells.py)."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    for text in texts:
        row = orjson.loads(text)
        writer.writerow([cell(_at(row, name)) for name in columns])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    if buffer.tell():
        yield buffer.getvalue().encode()


def _at(row: dict[str, Any], name: str) -> Any:
    outer, _, inner = name.partition(".")
    value = row[outer]
    return (value or {}).get(inner) if inner else value


FORMATS: dict[str, Format] = {"json": json_array, "ndjson": json_lines, "csv": csv_table}
