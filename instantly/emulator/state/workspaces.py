"""Emulated workspaces: their tables, their journal, and the sending state of their campaigns."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .journal import Journal
from .tables import Row, Table


@dataclass
class SendingState:
    """Progress of a campaign: leads not contacted yet (``fresh``) and leads whose next mail is due (``due``).

    ``finds_leads`` marks demo campaigns, which get invented leads until ``leads_to_find`` is zero (None: no limit);
    ``extra_variables`` are custom lead variables. ``appeal`` multiplies how often people answer, and ``variant_appeal`` that of each
    variant of the first step.
    """

    finds_leads: bool = False
    leads_to_find: int | None = None
    language: str = "en"
    extra_variables: dict[str, Any] = field(default_factory=dict)
    appeal: float = 1.0
    variant_appeal: list[float] = field(default_factory=list)
    fresh: deque[str] = field(default_factory=deque)
    due: deque[str] = field(default_factory=deque)
    open_leads: int = 0
    lead_of: dict[str, str] = field(default_factory=dict)  # address -> lead id

    def dump(self) -> dict[str, Any]:
        return {**self.__dict__, "fresh": list(self.fresh), "due": list(self.due)}

    @classmethod
    def load(cls, dumped: dict[str, Any]) -> "SendingState":
        return cls(**{**dumped, "fresh": deque(dumped["fresh"]), "due": deque(dumped["due"])})


@dataclass
class Workspace:
    """Emulated workspace: all its tables, its journal and the sending state of its campaigns. The tables hold rows in the API's response
    shape."""

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
    sending: dict[str, SendingState] = field(default_factory=dict)
    threads: dict[str, dict[str, Any]] = field(default_factory=dict)  # lead id -> sender, thread, mails, seen events
    typed_addresses: dict[str, str] = field(default_factory=dict)  # account -> address as entered
    exported: dict[str, Row] = field(default_factory=dict)  # shared campaigns
    sender_trouble: dict[str, dict[str, float]] = field(default_factory=dict)  # account -> habit -> its factor
    done: dict[str, bool] = field(default_factory=dict)  # mails marked as done in the app, which answers do not show
    _active: list[str] | None = None

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def name(self) -> str:
        return str(self.row["name"])

    def active_campaigns(self) -> list[str]:
        """Return the ids of active campaigns; cached until ``campaigns_changed``."""
        if self._active is None:
            self._active = [row["id"] for row in self.campaigns.walk(newest_first=False) if row["status"] == 1]
        return self._active

    def campaigns_changed(self) -> None:
        """Drop the cache; call whenever a campaign is added, removed or changes its status."""
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
            "done": self.done,
            "sender_trouble": self.sender_trouble,
        }

    @classmethod
    def load(cls, dumped: dict[str, Any]) -> "Workspace":
        workspace = cls(row=dumped["row"], plan_active=dumped["plan_active"])
        for name, table in workspace.tables():
            table.load(dumped["tables"][name])
        workspace.journal.load(dumped["journal"])
        workspace.sending = {key: SendingState.load(value) for key, value in dumped["sending"].items()}
        workspace.threads = dumped["threads"]
        workspace.typed_addresses = dumped["typed_addresses"]
        workspace.exported = dumped["exported"]
        workspace.done = dumped.get("done", {})
        workspace.sender_trouble = dumped.get("sender_trouble", {})
        return workspace
