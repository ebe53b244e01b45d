"""The emulator's state in a file, so that one started again carries on instead of beginning anew.

Keys are in it as digests only; the secrets in webhooks' headers stand in it as they are, so it is readable by its
owner alone. It is written beside and renamed, so a crash leaves the old one.
"""

import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from ..state.workspaces import Workspace

if TYPE_CHECKING:
    from ..fake import FakeInstantly

VERSION = 2
SHARE_OF_TIME = 20  # writing may take one twentieth of the time


class UnreadableSnapshot(Exception):
    """The file is not a snapshot this emulator can carry on from; the message says why."""


def dump(fake: "FakeInstantly") -> bytes:
    """The whole state as JSON. Takes the lock."""
    with fake.lock:
        return orjson.dumps(
            {
                "version": VERSION,
                "seed": fake.seed,
                "now_ms": fake.clock.now_ms(),
                "ids": fake.ids.dump(),
                "delivery_ids": fake.deliveries.ids.dump(),
                "keys": fake.keys.dump(),
                "group_members": fake.group_members.dump(),
                "workspaces": [space.dump() for space in fake.workspaces.values()],
                "agenda": fake.agenda.dump(),
                "life": fake.life.dump(),
                "deliveries": fake.deliveries.dump(),
            },
            option=orjson.OPT_NON_STR_KEYS,
        )


def load(fake: "FakeInstantly", content: bytes) -> None:
    """Carry on from a snapshot: what was to come is moved by the time nobody ran. Raises UnreadableSnapshot.

    Only workspaces the emulator already has are taken (all of them where it has none); the keys given now stay.
    """
    try:
        saved: dict[str, Any] = orjson.loads(content)
        if saved["version"] != VERSION:
            raise UnreadableSnapshot(f"it is of version {saved['version']}, this emulator writes {VERSION}")
        if str(saved["seed"]) != str(fake.seed):
            raise UnreadableSnapshot(f"it was made with seed {saved['seed']}, this emulator has {fake.seed}")
        with fake.lock:
            _restore(fake, saved)
    except (KeyError, TypeError, ValueError, AttributeError) as error:  # orjson's decode error is a ValueError
        fake.reset()  # whatever was taken from it already must not stay
        raise UnreadableSnapshot(f"it cannot be read: {type(error).__name__} {error}") from error


def _restore(fake: "FakeInstantly", saved: dict[str, Any]) -> None:
    loaded = [Workspace.load(dumped) for dumped in saved["workspaces"]]
    admitted = fake.keys.dump()
    current = {key_id for _, key_id in admitted.values()}
    rows = {row["id"]: (space.id, row) for space in fake.workspaces.values() for row in space.api_keys}
    wanted = set(fake.workspaces) or {space.id for space in loaded}
    fake.workspaces.update({space.id: space for space in loaded if space.id in wanted})
    fake.ids.load(saved["ids"])
    fake.deliveries.ids.load(saved["delivery_ids"])
    fake.group_members.load(saved["group_members"])
    older = {digest: holder for digest, holder in saved["keys"].items() if holder[1] not in current}
    fake.keys.load({**older, **admitted})
    for id, (space_id, row) in rows.items():
        known = fake.workspaces[space_id].api_keys
        if id in known:
            known.remove(id)
        known.add(row)
    fake.agenda.load(saved["agenda"])
    fake.agenda.shift(max(0, fake.clock.now_ms() - saved["now_ms"]))
    fake.life.load(saved["life"])
    fake.deliveries.load(saved["deliveries"])


class StateFile:
    """A snapshot on disk, written from time to time."""

    def __init__(self, fake: "FakeInstantly", path: Path, every_seconds: float = 5.0) -> None:
        self._fake = fake
        self.path = path
        self.every_seconds = every_seconds

    def read(self) -> bool:
        """Carry on from the file; False if there is none. Raises UnreadableSnapshot."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return False
        load(self._fake, content)
        return True

    def set_aside(self) -> Path:
        """Rename a file that cannot be carried on from, so that nothing of it is lost; answers its new name."""
        return self.path.replace(self.path.with_name(f"{self.path.name}.unreadable"))

    def write(self) -> float:
        """Save now; answers how long to wait before the next time (longer where writing takes long).

        Raises OSError where the file cannot be written.
        """
        began = time.monotonic()
        content = dump(self._fake)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")  # made with mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, self.path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
        return max(self.every_seconds, (time.monotonic() - began) * SHARE_OF_TIME)
