"""Script of endless logins of unknown users over many connections: arguments PORT CONNECTIONS PATH.

Runs until this process is killed.
"""

import json
import socket
import sys
from contextlib import suppress
from itertools import count
from threading import Thread

CSRF = "a" * 32
"""Invented CSRF token: Django only requires that form and cookie agree."""


def form(email: str) -> tuple[bytes, list[str]]:
    """Return body and headers of a login by the page's form."""
    body = f"csrfmiddlewaretoken={CSRF}&username={email}&password=wrong&next=/".encode()
    return body, [
        "Content-Type: application/x-www-form-urlencoded",
        f"Cookie: __Host-csrf={CSRF}",
        "Referer: https://127.0.0.1/login",
    ]


def token(email: str) -> tuple[bytes, list[str]]:
    """Return body and headers of a login by the API."""
    return json.dumps({"email": email, "password": "wrong", "name": "x"}).encode(), ["Content-Type: application/json"]


def log_in_again_and_again(port: int, name: int, path: str) -> None:
    for number in count():
        email = f"nobody{name}-{number}@nowhere.example"
        body, own = form(email) if path == "/login" else token(email)
        lines = (
            f"POST {path} HTTP/1.1",
            "Host: 127.0.0.1",
            "Connection: close",
            "X-Forwarded-Proto: https",
            f"Content-Length: {len(body)}",
            *own,
        )
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=60) as client:
            client.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            while client.recv(65536):
                pass


if __name__ == "__main__":
    for connection in range(int(sys.argv[2])):
        Thread(target=log_in_again_and_again, args=[int(sys.argv[1]), connection, sys.argv[3]]).start()
