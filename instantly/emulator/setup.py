"""What is put into the emulator from outside, not through its API: workspaces, keys, groups, webhooks.

Each such step is remembered, so that a reset can repeat it.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeVar

from . import demo
from .state import rows
from .state.clock import Clock, iso
from .state.identifiers import Identifiers, stable_v4
from .state.tables import Row, Table
from .state.workspaces import KeyHolder, Keys, Workspace, masked, new_key

T = TypeVar("T")


class Access(NamedTuple):
    """What one needs to use a workspace."""

    id: str
    name: str
    key: str


class SettingUp:
    """The part of FakeInstantly that tests, the command and the file of workspaces use to furnish it."""

    seed: int | str
    clock: Clock
    lock: threading.RLock
    ids: Identifiers
    keys: Keys
    workspaces: dict[str, Workspace]
    group_members: Table

    def __init__(self) -> None:
        self._recipe: list[Callable[[], object]] = []

    def set_up_again(self) -> None:
        """Repeat every step, in order, on what is empty by now. With the lock held."""
        recipe, self._recipe = self._recipe, []
        for make in recipe:
            self._set_up(make)

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
        """A workspace with a key (random unless given).

        ``campaigns`` (names, or rows' values) and ``accounts`` (addresses): None makes a believable few, [] none.
        ``bulk`` makes that many plain campaigns and accounts instead. Ids follow from seed and name. Raises ValueError
        for a second workspace of one id.
        """
        access = Access(id or stable_v4(self.seed, name, "workspace"), name, key or new_key())
        wanted = None if campaigns is None else list(campaigns)
        addresses = None if accounts is None else list(accounts)

        def make() -> None:
            space = demo.found(name, seed=self.seed, id=access.id)
            if bulk:
                demo.furnish_in_bulk(space, seed=self.seed, campaigns=bulk[0], accounts=bulk[1])
            else:
                demo.furnish(space, seed=self.seed, campaigns=wanted, accounts=addresses)
            self.workspaces[space.id] = space

        with self.lock:
            if access.id in self.workspaces:
                raise ValueError(f"There is a workspace {access.id} already; give another name or id.")
            self._set_up(make)
            self.admit(access.id, access.key, scopes=scopes)
        return access

    def admit(self, workspace_id: str, key: str, *, scopes: Iterable[str] = ("all:all",)) -> None:
        """Let another key into a workspace; one that is in already only gets these scopes."""
        allowed = list(scopes)
        with self.lock:
            self._set_up(lambda: self._admit(self.workspaces[workspace_id], key, allowed))

    def _admit(self, space: Workspace, key: str, scopes: list[str]) -> None:
        holder = self.keys.holder(key)
        known = space.api_keys.get(holder.key_id) if holder and holder.workspace_id == space.id else None
        if known is not None:
            known["scopes"] = scopes
            return
        row: Row = {
            "id": stable_v4(self.seed, space.id, "key", len(space.api_keys)),
            "name": f"Key {len(space.api_keys) + 1}",
            "scopes": scopes,
            "key": masked(key),
            "organization_id": space.id,
            "timestamp_created": iso(demo.FOUNDED_MS),
            "timestamp_updated": iso(demo.FOUNDED_MS),
        }
        space.api_keys.add(row)
        self.keys.add(key, KeyHolder(space.id, row["id"]))

    def add_sub_workspace(self, admin_id: str, sub_id: str) -> Row:
        """Make one workspace the sub-workspace of another, whose key may then act as it (``x-as-workspace``)."""
        with self.lock:
            return self._set_up(lambda: self.join(admin_id, sub_id, "accepted"))

    def join(self, admin_id: str, sub_id: str, status: str) -> Row:
        """A membership of this status, as an invitation through the API makes one. With the lock held."""
        now_ms = self.clock.now_ms()
        return self.group_members.add(
            {
                "id": self.ids.v7(now_ms),
                "admin_workspace_id": admin_id,
                "sub_workspace_id": sub_id,
                "status": status,
                "timestamp_created": iso(now_ms),
                "timestamp_updated": iso(now_ms),
                "sub_workspace_name": self.workspaces[sub_id].name,
                "admin_workspace_name": self.workspaces[admin_id].name,
            }
        )

    def register_webhook(
        self, workspace_id: str, url: str, headers: Mapping[str, str] | None = None, event_type: str = "all_events"
    ) -> Row:
        """A webhook without the API (``--deliver-to``); one per address, changed where it is there already."""
        given = {"event_type": event_type, "headers": dict(headers or {})}
        with self.lock:
            return self._set_up(lambda: self._register(self.workspaces[workspace_id], url, given))

    def _register(self, space: Workspace, url: str, given: Row) -> Row:
        for row in space.webhooks:
            if row["target_hook_url"] == url:
                row.update(given)
                return row
        now_ms = self.clock.now_ms()
        return space.webhooks.add(rows.webhook(self.ids.v7(now_ms), space.id, now_ms, target_hook_url=url, **given))

    def _set_up(self, make: Callable[[], T]) -> T:
        made = make()
        self._recipe.append(make)
        return made
