"""File paths of one checkout's embedded PostgreSQL: data, log, socket.

    <checkout>/.local/database-id     the checkout's random id and its path
    <checkout>/.local/postgres/       data, server.log; owned by the server's user
    /var/lib/salesbrain/<id>/         instead, when root's checkout lies where that user cannot go: no home is opened
    /tmp/salesbrain-<id>/             the socket, in a folder nobody else may enter

The id names the socket's folder, so that another clone at the same path cannot attach to this one's server. The place
does not depend on XDG_RUNTIME_DIR or TMPDIR, which differ between two shells; a socket's path may have 107 bytes,
hence /tmp.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from salesbrain.embedded_postgres import os_user
from salesbrain.embedded_postgres.errors import plain_errors
from salesbrain.embedded_postgres.os_user import OsUser

CHECKOUT = Path(__file__).resolve().parent.parent.parent
STATE = Path("/var/lib/salesbrain")
SOCKETS = Path("/tmp")  # noqa: S108  a folder of mode 0700 with a random name is made in it, and checked
PORT = 5432  # only part of the socket's name: there is no TCP


@dataclass(frozen=True)
class Server:
    """Address of a server. `started`: whether the call that returned this has started it."""

    socket_dir: Path
    port: int = PORT
    started: bool = False

    def url(self, role: str = "sb_app", database: str = "salesbrain") -> str:
        """Return the address of `database` for `role`. No password: only the server's user and root get in."""
        return f"postgres://{role}@/{database}?host={self.socket_dir}&port={self.port}"


class Places:
    """The paths of one checkout; computing them creates nothing but the id."""

    def __init__(self, checkout: Path = CHECKOUT) -> None:
        self.checkout = checkout.resolve()
        self.local = self.checkout / ".local"
        self.id_file = self.local / "database-id"

    @cached_property
    def identity(self) -> str:
        """Return the checkout's id, created at the first call. A copied checkout gets its own; a moved one keeps its id."""
        with plain_errors(self.local):
            if identity := self._known_identity():
                return identity
            with self._exclusively():
                if identity := self._known_identity():  # another process was first
                    return identity
                others = _read_id(self.id_file)
                identity = others[0] if others and not _is_elsewhere(*others) else secrets.token_hex(6)
                _write_id(self.id_file, identity, self.checkout)
                return identity

    def _known_identity(self) -> str | None:
        known = _read_id(self.id_file)
        return known[0] if known and known[1] == str(self.checkout) else None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock against other processes that create, start, stop or delete the server."""
        _ = self.identity  # needs the lock itself where it is not known yet
        with self._exclusively():
            yield

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        os_user.make_folder(self.local)
        file = self.local / "postgres.lock"
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if os_user.is_root():
                owner = os_user.owner_of(self.local)
                os.fchown(handle, owner.uid, owner.gid)
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @property
    def socket_dir(self) -> Path:
        return SOCKETS / f"salesbrain-{self.identity}"

    @cached_property
    def home(self) -> Path:
        """Return the folder of data and log: the existing one, else one that the user of a new server can access."""
        inside, outside = self.local / "postgres", STATE / self.identity
        for home in (inside, outside):
            if os.path.lexists(home / "data"):
                return home
        if inside.is_dir():
            os_user.for_existing_data(inside)  # of another user: says so, instead of looking empty
        user = os_user.for_new_data(self.checkout)
        with plain_errors(self.local):
            os_user.make_folder(self.local)
        return inside if os_user.may_enter(self.local, user) else outside

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def marker(self) -> Path:
        """Return the file with the fingerprint of the server's roles; written last, so it also marks a complete setup."""
        return self.home / "roles.done"

    @property
    def user(self) -> OsUser:
        if os.path.lexists(self.data):
            return os_user.for_existing_data(self.data)
        return os_user.for_new_data(self.checkout)


def _read_id(file: Path) -> tuple[str, str] | None:
    try:
        identity, path = file.read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return identity, path


def _is_elsewhere(identity: str, path: str) -> bool:
    """Return whether another checkout with this id exists at the recorded path; then this one is a copy of it."""
    original = _read_id(Path(path) / ".local" / "database-id")
    return original is not None and original[0] == identity


def _write_id(file: Path, identity: str, checkout: Path) -> None:
    """Write the id in one step, so that no partial file is seen; root writes it for the folder's owner."""
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        beside.write_text(f"{identity}\n{checkout}\n", encoding="utf-8")
        if os_user.is_root():
            owner = os_user.owner_of(file.parent)
            os.chown(beside, owner.uid, owner.gid)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
