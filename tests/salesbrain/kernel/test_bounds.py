"""WSGI limits: large and streamed responses, too many requests, too large bodies."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import HttpResponse, StreamingHttpResponse

from salesbrain.kernel.env import BASE_DIR
from salesbrain.kernel.serving import plan, refusals, wsgi
from salesbrain.kernel.serving.lanes import Budget, Lane, PerKey
from salesbrain.kernel.serving.lending import Lender
from salesbrain.kernel.serving.patience import Patience
from salesbrain.kernel.serving.wsgi import Bounds, with_bounds


@pytest.fixture(autouse=True)
def no_database() -> Iterator[None]:
    """Remove open database connections of earlier tests, which the end of a response would close."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


@pytest.fixture
def pages() -> Lane:
    return Lane("pages", at_once=1, lends=[Lender("default", most=1)])


@pytest.fixture
def bounds(pages: Lane) -> Bounds:
    return Bounds(
        lane_of=lambda path, method: None if path == "/healthz" else pages,
        streams=Lane("streams", at_once=2),
        streams_of_an_address=PerKey(most=2, total=10),
        bodies=Budget(1000),
        answers=Budget(4 * wsgi.SMALL),
        lends=Lender("default", most=1),
        patience=Patience(30),
    )


def ask(application: Any, path: str = "/api/x", /, **environ: Any) -> tuple[int, dict[str, str], Any]:
    heard: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        heard.update(status=int(status.split()[0]), headers=dict(headers))

    given = {"PATH_INFO": path, "REQUEST_METHOD": "GET", "REMOTE_ADDR": "192.0.2.1"} | environ
    body = application(given, start_response)
    return heard["status"], heard["headers"], body


