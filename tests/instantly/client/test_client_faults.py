"""Faults of server and network, mapped to the client's exceptions, over real sockets."""

import gzip
import io
import socket
import zlib

import pytest
import requests
import responses

from instantly.client import errors, transport

WORKSPACE = {"id": "w-1", "name": "Acme"}
JSON = b"Content-Type: application/json\r\n"

REFUSALS = [
    (400, errors.BadRequest),
    (401, errors.InvalidKey),
    (402, errors.PaymentRequired),
    (403, errors.Forbidden),
    (404, errors.NotFound),
    (409, errors.Conflict),
    (413, errors.PayloadTooLarge),
]


def assert_is_a_sentence_with_a_next_step(error: errors.InstantlyError) -> None:
    assert "\n" not in error.message
    assert error.message.endswith(".")
    assert "; " in error.message
    assert "GET /api/v2" in error.message or "POST /api/v2" in error.message


@pytest.mark.parametrize(("status", "kind"), REFUSALS)
def test_a_refusal_has_its_own_error_and_is_never_repeated(client, server, answers, status, kind):
    server.always = answers.json({"statusCode": status, "error": "X", "message": "because of this"}, status)

    with pytest.raises(kind) as caught:
        client.current_workspace()

    assert caught.value.status == status
    assert not caught.value.retryable and not caught.value.uncertain
    assert "because of this" in caught.value.message
    assert_is_a_sentence_with_a_next_step(caught.value)
    assert len(server.received) == 1


def test_a_missing_scope_is_named(client, server, answers):
    server.always = answers.json({"error": "Forbidden"}, 403)

    with pytest.raises(errors.Forbidden, match="the scope workspaces:read"):
        client.current_workspace()


@pytest.mark.parametrize("status", [405, 410, 418, 422, 451])
def test_an_undocumented_status_is_its_own_error(client, server, answers, status):
    server.always = answers.json({}, status)

    with pytest.raises(errors.UnexpectedStatus) as caught:
        client.current_workspace()

    assert caught.value.status == status and not caught.value.retryable
    assert len(server.received) == 1


@pytest.mark.parametrize("body", [b"", b"<html>blocked</html>", b"[1]", b'{"message": ["a", "b"]}', b"\xff\xfe"])
def test_the_status_of_a_refusal_counts_not_its_body(client, server, answers, body):
    server.always = answers.whole(403, body, kind="text/html")

    with pytest.raises(errors.Forbidden) as caught:
        client.current_workspace()

    assert "html" not in caught.value.message
    assert_is_a_sentence_with_a_next_step(caught.value)


def test_a_refusal_whose_body_breaks_off_or_never_ends_is_still_that_refusal(client, server, answers):
    server.will(
        answers.raw(b"HTTP/1.1 402 X\r\nContent-Length: 500\r\n\r\n{"),
        answers.endless(b"HTTP/1.1 402 X\r\n\r\n", b"x" * 65536),
    )

    for _ in range(2):
        with pytest.raises(errors.PaymentRequired):
            client.current_workspace()


def test_the_providers_words_are_bounded_and_stay_on_one_line(client, server, answers):
    nasty = "first\r\nsecond\x1b[31m\u202e\u0000\ud800" + "x" * 5000
    server.always = answers.json({"message": nasty}, 400)

    with pytest.raises(errors.BadRequest) as caught:
        client.current_workspace()

    assert "first second" in caught.value.message
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 400


def test_a_reset_connection_is_a_network_error_after_three_attempts(client, server, answers):
    server.always = answers.reset()

    with pytest.raises(errors.NetworkError) as caught:
        client.current_workspace()

    assert caught.value.status is None and caught.value.retryable and not caught.value.uncertain
    assert isinstance(caught.value, ConnectionError)
    assert_is_a_sentence_with_a_next_step(caught.value)
    assert len(server.received) == 3


def test_a_reset_connection_is_got_over_when_the_second_attempt_works(client, server, answers):
    server.will(answers.reset(), answers.json(WORKSPACE))

    assert client.current_workspace().name == "Acme"


def test_a_body_that_breaks_off_is_a_network_error_and_repeated(client, server, answers):
    half = b"HTTP/1.1 200 OK\r\n" + JSON + b'Content-Length: 100\r\n\r\n{"id": "w-1",'
    server.will(answers.raw(half), answers.raw(half), answers.json(WORKSPACE))

    assert client.current_workspace().id == "w-1"
    assert len(server.received) == 3


