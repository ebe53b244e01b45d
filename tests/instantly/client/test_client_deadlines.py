"""Deadlines of the client's calls against slow servers; they are short and real, nothing is measured."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from instantly.client import deadline_adapter, errors, transport
from instantly.client.retry import Deadline

WORKSPACE = {"id": "w-1", "name": "Acme"}
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def test_a_silent_server_is_abandoned_at_the_deadline(new_client, server, answers):
    server.always = answers.silence()

    with pytest.raises(errors.CallTimeout) as caught:
        new_client(deadline=0.2).current_workspace()

    assert isinstance(caught.value, TimeoutError)
    assert not isinstance(caught.value, errors.OutOfTime)
    assert caught.value.retryable and not caught.value.uncertain


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (OK + b"Content-Length: 1000000\r\n\r\n[", b"1"),
        (OK + b"\r\n[", b"1"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2;", b"x"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
        (OK + b"X-Slow: ", b"x"),
        (OK, b"X: y\r\n"),
        (b"HTTP/1.1 ", b"2"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "body without length", "chunks", "chunk size", "trailers", "header", "headers", "status", "continue"],
)
def test_a_server_that_drips_is_abandoned_at_the_deadline(new_client, server, answers, start, drop):
    server.always = answers.endless(start, drop, pause=0.02)

    # A drip is either never finished in time, or (too many headers, too long a line) seen to be no HTTP before that.
    with pytest.raises((errors.CallTimeout, errors.NetworkError)) as caught:
        new_client(deadline=0.3, sleep=lambda seconds: None).current_workspace()

    assert caught.value.status is None


def test_a_drip_is_held_to_the_deadline_through_a_session_from_outside_too(new_client, server, answers):
    import requests

    server.always = answers.endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", pause=0.02)

    with pytest.raises(errors.CallTimeout), requests.Session() as session:
        new_client(deadline=0.3, session=session).current_workspace()


def test_a_hanging_first_attempt_leaves_time_for_a_second(new_client, server, answers, monkeypatch):
    monkeypatch.setattr(transport, "PATIENCE_SECONDS", 0.1)
    server.will(answers.silence(), answers.json(WORKSPACE))

    assert new_client().current_workspace().id == "w-1"


def test_a_hanging_write_is_not_repeated_and_its_outcome_is_uncertain(new_client, server, answers, monkeypatch):
    monkeypatch.setattr(transport, "PATIENCE_SECONDS", 0.1)
    server.always = answers.silence()

    with pytest.raises(errors.CallTimeout) as caught:
        new_client().activate_campaign("c-1")

    assert caught.value.uncertain and not caught.value.retryable
    assert len(server.received) == 1


def test_the_time_around_many_calls_ends_the_one_in_hand(new_client, server, answers):
    server.always = answers.silence()
    client = new_client()

    with pytest.raises(errors.OutOfTime, match="the time given for this run is over"), client.within(seconds=0.2):
        client.current_workspace()


def test_the_time_around_many_calls_ends_between_two_pages(new_client, server, answers, time_):
    server.always = answers.json({"items": [{"id": "t", "label": "x"}], "next_starting_after": "more"})
    client = new_client(clock=time_.clock)

    with client.within(seconds=900):
        listing = client.custom_tags()
        next(listing)
        time_.now += 901
        with pytest.raises(errors.OutOfTime) as caught:
            next(listing)

    assert isinstance(caught.value, errors.CallTimeout) and caught.value.retryable
    assert not listing.complete
    assert len(server.received) == 1


def test_an_inner_time_cannot_outlast_the_outer_and_both_end_with_their_block(new_client, server, answers, time_):
    server.always = answers.json(WORKSPACE)
    client = new_client(clock=time_.clock)

    with client.within(seconds=10), client.within(seconds=1000):
        time_.now += 11
        with pytest.raises(errors.OutOfTime):
            client.current_workspace()

    assert client.current_workspace().id == "w-1"


def test_a_write_that_finds_no_time_left_was_not_sent(new_client, server, answers, time_):
    client = new_client(clock=time_.clock)

    with client.within(seconds=1):
        time_.now += 2
        with pytest.raises(errors.OutOfTime) as caught:
            client.delete_campaign("c-1")

    assert not caught.value.uncertain
    assert server.received == []


def test_the_addresses_of_a_host_share_the_time_to_connect(new_client, server, answers, monkeypatch):
    port = int(server.url.rsplit(":", 1)[1])
    tried = []

    def several(host, *args, **kwargs):
        if host != "many.test":
            return real(host, *args, **kwargs)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", port)) for n in (1, 2, 3, 4)]

    def connect(address, timeout, **kwargs):
        tried.append((address[0], timeout))
        time_now[0] += timeout
        raise TimeoutError

    real = socket.getaddrinfo
    time_now = [0.0]
    monkeypatch.setattr(socket, "getaddrinfo", several)
    monkeypatch.setattr(urllib3.util.connection, "create_connection", connect)

    with pytest.raises(errors.CallTimeout):
        new_client(base_url=f"http://many.test:{port}", deadline=12, clock=lambda: time_now[0]).current_workspace()

    assert sum(timeout for _, timeout in tried) == 12
    assert [address for address, _ in tried] == ["127.0.0.1", "127.0.0.2", "127.0.0.3"]


def test_the_second_address_is_used_when_the_first_refuses(new_client, server, answers, monkeypatch):
    port = int(server.url.rsplit(":", 1)[1])
    resolve, connect = socket.getaddrinfo, urllib3.util.connection.create_connection
    tried = []

    def two(host, *args, **kwargs):
        if host != "two.test":
            return resolve(host, *args, **kwargs)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", port)) for n in (2, 1)]

    def refuse_the_first(address, *args, **kwargs):
        tried.append(address[0])
        if address[0] == "127.0.0.2":
            raise ConnectionRefusedError
        return connect(address, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", two)
    monkeypatch.setattr(urllib3.util.connection, "create_connection", refuse_the_first)
    server.always = answers.json(WORKSPACE)

    assert new_client(base_url=f"http://two.test:{port}").current_workspace().id == "w-1"
    assert tried == ["127.0.0.2", "127.0.0.1"]
    assert server.received[0].headers["host"] == f"two.test:{port}"


class Wire(socket.socket):
    """A fake socket that only records its timeouts."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def settimeout(self, seconds) -> None:
        self.waits.append(seconds)

    def sendall(self, data) -> None:
        pass


