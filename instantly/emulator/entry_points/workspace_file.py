"""The file of workspaces: who is in the emulator, with which keys. Written at run time, never kept in the repository.

    {"workspaces": [{"name": "acme", "id": "<uuid>", "key": "<key>", "scopes": ["all:all"],
                     "campaigns": ["Spring outreach", …], "accounts": ["anna@acme-mail.example", …],
                     "deliver_to": "<url>", "secret": "<secret>", "sub_of": "<name>"}]}

Only ``name`` and ``key`` are needed. The same file and seed give the same ids.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from ..fake import FakeInstantly

KNOWN = {"name", "key", "id", "scopes", "campaigns", "accounts", "deliver_to", "secret", "sub_of"}


class UnreadableGuestList(Exception):
    """The file does not say what it should; the message says where."""


@dataclass(frozen=True, slots=True)
class GuestList:
    entries: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, path: Path) -> "GuestList":
        """Raises UnreadableGuestList naming the file and the entry. Never repeats a key."""
        try:
            content = orjson.loads(path.read_bytes())
        except OSError as error:
            raise UnreadableGuestList(f"Cannot read {path}: {error.strerror}.") from error
        except orjson.JSONDecodeError as error:
            raise UnreadableGuestList(f"{path} is not JSON: {error}.") from error
        entries = content.get("workspaces") if isinstance(content, dict) else None
        if not isinstance(entries, list) or not entries:
            raise UnreadableGuestList(f'{path} must be {{"workspaces": [...]}} with at least one workspace.')
        for number, entry in enumerate(entries):
            if not isinstance(entry, dict) or not entry.get("name") or not entry.get("key"):
                raise UnreadableGuestList(f"Workspace {number} in {path} needs a name and a key.")
            if unknown := sorted(set(entry) - KNOWN):
                raise UnreadableGuestList(f"Workspace {number} in {path} has unknown fields: {', '.join(unknown)}.")
        return cls(tuple(entries))

    def invite(self, fake: "FakeInstantly") -> None:
        """Make the workspaces. Raises UnreadableGuestList for two of one id or a ``sub_of`` that is not there."""
        for entry in self.entries:
            try:
                access = fake.add_workspace(
                    entry["name"],
                    id=entry.get("id"),
                    key=entry["key"],
                    scopes=entry.get("scopes", ("all:all",)),
                    campaigns=entry.get("campaigns"),
                    accounts=entry.get("accounts"),
                )
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise UnreadableGuestList(f"Workspace {entry['name']}: {error}") from error
            if entry.get("deliver_to"):
                headers = {"X-Webhook-Secret": entry["secret"]} if entry.get("secret") else {}
                fake.register_webhook(access.id, entry["deliver_to"], headers)
        for entry in self.entries:
            if entry.get("sub_of"):
                try:
                    admin = fake.workspace(entry["sub_of"])
                except KeyError as error:
                    raise UnreadableGuestList(f"Workspace {entry['name']}: sub_of names no workspace.") from error
                fake.add_sub_workspace(admin.id, fake.workspace(entry["name"]).id)
