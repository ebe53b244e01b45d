"""People who do not exist log in over many connections, until this process is killed. PORT CONNECTIONS PATH"""

import json
import socket
import sys
from contextlib import suppress
from itertools import count
from threading import Thread


def log_in_again_and_again(port: int, name: int, path: str) -> None:
    for number in count():
        body = json.dumps(
            {"email": f"nobody{name}-{number}@nowhere.example", "password": "wrong", "name": "x"}
        ).encode()
        lines = (
            f"POST {path} HTTP/1.1",
            "Host: 127.0.0.1",
            "Connection: close",
            "X-Forwarded-Proto: https",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        )
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=60) as client:
            client.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            while client.recv(65536):
                pass


if __name__ == "__main__":
    for connection in range(int(sys.argv[2])):
        Thread(target=log_in_again_and_again, args=[int(sys.argv[1]), connection, sys.argv[3]]).start()
