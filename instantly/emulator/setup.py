"""Set up the emulator from outside its API: workspaces, keys, groups, webhooks.

Every step is recorded, so that a reset can replay it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeVar

from . import demo
from .simulation import Simulation
from .state import rows
from .state.clock import iso
from .state.identifiers import stable_v4
from .state.keys import KeyOwner, mask_key, new_key
from .state.tables import Row
from .state.workspaces import Workspace

T = TypeVar("T")


class Access(NamedTuple):
    """Id, name and API key of a workspace."""

    id: str
    name: str
    key: str


class Setup:
    """The setup methods of FakeInstantly. They take the lock."""

    simulation: Simulation

    def __init__(self) -> None:
        self._steps: list[Callable[[], object]] = []

    def replay_setup(self) -> None:
        """Repeat every step, in order, on an empty simulation. Call with the lock held."""
        steps, self._steps = self._steps, []
        for step in steps:
            self._run(step)

    def _run(self, step: Callable[[], T]) -> T:
        result = step()
        self._steps.append(step)
        return result

    def add_workspace(
        self,
        name: str,
        *,
        id: str | None = None,
        key: str | None = None,
        scopes: Iterable[str] = ("all:all",),
        campaigns: Iterable[str | Row] | None = None,
        accounts: Iterable[str] | None = None,
        bulk: tuple[int, int] | None = None,
    ) -> Access:
        """Add a workspace with a key (random unless given).

        ``campaigns`` (names, or values of rows) and ``accounts`` (addresses): None creates demo data, [] nothing.
        ``bulk`` creates this many plain campaigns and accounts instead. Ids derive from seed and name. Raises
        ValueError if the id is taken.
        """
        access = Access(id or stable_v4(self.simulation.seed, name, "workspace"), name, key or new_key())
        wanted = None if campaigns is None else list(campaigns)
        addresses = None if accounts is None else list(accounts)

        def create() -> None:
            seed = self.simulation.seed
            space = demo.create_workspace(name, seed=seed, id=access.id)
            if bulk:
                demo.add_bulk_content(space, seed=seed, campaigns=bulk[0], accounts=bulk[1])
            else:
                demo.add_content(space, seed=seed, campaigns=wanted, accounts=addresses)
            self.simulation.workspaces[space.id] = space

        with self.simulation.lock:
            if access.id in self.simulation.workspaces:
                raise ValueError(f"There is a workspace {access.id} already; give another name or id.")
            self._run(create)
            self.add_key(access.id, access.key, scopes=scopes)
        return access

    def add_key(self, workspace_id: str, key: str, *, scopes: Iterable[str] = ("all:all",)) -> None:
        """Add a key to a workspace; a key that exists there already only gets these scopes."""
        allowed = list(scopes)
        with self.simulation.lock:
            self._run(lambda: _add_key(self.simulation, self.simulation.workspaces[workspace_id], key, allowed))

    def add_sub_workspace(self, admin_id: str, sub_id: str) -> Row:
        """Make one workspace the sub-workspace of another, whose key may then act as it (``x-as-workspace``)."""
        with self.simulation.lock:
            return self._run(lambda: self.simulation.add_group_member(admin_id, sub_id, "accepted"))

    def register_webhook(
        self, workspace_id: str, url: str, headers: Mapping[str, str] | None = None, event_type: str = "all_events"
    ) -> Row:
        """Create a webhook, or change the existing one with this URL."""
        given = {"event_type": event_type, "headers": dict(headers or {})}
        with self.simulation.lock:
            return self._run(
                lambda: _register_webhook(self.simulation, self.simulation.workspaces[workspace_id], url, given)
            )


def _add_key(simulation: Simulation, space: Workspace, key: str, scopes: list[str]) -> None:
    owner = simulation.keys.owner(key)
    known = space.api_keys.get(owner.key_id) if owner and owner.workspace_id == space.id else None
    if known is not None:
        known["scopes"] = scopes
        return
    row: Row = {
        "id": stable_v4(simulation.seed, space.id, "key", len(space.api_keys)),
        "name": f"Key {len(space.api_keys) + 1}",
        "scopes": scopes,
        "key": mask_key(key),
        "organization_id": space.id,
        "timestamp_created": iso(demo.CREATED_MS),
        "timestamp_updated": iso(demo.CREATED_MS),
    }
    space.api_keys.add(row)
    simulation.keys.add(key, KeyOwner(space.id, row["id"]))


def _register_webhook(simulation: Simulation, space: Workspace, url: str, given: Row) -> Row:
    for row in space.webhooks:
        if row["target_hook_url"] == url:
            row.update(given)
            return row
    now_ms = simulation.clock.now_ms()
    return space.webhooks.add(rows.webhook(simulation.ids.v7(now_ms), space.id, now_ms, target_hook_url=url, **given))