def answering(response: Any) -> Any:
    def application(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return response()

    return application


def test_a_small_answer_is_whole_and_its_place_free_at_once(bounds, pages):
    closed = []
    response = HttpResponse(b"small")
    response.close = lambda: closed.append(True)  # type: ignore[method-assign]  # patched to notice
    status, _, body = ask(with_bounds(answering(lambda: response), bounds))
    assert (status, body, pages.busy, closed) == (200, [b"small"], 0, [True])


def test_a_stream_leaves_the_lane_and_holds_a_place_of_its_own_until_it_is_closed(bounds, pages):
    def pieces() -> Iterator[bytes]:
        yield b"one"
        yield b"two"

    _, _, body = ask(with_bounds(answering(lambda: StreamingHttpResponse(pieces())), bounds))
    assert (pages.busy, bounds.streams.busy) == (0, 1)
    assert next(body) == b"one"
    body.close()
    assert bounds.streams.busy == 0 and bounds.streams_of_an_address.held("192.0.2.1") == 0


def test_a_large_answer_is_sent_in_pieces_and_within_a_budget(bounds, pages):
    large = b"x" * (wsgi.SMALL + 1)
    _, _, body = ask(with_bounds(answering(lambda: HttpResponse(large)), bounds))
    assert (pages.busy, bounds.answers.taken) == (0, len(large))
    sent = list(body)
    assert b"".join(sent) == large and max(map(len, sent)) <= wsgi.PIECE
    body.close()
    assert bounds.answers.taken == 0


def test_downloads_of_one_address_are_limited_and_others_are_not(bounds):
    application = with_bounds(answering(lambda: StreamingHttpResponse([b"x"])), bounds)
    bounds.streams.at_once = 3
    held = [ask(application)[2] for _ in range(2)]
    status, headers, body = ask(application)
    assert status == 429 and headers["Retry-After"] == "30"
    assert orjson.loads(body[0])["code"] == "too_many_downloads"
    assert ask(application, REMOTE_ADDR="192.0.2.2")[0] == 200
    held[0].close()
    assert ask(application)[0] == 200


def test_a_full_lane_is_503_with_retry_after_and_health_passes(bounds, pages):
    application = with_bounds(answering(lambda: HttpResponse(b"x")), bounds)
    pages.take()
    status, headers, body = ask(application)
    assert (status, orjson.loads(body[0])["code"]) == (503, "busy") and int(headers["Retry-After"]) > 0
    status, headers, body = ask(application, "/admin/")
    assert status == 503 and headers["Content-Type"].startswith("text/plain")
    assert ask(application, "/healthz")[0] == 200
    pages.give_back()
    assert ask(application)[0] == 200


@pytest.mark.parametrize(
    ("path", "accepted", "language"),
    [
        ("/api/v1/messages/", "de-DE,de;q=0.9,en;q=0.8", "de"),
        ("/api/v1/messages/", "DE", "de"),
        ("/inbox", "de;q=0.9", "de"),
        ("/inbox", "en-GB,de;q=0.8", "en"),
        ("/inbox", "den", "en"),
        ("/inbox", "", "en"),
        ("/webhooks/instantly/", "de", "en"),
    ],
    ids=["api", "upper case", "page", "English first", "another language", "none named", "webhook"],
)
def test_a_refusal_is_in_the_language_of_the_client(bounds, pages, path, accepted, language):
    application = with_bounds(answering(lambda: HttpResponse(b"x")), bounds)
    pages.take()
    status, headers, body = ask(application, path, HTTP_ACCEPT_LANGUAGE=accepted)
    words = b"Bitte versuchen Sie es in" if language == "de" else b"Please try again in"
    assert status == 503 and words in body[0] and headers["Retry-After"].encode() in body[0]
    assert headers["Content-Language"] == language and headers["Vary"] == "Accept-Language"


def test_both_languages_of_a_refusal_name_the_same_number():
    sentences = [
        value
        for name, value in vars(refusals).items()
        if name.isupper() and isinstance(value, tuple) and "/" not in value[0]
    ]
    assert len(sentences) == 5 and all(english.count("{}") == german.count("{}") for english, german in sentences)


def test_large_bodies_share_a_budget(bounds, pages):
    seen = []
    application = with_bounds(answering(lambda: seen.append(bounds.bodies.taken) or HttpResponse(b"x")), bounds)
    environ: dict[str, Any] = {"wsgi.input": None, "CONTENT_LENGTH": str(wsgi.SMALL + 1)}
    assert ask(application, **environ)[0] == 200
    assert seen == [1000] and bounds.bodies.taken == 0
    bounds.bodies.take(1000, until=0)
    assert ask(application, **environ)[0] == 503
    assert ask(application, **(environ | {"CONTENT_LENGTH": "10"}))[0] == 200


def test_all_permits_are_returned_after_a_failure(bounds, pages):
    def fails() -> None:
        raise ValueError("broken")

    broken: dict[str, Any] = {"wsgi.input": None, "CONTENT_LENGTH": "999999"}
    with pytest.raises(ValueError, match="broken"):
        ask(with_bounds(answering(fails), bounds), **broken)
    assert (pages.busy, bounds.bodies.taken) == (0, 0)


def test_the_app_server_has_more_threads_than_the_lanes_can_hold():
    words = Path(BASE_DIR / "Procfile").read_text().split()
    assert int(words[words.index("--blocking-threads") + 1]) == plan.THREADS
    assert sum(lane.threads for lane in plan.LANES) < plan.THREADS


@pytest.mark.parametrize(
    ("method", "path", "lane"),
    [
        ("GET", "/readyz", plan.QUESTIONS),
        ("GET", "/metrics", plan.QUESTIONS),
        ("POST", "/login", plan.LOGINS),
        ("GET", "/login", plan.PAGES),
        ("POST", "/api/auth/tokens", plan.LOGINS),
        ("GET", "/api/instantly/messages", plan.PAGES),
        ("GET", "/healthz", None),
    ],
)
def test_each_kind_of_request_has_its_lane(method, path, lane):
    assert plan.lane_of(path, method) is lane
