"""HTTP/1.1 server of the emulator with keep-alive connections, on the loopback interface by default.

``/api/v2/...`` is the emulated service, ``/_emulator/...`` (loopback only) the control API.
"""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import orjson

from ..fake import FakeInstantly
from ..wire import STATUS_NAMES, Refusal, Request, Response
from . import control

MAX_BODY_BYTES = 20_000_000
IDLE_SECONDS = 65.0


class EmulatorServer(ThreadingHTTPServer):
    """HTTP server of the emulator, with one daemon thread per connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, fake: FakeInstantly, host: str = "127.0.0.1", port: int = 0) -> None:
        """Raises OSError if the port is taken. Port 0 selects a free one (see ``url``)."""
        self.fake = fake
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        shown = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"http://{shown}:{port}"

    def start(self) -> None:
        """Serve in a background thread."""
        threading.Thread(target=self.serve_forever, args=(0.05,), name="emulator-http", daemon=True).start()

    def stop(self) -> None:
        """Accept no more connections; responses in progress are finished by their threads."""
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Do not log clients that closed their connection."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body in one packet
    server: EmulatorServer

    def _serve(self) -> None:
        body = self._read_body()
        if body is None:
            return
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query=parts.query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        if parts.path.startswith(control.PREFIX):
            response = control.handle(self.server.fake, request, str(self.client_address[0]))
        else:
            response = self.server.fake.handle(request)
        self._write(response)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = do_HEAD = do_OPTIONS = _serve

    def _read_body(self) -> bytes | None:
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return self._read_chunks()
        try:
            length = int(self.headers.get("content-length") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= MAX_BODY_BYTES:
            self._refuse(413 if length > MAX_BODY_BYTES else 400)
            return None
        return self.rfile.read(length) if length else b""

    def _read_chunks(self) -> bytes | None:
        body = b""
        while True:
            try:
                size = int(self.rfile.readline(20).split(b";")[0], 16)
            except ValueError:
                self._refuse(400)
                return None
            if size < 0 or len(body) + size > MAX_BODY_BYTES:
                self._refuse(413)
                return None
            body += self.rfile.read(size)
            self.rfile.readline(4)
            if size == 0:
                return body

    def _refuse(self, status: int) -> None:
        self.close_connection = True
        self._write(Response(status, orjson.dumps(Refusal(status, STATUS_NAMES[status]).body)))

    def _write(self, response: Response) -> None:
        fault = response.fault
        kind = fault.kind if fault else None
        if fault and kind == "reset":
            self._reset()
            return
        if fault and kind in ("hang", "drip"):
            time.sleep(fault.seconds)
        self.send_response(response.status)
        if response.status != 204:
            self.send_header("Content-Type", response.content_type)
            self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD" or response.status == 204:
            return
        if fault and kind == "truncate":
            self.wfile.write(response.body[: len(response.body) // 2])
            self.wfile.flush()
            self._reset()
        elif fault and kind == "drip":
            self._drip(response.body, max(1, len(response.body) // fault.pieces), fault.seconds)
        else:
            self.wfile.write(response.body)

    def _drip(self, body: bytes, piece: int, seconds: float) -> None:
        for start in range(0, len(body), piece):
            self.wfile.write(body[start : start + piece])
            self.wfile.flush()
            time.sleep(seconds)

    def _reset(self) -> None:
        """Close the connection with a TCP reset, as a crashed server does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.connection.close()

    def version_string(self) -> str:
        return "emulator"

    def log_message(self, format: str, *args: object) -> None:
        """Do not log requests: they contain keys."""
