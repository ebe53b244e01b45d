"""What a workspace holds, and which key opens which workspace."""

import base64
import hashlib
import secrets
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .journal import Journal
from .tables import Row, Table


@dataclass
class Sending:
    """How far a campaign is: whom it has not written to yet, and whose next mail is due.

    ``finds_leads`` marks the campaigns of the demo, for which new leads keep coming until ``leads_to_find`` is used up
    (None: for ever); ``extra_variables`` are lead variables its owner invented.
    """

    finds_leads: bool = False
    leads_to_find: int | None = None
    language: str = "en"
    extra_variables: dict[str, Any] = field(default_factory=dict)
    fresh: deque[str] = field(default_factory=deque)
    due: deque[str] = field(default_factory=deque)
    open_leads: int = 0
    lead_of: dict[str, str] = field(default_factory=dict)  # address -> lead id

    def dump(self) -> dict[str, Any]:
        return {**self.__dict__, "fresh": list(self.fresh), "due": list(self.due)}

    @classmethod
    def load(cls, dumped: dict[str, Any]) -> "Sending":
        return cls(**{**dumped, "fresh": deque(dumped["fresh"]), "due": deque(dumped["due"])})


@dataclass
class Workspace:
    """One customer's world. The tables hold rows as the API answers them."""

    row: Row
    plan_active: bool = True
    campaigns: Table = field(default_factory=Table)
    accounts: Table = field(default_factory=lambda: Table(key="email"))
    leads: Table = field(default_factory=lambda: Table(order="id"))
    lead_lists: Table = field(default_factory=Table)
    lead_labels: Table = field(default_factory=Table)
    emails: Table = field(default_factory=Table)
    webhooks: Table = field(default_factory=Table)
    webhook_events: Table = field(default_factory=Table)
    api_keys: Table = field(default_factory=Table)
    tags: Table = field(default_factory=Table)
    tag_mappings: Table = field(default_factory=Table)
    block_list: Table = field(default_factory=Table)
    jobs: Table = field(default_factory=lambda: Table(order="created_at"))
    members: Table = field(default_factory=Table)
    subsequences: Table = field(default_factory=Table)
    audit_logs: Table = field(default_factory=lambda: Table(order="timestamp"))
    verifications: Table = field(default_factory=lambda: Table(key="email", order="email"))
    journal: Journal = field(default_factory=Journal)
    sending: dict[str, Sending] = field(default_factory=dict)
    threads: dict[str, dict[str, Any]] = field(default_factory=dict)  # lead id -> sender, thread, mails, step
    typed_addresses: dict[str, str] = field(default_factory=dict)  # account -> as its owner typed it
    exported: dict[str, Row] = field(default_factory=dict)  # shared campaigns
    _active: list[str] | None = None

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def name(self) -> str:
        return str(self.row["name"])

    def active_campaigns(self) -> list[str]:
        """Ids of the campaigns that are sending; remembered until ``campaigns_changed``."""
        if self._active is None:
            self._active = [row["id"] for row in self.campaigns.walk(newest_first=False) if row["status"] == 1]
        return self._active

    def campaigns_changed(self) -> None:
        """To be called whenever a campaign comes, goes or changes its status."""
        self._active = None

    def tables(self) -> Iterator[tuple[str, Table]]:
        return ((name, value) for name, value in self.__dict__.items() if isinstance(value, Table))

    def dump(self) -> dict[str, Any]:
        return {
            "row": self.row,
            "plan_active": self.plan_active,
            "tables": {name: table.dump() for name, table in self.tables()},
            "journal": self.journal.dump(),
            "sending": {campaign_id: sending.dump() for campaign_id, sending in self.sending.items()},
            "threads": self.threads,
            "typed_addresses": self.typed_addresses,
            "exported": self.exported,
        }

    @classmethod
    def load(cls, dumped: dict[str, Any]) -> "Workspace":
        workspace = cls(row=dumped["row"], plan_active=dumped["plan_active"])
        for name, table in workspace.tables():
            table.load(dumped["tables"][name])
        workspace.journal.load(dumped["journal"])
        workspace.sending = {key: Sending.load(value) for key, value in dumped["sending"].items()}
        workspace.threads = dumped["threads"]
        workspace.typed_addresses = dumped["typed_addresses"]
        workspace.exported = dumped["exported"]
        return workspace


class KeyHolder(NamedTuple):
    """Whose key it is and which row of ``api_keys`` describes it."""

    workspace_id: str
    key_id: str


class Keys:
    """Keys by their digest: the emulator can check a key, but neither it nor its snapshot can tell one."""

    def __init__(self) -> None:
        self._holders: dict[str, KeyHolder] = {}

    def add(self, key: str, holder: KeyHolder) -> None:
        self._holders[_digest(key)] = holder

    def holder(self, key: str) -> KeyHolder | None:
        return self._holders.get(_digest(key))

    def revoke(self, key_id: str) -> None:
        self._holders = {digest: holder for digest, holder in self._holders.items() if holder.key_id != key_id}

    def dump(self) -> dict[str, list[str]]:
        return {digest: list(holder) for digest, holder in self._holders.items()}

    def load(self, dumped: dict[str, list[str]]) -> None:
        self._holders = {digest: KeyHolder(*values) for digest, values in dumped.items()}


def new_key() -> str:
    """A fresh random key in the shape seen in the wild: base64 of ``<uuid>:<secret>``."""
    return base64.b64encode(f"{uuid.uuid4()}:{secrets.token_urlsafe(12)}".encode()).decode()


def masked(key: str) -> str:
    """What a key looks like after the one time it was shown."""
    return f"{key[:4]}{'*' * 12}"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
