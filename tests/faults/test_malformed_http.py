"""Malformed HTTP senders: wrong lengths, chunks, slow or incomplete bodies; no 2xx without a commit."""

import socket
from collections.abc import Callable
from contextlib import suppress
from time import sleep

import pytest

from tests.faults.installation import Installation

PATH = "/webhooks/instantly/webhook"
SLOW = 2
"""Number of slow senders. Each holds a thread of the web server while its body arrives, so more of them than threads would delay the
others; a proxy in front that buffers request bodies, the default of most, prevents that.
"""


def head(installation: Installation, *headers: str) -> bytes:
    lines = [
        f"POST {PATH} HTTP/1.1",
        "Host: 127.0.0.1",
        f"X-Webhook-Secret: {installation.secret}",
        "Connection: close",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def opened(installation: Installation) -> socket.socket:
    return socket.create_connection(("127.0.0.1", installation.port), timeout=20)


def status(connection: socket.socket) -> int | None:
    """Return the status of the response, None if the connection ended without one."""
    answer = b""
    with suppress(OSError):
        while b"\r\n" not in answer and (part := connection.recv(4096)):
            answer += part
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else None


def chunked(body: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:40], body[40:])) + b"0\r\n\r\n"


IN_CHUNKS: dict[str, Callable[[Installation, bytes], bytes]] = {
    "in chunks": lambda i, body: head(i, "Transfer-Encoding: chunked") + chunked(body),
    "in chunks and with a length": lambda i, body: (  # RFC 9112, 6.3: the chunks count
        head(i, "Transfer-Encoding: chunked", f"Content-Length: {len(body)}") + chunked(body)
    ),
}
LIES: dict[str, Callable[[Installation, bytes], bytes]] = {
    "in chunks, and zipped": lambda i, body: head(i, "Transfer-Encoding: gzip, chunked") + chunked(body),
    "in chunks that break off": lambda i, body: head(i, "Transfer-Encoding: chunked") + chunked(body)[:60],
    "shorter than it said": lambda i, body: head(i, f"Content-Length: {len(body) + 100}") + body,
    "longer than it said": lambda i, body: head(i, f"Content-Length: {len(body) - 1}") + body,
    "without a length": lambda i, body: head(i) + body,
    "with two lengths": lambda i, body: head(i, f"Content-Length: {len(body)}", "Content-Length: 5") + body,
    "with a negative length": lambda i, body: head(i, "Content-Length: -1") + body,
    "with a length of 30 digits": lambda i, body: head(i, f"Content-Length: {'9' * 30}") + body,
    "with a length over the bound": lambda i, body: head(i, "Content-Length: 10000001") + body,
}


def test_a_wrong_content_length_is_never_acknowledged_without_being_stored(installation: Installation):
    installation.start_web()
    stored = {installation.body(0)}
    assert installation.post(installation.body(0)).status_code == 200
    answers = {}
    for n, (name, wire) in enumerate(LIES.items(), 1):
        with opened(installation) as connection:
            connection.sendall(wire(installation, installation.body(n)))
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            answer = answers[name] = status(connection)
        assert answer is None or 400 <= answer < 500, answers
    assert installation.post(installation.body(0)).json()["message"] == "known already", "it goes on answering"
    installation.start_worker()
    installation.assert_nothing_is_lost_or_double(stored)


def test_bodies_in_chunks_are_taken_by_the_webhook_and_read_by_the_api(installation: Installation):
    installation.start_web()
    bodies = {name: installation.body(n) for n, name in enumerate(IN_CHUNKS)}
    for name, wire in IN_CHUNKS.items():
        with opened(installation) as connection:
            connection.sendall(wire(installation, bodies[name]))
            assert status(connection) == 200, name
    installation.start_worker()
    installation.assert_nothing_is_lost_or_double(set(bodies.values()))
    login = b'{"name": "x", "email": "nobody@nowhere.example", "password": "wrong"}'
    lines = ["POST /api/auth/tokens HTTP/1.1", "Host: 127.0.0.1", "Connection: close", "X-Forwarded-For: 192.0.2.1",
             "X-Forwarded-Proto: https", "Content-Type: application/json", "Transfer-Encoding: chunked"]  # fmt: skip
    with opened(installation) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + chunked(login))
        assert status(connection) == 401, "the password was read, and is wrong"


@pytest.mark.thorough
def test_slow_senders_are_stored_once_complete_and_block_nobody(installation: Installation):
    installation.start_web()
    bodies = [installation.body(n) for n in range(SLOW)]
    senders = [opened(installation) for _ in bodies]
    for sender, body in zip(senders, bodies, strict=True):
        sender.sendall(head(installation, f"Content-Length: {len(body)}") + body[:10])
    quick = installation.body(100)
    assert installation.post(quick).status_code == 200, "while they are at it"
    sleep(1)
    gone, done = senders[: SLOW // 2], senders[SLOW // 2 :]
    for sender in gone:
        sender.close()
    for sender, body in zip(done, bodies[SLOW // 2 :], strict=True):
        sender.sendall(body[10:])
        assert status(sender) == 200
        sender.close()
    installation.start_worker()
    installation.assert_nothing_is_lost_or_double({quick, *bodies[SLOW // 2 :]})