def test_a_chunked_body_that_breaks_off_is_a_network_error(client, server, answers):
    server.always = answers.raw(b"HTTP/1.1 200 OK\r\n" + JSON + b'Transfer-Encoding: chunked\r\n\r\n9\r\n{"id": "w')

    with pytest.raises(errors.NetworkError, match="broke off"):
        client.current_workspace()


@pytest.mark.parametrize("garbage", [b"", b"hello\r\n\r\n", b"HTTP/1.1 999999 X\r\n\r\n", b"\x16\x03\x01\x00"])
def test_a_response_that_is_not_http_is_a_network_error(client, server, answers, garbage):
    server.always = answers.raw(garbage)

    with pytest.raises(errors.NetworkError):
        client.current_workspace()


def test_a_closed_port_is_a_network_error_of_an_unsent_call(new_client, time_):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = new_client(base_url=f"http://127.0.0.1:{port}")

    with pytest.raises(errors.NetworkError, match="refused the connection") as caught:
        client.pause_campaign("c-1")

    assert not caught.value.uncertain and caught.value.retryable
    assert time_.slept == [], "a write is repeated after 429 only"


def test_a_name_that_does_not_exist_is_a_network_error(new_client, monkeypatch):
    def nowhere(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)

    with pytest.raises(errors.NetworkError, match="name of the host"):
        new_client(base_url="https://nowhere.example").current_workspace()


def test_an_oversized_body_announced_is_not_read(new_client, server, answers):
    server.always = answers.raw(b"HTTP/1.1 200 OK\r\n" + JSON + b"Content-Length: 5000000\r\n\r\n{")

    with pytest.raises(errors.BodyTooLarge) as caught:
        new_client(max_body=1024).current_workspace()

    assert caught.value.status == 200 and not caught.value.retryable
    assert_is_a_sentence_with_a_next_step(caught.value)
    assert len(server.received) == 1


def test_an_oversized_body_that_never_ends_is_aborted(new_client, server, answers):
    server.always = answers.endless(b"HTTP/1.1 200 OK\r\n" + JSON + b"\r\n[", b"1," * 32768)

    with pytest.raises(errors.BodyTooLarge):
        new_client(max_body=1_000_000).current_workspace()


def test_a_body_is_measured_after_decompression(new_client, server, answers):
    bomb = gzip.compress(b"[" + b"1," * 20_000_000 + b"1]")
    assert len(bomb) < 1_000_000
    server.always = answers.whole(200, bomb, Content_Encoding="gzip")

    with pytest.raises(errors.BodyTooLarge):
        new_client(max_body=1_000_000).current_workspace()


def test_a_compressed_body_is_read(client, server, answers):
    server.will(
        answers.whole(200, gzip.compress(b'{"id": "w-1", "name": "Acme"}'), Content_Encoding="gzip"),
        answers.whole(200, zlib.compress(b'{"id": "w-2", "name": "Acme"}'), Content_Encoding="deflate"),
    )

    assert [client.current_workspace().id for _ in range(2)] == ["w-1", "w-2"]


def test_a_badly_compressed_body_is_a_broken_body(client, server, answers):
    server.always = answers.whole(200, b"this is not gzip", Content_Encoding="gzip")

    with pytest.raises(errors.BrokenBody, match="badly compressed"):
        client.current_workspace()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304, 300])
def test_a_redirect_is_refused_not_followed(client, server, answers, status):
    server.always = answers.whole(status, b"", Location=f"{server.url}/elsewhere")

    with pytest.raises(errors.Redirected) as caught:
        client.current_workspace()

    assert caught.value.status == status and not caught.value.retryable
    assert [request.path for request in server.received] == ["/api/v2/workspaces/current"]
    assert_is_a_sentence_with_a_next_step(caught.value)


def test_the_endless_body_of_a_redirect_is_aborted(client, server, answers):
    start = f"HTTP/1.1 302 X\r\nLocation: {server.url}/elsewhere\r\n\r\n".encode()
    server.always = answers.endless(start, b"x" * 65536)

    with pytest.raises(errors.Redirected):
        client.current_workspace()


