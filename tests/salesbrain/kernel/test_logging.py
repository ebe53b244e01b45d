"""Log output: one line per event, secrets redacted, also in libraries' messages."""

import json
import logging
import secrets
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from salesbrain.kernel import logging as logs

KEY = secrets.token_urlsafe(40)
TOKEN = f"sb_{secrets.token_hex(32)}"


@pytest.fixture
def written():
    """Return a function that logs through the production formatter and returns the lines."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter(json=True))
    logger = logging.getLogger("tests.logs")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield logger, lambda: stream.getvalue()
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {TOKEN}", f"X-Webhook-Secret: {KEY}", f"GET failed with api_key={KEY}", f"{{'password': '{KEY}'}}",
        f"postgresql://sb_app:{KEY}@db.example/salesbrain", f"key {KEY} was refused", f"token={TOKEN}&x=1", TOKEN,
    ],
    ids=range(8),  # never by the text: it holds a key that is made anew in every process
)  # fmt: skip
def test_a_secret_in_a_sentence_is_redacted(written, text):
    logger, lines = written
    logger.warning(text)
    assert KEY not in lines() and TOKEN not in lines()
    assert logs.REDACTED in lines()


def test_secrets_in_arguments_and_tracebacks_are_redacted(written):
    logger, lines = written
    try:
        raise ValueError(f"refused: Bearer {TOKEN}")
    except ValueError:
        logger.exception("Could not call %s", {"headers": {"Authorization": KEY}, "api_key": KEY})
    assert KEY not in lines() and TOKEN not in lines()
    assert "ValueError" in json.loads(lines())["exception"]


def test_values_with_a_secret_name_are_redacted():
    event = logs.redact(
        None, "info", {"event": "x", "api_key": "abc", "webhook_secret": "abc", "body_html": "<p>Hi", "status": 3}
    )
    assert event == {
        "event": "x",
        "api_key": logs.REDACTED,
        "webhook_secret": logs.REDACTED,
        "body_html": logs.REDACTED,
        "status": 3,
    }


def test_ordinary_words_and_ids_stay(written):
    logger, lines = written
    logger.info("Synced connection acme: 12 campaigns, 3ec7b2c5-4a51-4c3e-9f1c-2f8a1f0f2d11 is new")
    assert "3ec7b2c5-4a51-4c3e-9f1c-2f8a1f0f2d11" in lines() and logs.REDACTED not in lines()


@pytest.mark.parametrize("as_json", [True, False])
def test_a_newline_does_not_forge_a_log_line(as_json):
    record = logging.LogRecord("x", logging.INFO, "f", 1, "subject %s", ("a\nERROR forged\r\x1b[31m\u2028",), None)
    line = logs.formatter(json=as_json).format(record)
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


@pytest.mark.django_db
def test_a_request_is_one_line_without_its_query(caplog, viewer):
    caplog.set_level(logging.INFO)
    client = Client()
    client.force_login(viewer)
    client.get("/admin/messaging/contact/?q=ann@lead.example")
    told = [record for record in caplog.records if "request_finished" in str(record.msg)]
    assert len(told) == 1
    assert "ann@lead.example" not in str(told[0].msg)
    line: Any = told[0].msg
    assert (line["method"], line["path"], line["status"]) == ("GET", "/admin/messaging/contact/", 200)
    assert (line["user_id"], line["address"]) == (str(viewer.pk), "127.0.0.1") and line["duration_ms"] > 0


@pytest.mark.django_db
def test_routine_machine_requests_are_not_logged(caplog):
    caplog.set_level(logging.INFO)
    Client().get("/healthz")
    assert [record for record in caplog.records if "request_finished" in str(record.msg)] == []
