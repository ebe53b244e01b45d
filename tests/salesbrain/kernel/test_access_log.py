"""HTTP access log lines: complete for operators, free of leads' data, bounded."""

import io
import logging
from time import monotonic
from typing import Any

import pytest
from django.test import Client

from instantly.webhooks.wsgi import PATH, with_webhook
from salesbrain.kernel import access_log
from salesbrain.kernel import logging as logs
from salesbrain.kernel.serving.lanes import Lane
from salesbrain.kernel.serving.patience import Patience
from tests import factories


@pytest.fixture
def lines(caplog):
    """Return the access log's lines in the production format."""
    caplog.set_level(logging.INFO)

    def read(event: str = access_log.FINISHED) -> list[dict[str, Any]]:
        told = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
        return [logs.redact(None, "info", dict(line)) for line in told if line.get("event") == event]  # type: ignore[misc]

    return read


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"), [("/login", 200), ("/api/instantly/me", 401), ("/nowhere", 404), ("/a%00b", 404)]
)
def test_a_request_is_one_line_with_its_status_in_the_clear(lines, path, status):
    Client().get(path, {"q": "ann@lead.example"}, REMOTE_ADDR="203.0.113.9")
    (line,) = lines()
    assert (line["method"], line["status"], line["address"]) == ("GET", status, "203.0.113.9")
    assert "ann@lead.example" not in str(line) and line["duration_ms"] >= 0


@pytest.mark.django_db
def test_the_line_of_an_api_request_names_whose_token_it_was(lines, api, customer):
    api(customer).get("/api/instantly/campaigns")
    (line,) = lines()
    assert (line["user_id"], line["status"]) == (str(customer.pk), 200)
    assert customer.email not in str(line)


@pytest.mark.django_db
def test_a_request_that_broke_has_a_line_too(lines, monkeypatch, admin):
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    monkeypatch.setattr("salesbrain.site.admin.dashboard.load_dashboard", lambda now: 1 / 0)
    assert client.get("/admin/").status_code == 500
    (line,) = lines()
    assert (line["path"], line["status"], line["user_id"]) == ("/admin/", 500, str(admin.pk))
    (failure,) = lines("request_failed")
    assert (failure["request"], failure["status"]) == ("GET /admin/", 500)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/admin/campaigns/campaign/3ec7b2c5-4a51-4c3e-9f1c-2f8a1f0f2d11/change/",) * 2,
        ("/x/ann@lead.example/y", "/x/[masked]/y"),
        ("/x/ann%40lead.example", "/x/[masked]"),
        ("/invitation/" + "aB3_" * 8, "/invitation/[masked]"),
        ("/" + "a/" * 1000, "/" + "a/" * 149 + "a"),
    ],
)
def test_addresses_and_keys_in_a_path_are_masked(path, shown):
    assert access_log.shown(path) == shown


# --- the webhook ----------------------------------------------------------------------------------------------------


def deliver(secret: str, raw: bytes = b"{}") -> int:
    heard: list[int] = []
    environ = {
        "PATH_INFO": PATH, "REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(raw), "CONTENT_LENGTH": str(len(raw)),
        "HTTP_X_WEBHOOK_SECRET": secret, "REMOTE_ADDR": "203.0.113.9",
    }  # fmt: skip
    application = with_webhook(lambda *_: [], lane=Lane("deliveries", at_once=1), patience=Patience(30.0))
    application(environ, lambda status, headers: heard.append(int(status.split()[0])))
    return heard[0]


@pytest.mark.django_db(transaction=True)
def test_a_refused_delivery_has_a_line_and_a_stored_one_has_none(lines, acme_connection):
    secret = factories.webhook_secret(acme_connection)
    assert deliver(secret, b'{"event_type": "email_sent"}') == 200 and lines() == []
    assert (deliver("wrong"), deliver(secret, b"[]")) == (401, 400)
    assert [(line["path"], line["status"], line["address"]) for line in lines()] == [
        (PATH, 401, "203.0.113.9"),
        (PATH, 400, "203.0.113.9"),
    ]


def test_a_flood_of_refusals_writes_a_bounded_number_of_lines(lines, monkeypatch):
    monkeypatch.setattr(access_log, "LINES_A_MINUTE", 3)
    refusals = access_log.Refusals()
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": PATH, "REMOTE_ADDR": "203.0.113.9"}
    for _ in range(10):
        refusals.write(environ, 401, monotonic())
    assert len(lines()) == 3
    refusals._ends_at = monotonic()
    refusals.write(environ, 401, monotonic())
    assert lines("refusals_left_out")[0]["requests"] == 7 and len(lines()) == 4