def test_a_redirect_to_nonsense_is_a_redirect(client, server, answers):
    server.always = answers.whole(302, b"", Location="http://[nonsense\x0b")

    with pytest.raises(errors.Redirected, match="to elsewhere"):
        client.current_workspace()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<html>Log in to the guest network</html>"),
        ("text/html", b'{"id": "w-1", "name": "Acme"}'),
        ("application/json", b"<html>not json</html>"),
        ("application/json", b'{"id": "w-1", "na'),
        ("application/json", b'{"id": NaN}'),
        ("application/json", b"[" * 100_000),
        ("application/json", b"\x00\x01\x02"),
        ("", b"not json"),
    ],
)
def test_an_answer_that_is_not_json_is_a_broken_body(client, server, answers, kind, body):
    server.always = answers.whole(200, body, kind=kind)

    with pytest.raises(errors.BrokenBody) as caught:
        client.current_workspace()

    assert caught.value.status == 200 and not caught.value.uncertain
    assert "guest network" not in caught.value.message
    assert_is_a_sentence_with_a_next_step(caught.value)
    assert len(server.received) == 1


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"text"', b"{}", b'{"id": null, "name": "x"}'])
def test_json_of_another_shape_is_an_unexpected_shape(client, server, answers, body):
    server.always = answers.whole(200, body)

    with pytest.raises(errors.UnexpectedShape) as caught:
        client.current_workspace()

    assert_is_a_sentence_with_a_next_step(caught.value)


def test_a_json_content_type_with_parameters_or_a_suffix_is_json(client, server, answers):
    body = b'{"id": "w-1", "name": "Acme"}'
    server.will(*(answers.whole(200, body, kind=k) for k in ("Application/JSON; charset=utf-8", "application/x+json")))

    assert [client.current_workspace().id for _ in range(2)] == ["w-1", "w-1"]


UNCERTAIN = {
    "reset": lambda answers: answers.reset(),
    "half a body": lambda answers: answers.raw(b"HTTP/1.1 200 OK\r\n" + JSON + b"Content-Length: 9\r\n\r\n{"),
    "500": lambda answers: answers.json({}, 500),
    "503": lambda answers: answers.json({}, 503, Retry_After="1"),
    "not json": lambda answers: answers.whole(200, b"<html>", kind="text/html"),
    "another shape": lambda answers: answers.json([]),
    "too large": lambda answers: answers.json({"id": "x" * 5000}),
}


@pytest.mark.parametrize("fault", UNCERTAIN)
def test_a_write_of_unknown_outcome_is_reported_and_not_repeated(new_client, server, answers, fault):
    server.always = UNCERTAIN[fault](answers)

    with pytest.raises(errors.InstantlyError) as caught:
        new_client(max_body=1024).pause_campaign("c-1")

    assert caught.value.uncertain and not caught.value.retryable
    assert "not known whether it was carried out" in caught.value.message
    assert_is_a_sentence_with_a_next_step(caught.value)
    assert len(server.received) == 1


def test_the_clients_own_sentences_are_whole_for_every_error_class():
    made = [
        errors.error_for_status(status, "GET /api/v2/x") for status in (400, 401, 402, 403, 404, 409, 413, 429, 500)
    ]

    assert len({type(error) for error in made}) == len(made)
    for error in made:
        assert_is_a_sentence_with_a_next_step(error)


def test_a_connection_is_used_again(client, server, answers):
    server.always = answers.json(WORKSPACE)

    for _ in range(5):
        client.current_workspace()

    assert server.connections == 1


def test_the_client_introduces_itself_by_the_products_name(client, server, answers):
    server.always = answers.json(WORKSPACE)

    client.current_workspace()

    assert server.received[0].headers["user-agent"].startswith("Salesbrain/")
    assert "python" not in server.received[0].headers["user-agent"].lower()


def test_a_session_that_is_given_brings_its_adapters_and_stays_open(new_client, answers, monkeypatch):
    closed = []

    class Canned(requests.adapters.BaseAdapter):
        def send(self, request, **kwargs):
            response = requests.Response()
            response.status_code, response.raw = 200, io.BytesIO(b'{"id": "w-9", "name": "n"}')
            return response

        def close(self):
            closed.append(self)

    session = requests.Session()
    session.mount("https://api.instantly.ai", Canned())
    with new_client(base_url="https://api.instantly.ai", session=session) as client:
        assert client.current_workspace().id == "w-9"

    assert closed == []


def test_the_responses_library_stands_in_for_the_network(new_client):
    with responses.RequestsMock() as canned:
        canned.get("https://api.instantly.ai/api/v2/workspaces/current", json=WORKSPACE)
        client = new_client(base_url="https://api.instantly.ai")

        assert client.current_workspace().id == "w-1"


def test_proxies_of_the_environment_are_not_used_for_this_machine(client, server, answers, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    server.always = answers.json(WORKSPACE)

    assert client.current_workspace().id == "w-1"


def test_error_bodies_have_a_cap_of_their_own(client, server, answers):
    message = b'{"message": "' + b"x" * transport._MAX_ERROR_BODY + b'"}'
    server.always = answers.whole(400, message)

    with pytest.raises(errors.BadRequest) as caught:
        client.current_workspace()

    assert "xxx" not in caught.value.message