@pytest.fixture
def wire() -> Iterator[Any]:
    with Wire() as sock:
        yield sock


def test_the_handshake_gets_the_time_left_after_connecting(time_, monkeypatch, wire):
    def connect(address, timeout, **kwargs):
        time_.now += 4
        return wire

    monkeypatch.setattr(urllib3.util.connection, "create_connection", connect)
    connection = deadline_adapter._HTTPSConnection("127.0.0.1", 443, timeout=5)

    with deadline_adapter.holding_to(Deadline(6, time_.clock), 15):
        made: object = connection._new_conn()

    assert wire.waits == [2] and made is wire


def test_sending_gets_the_remaining_time(time_, wire):
    connection = deadline_adapter._HTTPConnection("127.0.0.1", 80, timeout=5)
    connection.sock = wire

    for seconds in (100, 3):
        with deadline_adapter.holding_to(Deadline(seconds, time_.clock), 15):
            connection.send(b"x")

    assert wire.waits == [15, 3]


def test_connections_through_a_proxy_hold_the_deadline_too():
    adapter = deadline_adapter.DeadlineAdapter()
    manager = adapter.proxy_manager_for("http://proxy.test:3128")

    assert manager.connection_from_url("https://api.instantly.ai").ConnectionCls is deadline_adapter._HTTPSConnection
    adapter.close()


def test_closing_an_answer_closes_the_socket_under_it():
    near, far = socket.socketpair()
    far.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n...")
    response = deadline_adapter._Response(near)
    response.begin()
    kept = response.fp.raw  # so that closing, not the garbage collector, has to do it
    near.close()
    assert near.fileno() >= 0, "it is open for as long as the answer is"

    response.close()

    assert near.fileno() == -1 and kept.closed
    far.close()


def test_a_deadline_counts_down_and_can_be_paused(time_):
    outer = Deadline(100, time_.clock)
    deadline = Deadline(10, time_.clock, outer=outer)

    time_.now += 4
    with deadline.paused():
        time_.now += 50

    assert (deadline.left(), outer.left()) == (6, 46)
    assert deadline.share(3) == 3
    time_.now += 46
    assert deadline.left() == 0
    with pytest.raises(TimeoutError):
        deadline.share(1)
