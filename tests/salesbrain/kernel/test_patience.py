"""Watchdog of slow clients on real connections: stalled ones are cut, active ones stay."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from time import monotonic

import pytest

from salesbrain.kernel.serving import connections
from salesbrain.kernel.serving.patience import LEAST, SLOWEST, Input, Patience

pytestmark = pytest.mark.skipif(not connections.supported(), reason="the kernel does not tell")


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def pair(server) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Return both ends of a connection: the server's and the client's."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(server.getsockname())
    ours, _ = server.accept()
    with ours, client:
        yield ours, client


def fill(ours: socket.socket) -> None:
    """Write until both buffers are full."""
    ours.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            ours.send(b"x" * 65536)
    ours.setblocking(True)


def is_cut(ours: socket.socket) -> bool:
    try:
        ours.send(b"x", socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return False


def test_a_reader_that_takes_nothing_is_cut_after_the_time_and_not_before(pair):
    ours, _ = pair
    fill(ours)
    patience, now = Patience(30), monotonic()
    patience.look(now=now)
    patience.look(now=now + 29)
    assert (patience.cut, is_cut(ours)) == (0, False)
    patience.look(now=now + 31)
    assert (patience.cut, is_cut(ours)) == (1, True)


def test_a_reader_that_takes_something_is_left_alone(pair):
    ours, client = pair
    fill(ours)
    patience, now = Patience(30), monotonic()
    patience.look(now=now)
    left = 40 * LEAST
    while left > 0:
        left -= len(client.recv(min(left, 65536)))
        ours.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            ours.send(b"x" * 65536)
    patience.look(now=now + 29)
    patience.look(now=now + 31)
    assert patience.cut == 0


def test_an_idle_connection_is_left_alone(pair):
    patience, now = Patience(30), monotonic()
    patience.look(now=now)
    patience.look(now=now + 1000)
    assert patience.cut == 0


def read_body(ours: socket.socket, patience: Patience, began: float, length: int) -> threading.Thread:
    """Read a body as the application does, in a thread that blocks in the read."""

    class Stream:
        def read(self, size: int) -> bytes:
            return ours.recv(size, socket.MSG_WAITALL)

    thread = threading.Thread(target=Input(Stream(), patience, began, length).read, args=[length], daemon=True)
    thread.start()
    due = monotonic() + 30
    while not patience.readings:
        assert monotonic() < due
    return thread


def test_a_sender_that_does_not_end_its_body_is_cut_and_the_thread_is_free(pair, server):
    """A client that stops in the middle of its body is cut, while an idle and a working connection stay."""
    ours, client = pair
    with socket.create_connection(server.getsockname()) as answered:
        theirs, _ = server.accept()
        with theirs:
            answered.sendall(b"GET / HTTP/1.1\r\n\r\n")
            theirs.recv(100)
            theirs.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            answered.recv(100)
            client.sendall(b"POST / HTTP/1.1\r\n\r\n{")
            ours.recv(20)
            patience, now = Patience(30), monotonic()
            patience.look(now=now)
            reading = read_body(ours, patience, now, 1000)
            client.sendall(b" ")
            patience.look(now=now + 29)
            assert (patience.cut, reading.is_alive()) == (0, True)
            client.sendall(b" ")
            patience.look(now=now + 31)
            reading.join(30)
            assert (patience.cut, reading.is_alive()) == (1, False)
            assert not is_cut(theirs)


def test_a_large_body_may_take_longer(pair):
    ours, client = pair
    client.sendall(b"{")
    patience, now = Patience(30), monotonic()
    patience.look(now=now)
    reading = read_body(ours, patience, now, 100 * SLOWEST)
    patience.look(now=now + 129)
    assert patience.cut == 0
    patience.look(now=now + 131)
    reading.join(30)
    assert patience.cut == 1


def test_a_request_that_is_worked_on_for_long_is_left_alone(pair):
    """A request whose body has arrived completely is never cut, however long it is processed."""
    ours, client = pair
    client.sendall(b"GET / HTTP/1.1\r\n\r\n")
    ours.recv(100)
    patience, now = Patience(30), monotonic()
    patience.look(now=now)
    patience.look(now=now + 1000)
    assert patience.cut == 0
