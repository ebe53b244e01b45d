"""Empty PostgreSQL server on the loopback, with a password, for drills of an installation.

    python .ci/scratch_server.py      # prints the superuser's address and runs until Ctrl-C

The programs are those of the embedded database; the server runs as an ordinary user, also where root starts it. Its data lie in a folder
of their own under /tmp and are removed at the end.
"""

import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from salesbrain.embedded_postgres import binaries, os_user  # noqa: E402  found by the line above
from salesbrain.embedded_postgres.os_user import OsUser  # noqa: E402  the same

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
}


@contextmanager
def running() -> Iterator[str]:
    """Yield the superuser's address of an empty server; stop it and remove its data afterwards."""
    user = os_user.for_new_data(CHECKOUT)
    programs = binaries.folder(user)
    folder = Path(tempfile.mkdtemp(prefix="salesbrain-scratch-", dir="/tmp"))
    data, password, port = folder / "data", secrets.token_hex(16), free_port()
    try:
        (folder / "password").write_text(password)
        if os_user.is_root():
            for path in (folder, folder / "password"):
                os.chown(path, user.uid, user.gid)
        kept = (
            "-U",
            "postgres",
            "--auth=scram-sha-256",
            "--pwfile",
            folder / "password",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        )
        call(user, programs / "initdb", "-D", data, *kept)
        options = " ".join(f"-c {name}='{value}'" for name, value in (SETTINGS | {"port": str(port)}).items())
        call(user, programs / "pg_ctl", "start", "-D", data, "-l", folder / "server.log", "-w", "-o", options)
        try:
            yield f"postgres://postgres:{password}@127.0.0.1:{port}/postgres"
        finally:
            call(user, programs / "pg_ctl", "stop", "-D", data, "-m", "immediate", "-w")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def call(user: OsUser, *command: str | Path) -> None:
    code, printed = os_user.run(command, user)
    if code:
        raise SystemExit(f"{Path(command[0]).name} ended with {code}:\n{printed}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    with running() as address:
        print(address, flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    return 0


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    raise SystemExit(main())
