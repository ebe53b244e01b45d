"""WSGI endpoint of the webhook: same responses as the Django view, other requests passed on."""

import io
from typing import Any

import orjson
import pytest

from instantly.models import Delivery
from instantly.webhooks.wsgi import PATH, with_webhook
from salesbrain import rls
from salesbrain.kernel.serving.lanes import Lane
from salesbrain.kernel.serving.patience import Patience

pytestmark = pytest.mark.django_db(transaction=True)


def call(path: str, raw: bytes = b"", method: str = "POST", **environ: Any) -> tuple[int, dict[str, str], Any]:
    """Call the WSGI endpoint as an app server would; the application behind it reports being called."""
    heard: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        heard.update(status=int(status.split()[0]), headers=dict(headers))

    def behind(environ, start_response):
        start_response("200 OK", [])
        return [orjson.dumps({"behind": environ["PATH_INFO"]})]

    given = {
        "PATH_INFO": path,
        "REQUEST_METHOD": method,
        "wsgi.input": io.BytesIO(raw),
        "CONTENT_LENGTH": str(len(raw)),
    } | environ
    body = b"".join(
        with_webhook(behind, lane=Lane("deliveries", at_once=1), patience=Patience(30.0))(given, start_response)
    )
    return heard["status"], heard["headers"], orjson.loads(body)


def test_a_delivery_is_stored_and_acknowledged(dedicated, payload):
    _, _, secret = dedicated
    status, headers, answer = call(PATH, orjson.dumps(payload("email_sent")), HTTP_X_WEBHOOK_SECRET=secret)
    assert (status, answer) == (200, {"success": True, "message": "accepted"})
    assert headers["Content-Type"] == "application/json"
    with rls.scope(rls.SYSTEM):
        assert Delivery.objects.count() == 1


@pytest.mark.parametrize("path", ["/", PATH + "//", "/webhooks/instantly", "/admin/"])
def test_other_requests_pass_to_django(path):
    assert call(path)[2] == {"behind": path}


def test_a_slash_at_the_end_of_the_address_makes_no_difference(dedicated, payload):
    _, _, secret = dedicated
    status, _, answer = call(PATH + "/", orjson.dumps(payload("email_sent")), HTTP_X_WEBHOOK_SECRET=secret)
    assert (status, answer["message"]) == (200, "accepted")


CHUNKED: dict[str, Any] = {"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"}


@pytest.mark.parametrize("padding", [0, 200_000, 9 * 1024 * 1024])
def test_a_delivery_in_chunks_is_stored_whatever_its_size(dedicated, payload, padding):
    _, _, secret = dedicated
    raw = orjson.dumps(payload("email_sent", email_html="x" * padding))
    assert call(PATH, raw, HTTP_X_WEBHOOK_SECRET=secret, **CHUNKED)[0] == 200
    with rls.scope(rls.SYSTEM):
        assert bytes(Delivery.objects.get().body) == raw


@pytest.mark.parametrize(
    ("raw", "status"),
    [(b"", 400), (b'{"event_type": "email_sent"', 400), (b"x" * (10 * 1024 * 1024 + 1), 413), (b"{}" * 100_000, 400)],
    ids=["empty", "broken off", "too long", "no JSON"],
)
def test_an_invalid_chunked_body_is_refused_and_not_stored(dedicated, raw, status):
    _, _, secret = dedicated
    assert call(PATH, raw, HTTP_X_WEBHOOK_SECRET=secret, **CHUNKED)[0] == status
    with rls.scope(rls.SYSTEM):
        assert Delivery.objects.count() == 0


def test_a_body_in_chunks_is_read_no_further_than_its_bound(dedicated):
    class Endless:
        given = 0

        def read(self, most: int) -> bytes:
            Endless.given += most
            return b" " * most

    _, _, secret = dedicated
    assert call(PATH, b"", "POST", HTTP_X_WEBHOOK_SECRET=secret, **CHUNKED | {"wsgi.input": Endless()})[0] == 413
    assert Endless.given == 10 * 1024 * 1024 + 1


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"CONTENT_LENGTH": ""}, 411),
        ({"CONTENT_LENGTH": None}, 411),
        ({"CONTENT_LENGTH": "-1"}, 411),
        ({"CONTENT_LENGTH": "²"}, 411),
        ({"CONTENT_LENGTH": "1" * 400}, 413),
        ({"CONTENT_LENGTH": "20000000"}, 413),
        ({"CONTENT_LENGTH": "3"}, 400),
        ({"REQUEST_METHOD": "GET"}, 405),
        ({"HTTP_X_WEBHOOK_SECRET": "wrong"}, 401),
        ({"HTTP_X_WEBHOOK_SECRET": "\x00\xff"}, 401),
    ],
    ids=repr,
)
def test_a_wrong_length_or_secret_is_refused_and_nothing_is_stored(dedicated, environ, status):
    _, _, secret = dedicated
    found, headers, answer = call(PATH, b"{}", **({"HTTP_X_WEBHOOK_SECRET": secret} | environ))
    assert (found, answer["success"]) == (status, False)
    assert ("Allow" in headers) is (status == 405)
    with rls.scope(rls.SYSTEM):
        assert Delivery.objects.count() == 0


def test_a_body_that_breaks_off_is_refused(dedicated):
    class Broken:
        def read(self, length: int) -> bytes:
            raise ConnectionResetError

    _, _, secret = dedicated
    assert call(PATH, **{"wsgi.input": Broken(), "CONTENT_LENGTH": "9", "HTTP_X_WEBHOOK_SECRET": secret})[0] == 400


def test_a_dead_kept_connection_is_replaced_without_the_sender_noticing(dedicated, payload):
    from django.db import connections

    _, _, secret = dedicated
    assert call(PATH, orjson.dumps(payload("email_sent")), HTTP_X_WEBHOOK_SECRET=secret)[0] == 200
    pid = connections["inbox"].connection.info.backend_pid
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    assert call(PATH, orjson.dumps(payload("email_opened")), HTTP_X_WEBHOOK_SECRET=secret)[0] == 200


def test_a_database_that_does_not_answer_is_given_up_in_time(dedicated, payload, monkeypatch):
    """The row lock is never released: only the deadline ends the wait, and the next delivery is stored."""
    from time import monotonic

    from django.db import connections

    _, _, secret = dedicated
    body = orjson.dumps(payload("email_sent"))
    call(PATH, orjson.dumps(payload("email_opened")), HTTP_X_WEBHOOK_SECRET=secret)
    owner = connections["owner"]
    owner.set_autocommit(False)
    try:
        with owner.cursor() as cursor:
            cursor.execute("LOCK TABLE instantly_delivery IN ACCESS EXCLUSIVE MODE")
        began = monotonic()
        status, headers, answer = call(PATH, body, HTTP_X_WEBHOOK_SECRET=secret)
        assert (status, headers["Retry-After"], answer["success"]) == (503, "5", False)
        assert monotonic() - began < 5
    finally:
        owner.rollback()
        owner.set_autocommit(True)
    assert call(PATH, body, HTTP_X_WEBHOOK_SECRET=secret)[0] == 200
