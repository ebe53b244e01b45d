"""File formats of an export, from JSON texts to bytes and back."""

import csv
import io
import json
from collections.abc import Iterator

import pytest

from salesbrain.exporting import FORMATS, Tally, restore

ROWS = [
    {"id": 1, "text": "line\u2028par\u2029next\x85end\nnew", "contact": {"email": "=a@b.example"}, "figure": -2.5},
    {"id": 2, "text": "Zürich; =1", "contact": None, "figure": None},
]
COLUMNS = ["id", "text", "contact.email", "figure"]


def texts() -> Iterator[str]:
    """Return JSON texts as PostgreSQL writes them: only control characters escaped."""
    return (json.dumps(row, ensure_ascii=False) for row in ROWS)


def written(form: str) -> bytes:
    return b"".join(FORMATS[form](COLUMNS, texts()))


def test_json_and_ndjson_are_read_back_equal() -> None:
    assert json.loads(written("json")) == ROWS
    assert [json.loads(line) for line in written("ndjson").splitlines()] == ROWS


def test_a_line_of_ndjson_is_one_line_for_every_reader() -> None:
    assert len(written("ndjson").decode().splitlines()) == len(ROWS)
    assert rb"line\u2028par\u2029next\u0085end\nnew" in written("ndjson")


def test_csv_is_read_back_equal() -> None:
    first, second = csv.DictReader(io.StringIO(written("csv").decode(), newline=""))
    assert (restore(first["text"]), restore(first["contact.email"])) == (ROWS[0]["text"], "=a@b.example")
    assert (first["figure"], second["figure"], second["contact.email"]) == ("-2.5", "", "")
    assert restore(second["text"]) == "Zürich; =1"


@pytest.mark.parametrize(("form", "nothing"), [("json", b"[]\n"), ("ndjson", b""), ("csv", b"id\r\n")])
def test_an_empty_export_is_a_valid_file(form: str, nothing: bytes) -> None:
    assert b"".join(FORMATS[form](["id"], iter(()))) == nothing


def test_a_tally_counts_rows_and_bytes() -> None:
    tally = Tally()
    data = b"".join(tally.hashed(FORMATS["ndjson"](COLUMNS, tally.count(texts()))))
    assert (tally.rows, tally.size) == (2, len(data))
    assert len(tally.sha256) == 64
