"""Exports over the API: complete, in constant memory, harmless in a spreadsheet."""

import csv
import io
import json
import zipfile
from hashlib import sha256

import pytest

from messaging.api import export_views
from salesbrain.api import export_limits, export_streams
from salesbrain.exporting import rows
from tests import factories

URL = "/api/instantly/export/"
KINDS = ("campaigns", "email-accounts", "contacts", "messages", "events", "stats")


@pytest.fixture
def data(acme_connection, globex_connection):
    for connection, marker in ((acme_connection, "acme"), (globex_connection, "globex-secret")):
        campaign = factories.campaign(connection, f"{marker} campaign")
        factories.email_account(connection, f"{marker}@sender.example", first_name=marker)
        for number in range(5):
            factories.message(campaign, f"{marker}{number}@lead.example", subject=f"{marker} subject")
        factories.event(
            campaign,
            1 if marker == "acme" else 2,
            lead_email=f"{marker}@lead.example",
            position=1 if marker == "acme" else 2,
        )
        factories.daily_stats(campaign, sent=5, email_account=f"{marker}@sender.example")


@pytest.fixture
def fetch(api, customer, monkeypatch):
    monkeypatch.setattr(rows, "PAGE", 2)  # several pages, each in its own scope
    client = api(customer)

    def get(kind: str, **query) -> bytes:
        answer = client.get(URL + kind, query)
        assert answer.status_code == 200
        return b"".join(answer.streaming_content)

    return get


def lines(content: bytes) -> list[dict]:
    return [json.loads(line) for line in content.splitlines()]


@pytest.mark.parametrize("format", ["ndjson", "csv", "zip"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_customer_exports_hers_and_only_hers(data, fetch, kind, format):
    content = fetch(kind, format=format)
    if format == "zip":
        content = zipfile.ZipFile(io.BytesIO(content)).read(f"{kind}.csv")
    assert b"acme" in content or kind in ("stats",)
    assert b"globex-secret" not in content


def test_every_row_comes_once_between_two_manifests(data, fetch):
    first, *rows, last = lines(fetch("messages"))
    assert len({row["id"] for row in rows}) == len(rows) == 5
    assert "rows" not in first["manifest"] and first["manifest"]["kind"] == "messages"
    assert (last["manifest"]["rows"], last["manifest"]["complete"]) == (5, True)


def test_the_checksum_is_of_the_rows(data, fetch):
    content = fetch("contacts")
    rows = content.splitlines(keepends=True)[1:-1]
    assert lines(content)[-1]["manifest"]["sha256"] == sha256(b"".join(rows)).hexdigest()


def test_an_archive_holds_the_table_and_its_manifest(data, fetch):
    archive = zipfile.ZipFile(io.BytesIO(fetch("messages", format="zip")))
    table, manifest = archive.read("messages.csv"), json.loads(archive.read("manifest.json"))
    assert archive.testzip() is None and archive.namelist() == ["messages.csv", "manifest.json"]
    assert manifest["sha256"] == sha256(table.removeprefix(b"\xef\xbb\xbf")).hexdigest() and manifest["rows"] == 5


def test_a_table_has_a_column_for_every_field(data, fetch):
    rows = list(csv.DictReader(io.StringIO(fetch("messages", format="csv").decode("utf-8-sig"))))
    assert len(rows) == 5 and {row["contact.email"] for row in rows} == {
        f"acme{number}@lead.example" for number in range(5)
    }
    assert rows[0]["opened_at"] == "" and rows[0]["is_auto_reply"] == "false"


def test_an_empty_export_has_a_header_and_a_manifest(acme, fetch):
    assert fetch("events", format="csv").decode("utf-8-sig").startswith("id,organization_id,position")
    assert lines(fetch("events"))[-1]["manifest"]["rows"] == 0


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        *(
            (text, f"'{text}")
            for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", '=HYPERLINK("http://evil.example")')
        ),
        ("\r=1", "'\r'=1"),
        ("\ufeff=1", "'\ufeff=1"),
        ("\xa0\u3000\uff1dSUM(A1)", "'\xa0\u3000\uff1dSUM(A1)"),
        ("foo;=cmd", "foo;'=cmd"),
    ],
)
def test_a_formula_does_not_run_in_a_spreadsheet(acme_connection, fetch, text, cell):
    factories.message(factories.campaign(acme_connection), subject=text, step=-1)
    row = next(csv.DictReader(io.StringIO(fetch("messages", format="csv").decode("utf-8-sig"), newline="")))
    assert row["subject"] == cell
    assert row["step"] == "-1", "numbers stay numbers"


