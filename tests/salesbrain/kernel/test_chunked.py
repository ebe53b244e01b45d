"""Chunked request bodies: read like bodies with a length, within the limits."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import orjson
import pytest

from salesbrain.kernel.serving import plan, wsgi
from salesbrain.kernel.serving.lanes import Budget, Lane, PerKey
from salesbrain.kernel.serving.lending import Lender
from salesbrain.kernel.serving.patience import Patience
from salesbrain.kernel.serving.wsgi import Bounds, with_bounds

LONGEST = 2 * wsgi.SMALL


@pytest.fixture
def bounds() -> Bounds:
    pages = Lane("pages", at_once=1, lends=[Lender("default", most=1)])
    return Bounds(
        lane_of=lambda path, method: pages,
        streams=Lane("streams", at_once=2),
        streams_of_an_address=PerKey(most=2, total=10),
        bodies=Budget(LONGEST),
        answers=Budget(4 * wsgi.SMALL),
        lends=Lender("default", most=1),
        patience=Patience(30),
        longest=LONGEST,
    )


def echo(environ: Any, start_response: Any) -> Iterable[bytes]:
    """WSGI application that responds with the size of the body it could read."""
    start_response("200 OK", [])
    told = int(environ.get("CONTENT_LENGTH") or 0)
    return [orjson.dumps([told, len(environ["wsgi.input"].read(told))])]


def post(bounds: Bounds, body: Any, coding: str = "chunked") -> tuple[int, Any]:
    heard: list[int] = []
    stream = body if hasattr(body, "read") else BytesIO(body)
    environ = {
        "PATH_INFO": "/api/x",
        "REQUEST_METHOD": "POST",
        "HTTP_TRANSFER_ENCODING": coding,
        "wsgi.input": stream,
    }
    application = with_bounds(echo, bounds)
    answer = b"".join(application(environ, lambda status, headers: heard.append(int(status.split()[0]))))
    return heard[0], orjson.loads(answer)


@pytest.mark.parametrize("size", [0, 1, wsgi.SMALL, wsgi.SMALL + 1, LONGEST])
def test_the_application_reads_all_of_a_body_in_chunks(bounds, size):
    assert post(bounds, b"x" * size) == (200, [size, size])
    assert bounds.bodies.take(LONGEST, until=0), "its room is given back"


def test_a_body_over_the_bound_is_refused_and_read_no_further(bounds):
    stream = BytesIO(b"x" * (LONGEST + 100_000))
    status, answer = post(bounds, stream)
    assert (status, answer["code"]) == (413, "too_large")
    assert stream.tell() == LONGEST + 1


@pytest.mark.parametrize("coding", ["gzip, chunked", "gzip", "chunked, chunked", "x"])
def test_another_encoding_is_refused_before_the_body_is_read(bounds, coding):
    assert post(bounds, b"x", coding)[0] == 400


def test_a_body_that_does_not_arrive_is_refused(bounds):
    class Broken:
        def read(self, size: int) -> bytes:
            raise ConnectionResetError

    assert post(bounds, Broken())[0] == 400


def test_the_bound_is_that_of_bodies_with_a_length(settings):
    settings.WEB_STALLED_SECONDS = 30
    assert plan.BODIES >= settings.DATA_UPLOAD_MAX_MEMORY_SIZE
