"""Workspace file: the emulator's workspaces and API keys as JSON, written at run time.

    {"workspaces": [{"name": "acme", "id": "<uuid>", "key": "<key>", "scopes": ["all:all"],
                     "campaigns": ["Spring outreach", …], "accounts": ["anna@acme-mail.example", …],
                     "deliver_to": "<url>", "secret": "<secret>", "sub_of": "<name>"}]}

Only ``name`` and ``key`` are required. The same file and seed give the same ids. The file is never committed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ..fake import FakeInstantly

KNOWN_FIELDS = {"name", "key", "id", "scopes", "campaigns", "accounts", "deliver_to", "secret", "sub_of"}


class InvalidWorkspaceFile(Exception):
    """Error: the workspace file is missing or invalid; the message names the place."""


@dataclass(frozen=True, slots=True)
class WorkspaceFile:
    """The parsed entries of a workspace file."""

    entries: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, path: Path) -> "WorkspaceFile":
        """Parse the file. Raises InvalidWorkspaceFile that names the file and the entry, but never a key."""
        try:
            content = orjson.loads(path.read_bytes())
        except OSError as error:
            raise InvalidWorkspaceFile(f"Cannot read {path}: {error.strerror}.") from error
        except orjson.JSONDecodeError as error:
            raise InvalidWorkspaceFile(f"{path} is not JSON: {error}.") from error
        entries = content.get("workspaces") if isinstance(content, dict) else None
        if not isinstance(entries, list) or not entries:
            raise InvalidWorkspaceFile(f'{path} must be {{"workspaces": [...]}} with at least one workspace.')
        for number, entry in enumerate(entries):
            if not isinstance(entry, dict) or not entry.get("name") or not entry.get("key"):
                raise InvalidWorkspaceFile(f"Workspace {number} in {path} needs a name and a key.")
            if unknown := sorted(set(entry) - KNOWN_FIELDS):
                raise InvalidWorkspaceFile(f"Workspace {number} in {path} has unknown fields: {', '.join(unknown)}.")
        return cls(tuple(entries))

    def create_workspaces(self, fake: FakeInstantly) -> None:
        """Create the workspaces. Raises InvalidWorkspaceFile for a duplicate id or an unknown ``sub_of``."""
        for entry in self.entries:
            _create_workspace(fake, entry)
        for entry in self.entries:
            if entry.get("sub_of"):
                _join_group(fake, entry)


def _create_workspace(fake: FakeInstantly, entry: dict[str, Any]) -> None:
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
        raise InvalidWorkspaceFile(f"Workspace {entry['name']}: {error}") from error
    if entry.get("deliver_to"):
        headers = {"X-Webhook-Secret": entry["secret"]} if entry.get("secret") else {}
        fake.register_webhook(access.id, entry["deliver_to"], headers)


def _join_group(fake: FakeInstantly, entry: dict[str, Any]) -> None:
    try:
        admin = fake.workspace(entry["sub_of"])
    except KeyError as error:
        raise InvalidWorkspaceFile(f"Workspace {entry['name']}: sub_of names no workspace.") from error
    fake.add_sub_workspace(admin.id, fake.workspace(entry["name"]).id)