def test_filters_narrow_an_export(data, fetch):
    assert lines(fetch("messages", since="2026-07-11"))[-1]["manifest"]["rows"] == 0
    found = lines(fetch("messages", until="2026-07-11"))[-1]["manifest"]
    assert found["rows"] == 5 and found["filters"] == {"until": "2026-07-11"}


def test_staff_export_one_organization_or_all(data, api, viewer, globex):
    client = api(viewer)
    everything = b"".join(client.get(URL + "messages").streaming_content)
    one = b"".join(client.get(f"{URL}messages?organization_id={globex.pk}").streaming_content)
    assert (lines(everything)[-1]["manifest"]["rows"], lines(one)[-1]["manifest"]["rows"]) == (10, 5)


@pytest.mark.parametrize("kind", ["people", "Campaigns", "..", "connections"])
def test_an_unknown_kind_is_not_found(api, customer, kind):
    assert api(customer).get(URL + kind).status_code == 404


def test_memory_does_not_grow_with_the_rows(data, api, customer, monkeypatch):
    """Each page of rows is requested only after all rows of the previous one were sent."""
    monkeypatch.setattr(rows, "PAGE", 1)
    monkeypatch.setattr(export_views, "rechunk", lambda pieces: pieces)  # which waits for 64 KiB
    asked = []
    original = rows.Rows.page
    monkeypatch.setattr(rows.Rows, "page", lambda self, *page: asked.append(page) or original(self, *page))
    sent = [(len(asked), piece.startswith(b'{"id"')) for piece in api(customer).get(URL + "messages").streaming_content]
    assert [pages for pages, is_row in sent if is_row] == [1, 2, 3, 4, 5]


def test_a_page_of_large_rows_is_short_and_no_row_is_left_out(acme_connection, fetch, monkeypatch):
    campaign = factories.campaign(acme_connection)
    for number in range(7):
        factories.message(campaign, f"acme{number}@lead.example", body_text="x" * 1000 * (number % 3))
    monkeypatch.setattr(rows, "PAGE", 1000)
    monkeypatch.setattr(rows, "PAGE_BYTES", 1500)
    pages = []
    original = rows.Rows.page

    def counted(self, last, wanted):
        page, found = original(self, last, wanted)
        pages.append(sum(len(text) for _, text in page[:-1]))
        return page, found

    monkeypatch.setattr(rows.Rows, "page", counted)
    first, *sent, last = lines(fetch("messages"))
    assert len({row["id"] for row in sent}) == last["manifest"]["rows"] == 7
    assert len(pages) > 3 and max(pages) < 1500, "all but the last of a page are within the bound"


def test_large_rows_are_sent_in_small_pieces():
    pieces = list(export_streams.rechunk(iter([b"a" * 10, b"b" * 250, b"c" * 10]), size=100))
    assert b"".join(pieces) == b"a" * 10 + b"b" * 250 + b"c" * 10 and max(map(len, pieces)) == 100


def test_exports_at_the_same_time_are_limited_for_each_caller_and_in_all(data, api, customer, stranger, settings):
    settings.EXPORTS_OF_A_CALLER, settings.EXPORTS_AT_ONCE = 2, 3
    export_limits.forget()
    mine, theirs = api(customer), api(stranger)
    running = [mine.get(URL + "messages") for _ in range(2)]
    refused = mine.get(URL + "messages")
    assert (refused.status_code, refused["Retry-After"]) == (429, "30")
    assert "2 exports of yours are still running" in refused.json()["detail"]
    running.append(theirs.get(URL + "messages"))
    assert "3 exports are running already" in theirs.get(URL + "messages").json()["detail"]
    for close in running[0]._resource_closers:  # as the app server does where the reader has gone
        close()
    assert mine.get(URL + "messages").status_code == 200
    b"".join(running[1].streaming_content)
    assert theirs.get(URL + "messages").status_code == 200


def test_an_export_refused_for_another_reason_does_not_count_towards_the_limit(api, customer):
    client = api(customer)
    for _ in range(10):
        assert client.get(URL + "people").status_code == 404
    assert client.get(URL + "messages").status_code == 200
