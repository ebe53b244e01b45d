"""Operating system user that runs the embedded PostgreSQL, and calls of its programs as that user."""

import os
import pwd
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from salesbrain.embedded_postgres.errors import EmbeddedPostgresError

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class OsUser:
    uid: int
    gid: int

    @property
    def name(self) -> str:
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return f"user {self.uid}"


def is_root() -> bool:
    return os.geteuid() == 0


def myself() -> OsUser:
    return OsUser(os.geteuid(), os.getegid())


def owner_of(path: Path) -> OsUser:
    found = path.stat()
    return OsUser(found.st_uid, found.st_gid)


def for_new_data(checkout: Path) -> OsUser:
    """Return the user who will own a data folder that does not exist yet.

    For root in another user's checkout it is that user, who can then continue without root. An owner without an entry in the password file
    (a mounted folder in a container) is not used: initdb refuses to run as one.
    """
    if not is_root():
        return myself()
    owner = owner_of(checkout)
    if owner.uid != 0 and _known(owner.uid):
        return owner
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return OsUser(entry.pw_uid, entry.pw_gid)
    raise EmbeddedPostgresError(
        f"PostgreSQL does not run as root, and this machine has neither a user {' nor '.join(UNPRIVILEGED)}. "
        "Run this as an ordinary user."
    )


def for_existing_data(data: Path) -> OsUser:
    """Return the owner of the data, who must run the server on them; ownership is never changed."""
    owner = owner_of(data)
    if owner.uid == 0:
        raise EmbeddedPostgresError(
            f"{data} belongs to root, and PostgreSQL does not run as root. Give it back to the user who made it "
            "(chown -R), or forget it with `make clean`."
        )
    if not is_root() and owner.uid != os.geteuid():
        raise EmbeddedPostgresError(
            f"The database in {data} belongs to {owner.name}, who made it. Go on as {owner.name} or as root, or let "
            "root forget it with `make clean`."
        )
    return owner


def run(command: Sequence[str | Path], user: OsUser, *, timeout: float = 180) -> tuple[int, str]:
    """Run one of PostgreSQL's programs as `user`; return its exit code and output.

    The output goes to a file: the postmaster would inherit a pipe and hold its reader for ever. The environment is the
    caller's without libpq's variables; TZ and the locale are fixed because initdb writes them into the configuration.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment |= {"TZ": "UTC", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
    drop: dict[str, object] = {}
    if user.uid != os.geteuid():
        drop = {"user": user.uid, "group": user.gid, "extra_groups": []}
        environment["HOME"] = "/"
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=environment,
            **drop,  # type: ignore[call-overload]
        )
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.wait()
            raise EmbeddedPostgresError(f"{Path(command[0]).name} did not end within {timeout:.0f} seconds.") from error
        except BaseException:
            process.wait(timeout)  # cut off in the middle, pg_ctl would leave a server that nobody knows of
            raise
        printed.seek(0)
        return process.returncode, printed.read().decode(errors="replace")


def may_enter(folder: Path, user: OsUser) -> bool:
    """Return whether `user` can access the contents of `folder`, tried as that user: every parent folder counts too."""
    return run(["test", "-x", folder], user)[0] == 0


def make_folder(folder: Path, *, owner: OsUser | None = None, mode: int = 0o755) -> None:
    """Create `folder` and missing parents; what root creates belongs to `owner`, or to the parent's owner.

    An existing folder is left exactly as it is.
    """
    if folder.is_dir():
        return
    if not folder.parent.is_dir():
        make_folder(folder.parent)
    folder.mkdir(mode=mode, exist_ok=True)
    if is_root():
        owner = owner or owner_of(folder.parent)
        os.chown(folder, owner.uid, owner.gid)


def _known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
