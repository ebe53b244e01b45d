"""Error reports to Sentry: off by default, and without data of the request or delivery."""

import json
import logging
from typing import Any

import pytest
import sentry_sdk
import structlog
from django.core.exceptions import ImproperlyConfigured
from sentry_sdk.transport import Transport

from salesbrain.kernel import error_reports
from tests.salesbrain.test_production import production
from tests.salesbrain.test_setting_mistakes import settings_of

DSN = "https://0123456789abcdef@sentry.example.com/1"
CANARIES = ("lead@lead.example", "sb_0123456789abcdefghij", "Gladly, call me on Thursday", "192.0.2.7", "hunter2")


class Kept(Transport):
    """Transport that keeps reports instead of sending them."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.events: list[Any] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.events += [item.payload.json for item in envelope.items]


@pytest.fixture
def sent():
    """Start the reports with a transport that keeps them; return the kept reports, and stop afterwards."""
    transport = Kept()
    error_reports.start(DSN, transport=transport)
    yield transport.events
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def fail(address: str, key: str, body: str, origin: str, password: str) -> None:
    """Raise an error with all of these values in variables, arguments, message and cause."""
    try:
        raise ValueError(f"{address} wrote {body}")
    except ValueError as error:
        raise RuntimeError(f"{key} {origin} {password}") from error


def report() -> None:
    sentry_sdk.set_user({"email": CANARIES[0], "ip_address": CANARIES[3]})
    sentry_sdk.set_tag("address", CANARIES[0])
    sentry_sdk.set_context("delivery", {"body": CANARIES[2]})
    sentry_sdk.set_extra("key", CANARIES[1])
    sentry_sdk.add_breadcrumb(message=CANARIES[2])
    logger = logging.getLogger("instantly.processing.batch")
    try:
        fail(*CANARIES)
    except RuntimeError:
        logger.exception("Could not read the mail of %s", CANARIES[0])
    logger.error("A delivery of %s with %s was refused", CANARIES[0], CANARIES[1], extra={"body": CANARIES[2]})
    logger.error(f"Written out: {CANARIES[0]} {CANARIES[4]}")
    logger.warning("No error, and not reported")


def test_a_report_says_where_and_holds_no_address_key_or_body(sent):
    with structlog.contextvars.bound_contextvars(request_id="request-7", user_email=CANARIES[0]):
        report()
    assert len(sent) == 3
    text = json.dumps(sent)
    assert [canary for canary in CANARIES if canary in text] == []
    error, cause = sent[0]["exception"]["values"][-1], sent[0]["exception"]["values"][0]
    assert {error["type"], cause["type"]} == {"RuntimeError", "ValueError"}
    assert any(frame["function"] == "fail" for frame in error["stacktrace"]["frames"])
    assert sent[0]["tags"] == {"request_id": "request-7"}
    assert sent[1]["logger"] == "instantly.processing.batch"


def test_only_allowed_fields_are_sent(sent):
    report()
    assert {name for event in sent for name in event} <= {
        *error_reports.EVENT,
        "tags",
        "exception",
        "fingerprint",
        "message",
    }


def test_nothing_is_reported_without_an_address():
    assert settings_of(production())["SENTRY_DSN"] == ""
    assert not sentry_sdk.get_client().is_active()


def test_an_invalid_address_is_reported_in_one_sentence():
    with pytest.raises(ImproperlyConfigured, match="SENTRY_DSN is no address of a Sentry project"):
        error_reports.start("sentry.example.com")
