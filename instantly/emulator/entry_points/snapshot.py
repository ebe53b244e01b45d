"""Snapshot of the emulator's state in a file, so that a restarted emulator continues where it stopped.

The format is JSON of plain data: no class or module names, so moved code still loads older snapshots of this VERSION.
API keys are stored as digests only; secrets in webhook headers are stored as they are, so the file is readable by its
owner alone. It is written to a temporary file and renamed, so a crash leaves the previous one intact.
"""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson

from ..fake import FakeInstantly
from ..simulation import Simulation
from ..state.workspaces import Workspace

VERSION = 2
WRITE_TIME_FACTOR = 20  # writing may take one twentieth of the time


class UnreadableSnapshot(Exception):
    """Error: the file is not a usable snapshot; the message gives the reason."""


def dump(fake: FakeInstantly) -> bytes:
    """Return the whole state as JSON. Takes the lock."""
    simulation = fake.simulation
    with fake.lock:
        return orjson.dumps(
            {
                "version": VERSION,
                "seed": simulation.seed,
                "now_ms": simulation.clock.now_ms(),
                "ids": simulation.ids.dump(),
                "delivery_ids": simulation.deliveries.ids.dump(),
                "keys": simulation.keys.dump(),
                "group_members": simulation.group_members.dump(),
                "workspaces": [space.dump() for space in simulation.workspaces.values()],
                "agenda": simulation.agenda.dump(),
                "life": fake.life.dump(),
                "deliveries": simulation.deliveries.dump(),
            },
            option=orjson.OPT_NON_STR_KEYS,
        )


def load(fake: FakeInstantly, content: bytes) -> None:
    """Continue from a snapshot; the agenda is postponed by the time in between. Raises UnreadableSnapshot.

    Only workspaces the emulator already has are loaded (all of them if it has none); keys set up before stay valid.
    """
    try:
        saved: dict[str, Any] = orjson.loads(content)
        if saved["version"] != VERSION:
            raise UnreadableSnapshot(f"it is of version {saved['version']}, this emulator writes {VERSION}")
        if str(saved["seed"]) != str(fake.simulation.seed):
            raise UnreadableSnapshot(f"it was made with seed {saved['seed']}, this emulator has {fake.simulation.seed}")
        with fake.lock:
            _restore(fake, saved)
    except (KeyError, TypeError, ValueError, AttributeError) as error:  # orjson's decode error is a ValueError
        fake.reset()  # drop a partly loaded state
        raise UnreadableSnapshot(f"it cannot be read: {type(error).__name__} {error}") from error


def _restore(fake: FakeInstantly, saved: dict[str, Any]) -> None:
    simulation = fake.simulation
    setup_keys = simulation.keys.dump()
    setup_rows = [(space.id, row) for space in simulation.workspaces.values() for row in space.api_keys]
    loaded = [Workspace.load(dumped) for dumped in saved["workspaces"]]
    wanted = set(simulation.workspaces) or {space.id for space in loaded}
    simulation.workspaces.update({space.id: space for space in loaded if space.id in wanted})
    simulation.ids.load(saved["ids"])
    simulation.deliveries.ids.load(saved["delivery_ids"])
    simulation.group_members.load(saved["group_members"])
    _restore_keys(simulation, saved["keys"], setup_keys, setup_rows)
    simulation.agenda.load(saved["agenda"])
    simulation.agenda.shift(max(0, simulation.clock.now_ms() - saved["now_ms"]))
    fake.life.load(saved["life"])
    simulation.deliveries.load(saved["deliveries"])


def _restore_keys(
    simulation: Simulation,
    saved: dict[str, list[str]],
    setup_keys: dict[str, list[str]],
    setup_rows: list[tuple[str, dict[str, Any]]],
) -> None:
    """Merge the saved keys with those of the setup, which replace saved ones with the same row."""
    current = {key_id for _, key_id in setup_keys.values()}
    older = {digest: owner for digest, owner in saved.items() if owner[1] not in current}
    simulation.keys.load({**older, **setup_keys})
    for space_id, row in setup_rows:
        known = simulation.workspaces[space_id].api_keys
        if row["id"] in known:
            known.remove(row["id"])
        known.add(row)


class StateFile:
    """A snapshot on disk, written periodically."""

    def __init__(self, fake: FakeInstantly, path: Path, every_seconds: float = 5.0) -> None:
        self._fake = fake
        self.path = path
        self.every_seconds = every_seconds

    def read(self) -> bool:
        """Restore the state from the file; return False if there is no file. Raises UnreadableSnapshot."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return False
        load(self._fake, content)
        return True

    def set_aside(self) -> Path:
        """Rename an unreadable file, so that it is kept; returns its new path."""
        return self.path.replace(self.path.with_name(f"{self.path.name}.unreadable"))

    def write(self) -> float:
        """Save the state now; return the seconds to wait before the next write (more if writing is slow).

        Raises OSError if the file cannot be written.
        """
        started = time.monotonic()
        content = dump(self._fake)
        write_privately(self.path, content)
        return max(self.every_seconds, (time.monotonic() - started) * WRITE_TIME_FACTOR)


def write_privately(path: Path, content: bytes) -> None:
    """Replace the file in one step; nobody but its owner may read it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
