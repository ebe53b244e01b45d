"""State of one emulated Instantly that all modules share: time, workspaces, agenda, deliveries."""

import random
import threading
from typing import Any, Protocol

from .state.agenda import Agenda
from .state.assumptions import Assumptions
from .state.clock import Clock, iso
from .state.deliveries import DeliveryState
from .state.habits import Habits
from .state.identifiers import Identifiers
from .state.keys import Keys
from .state.tables import Row, Table
from .state.workspaces import Workspace
from .wire import Transport


class Observer(Protocol):
    """Callback that receives every event, also those without a webhook; called with the lock held."""

    def saw_event(self, workspace_id: str, payload: Row) -> None: ...

    def saw_manual_mail(self, workspace_id: str, mail: Row) -> None: ...


class Simulation:
    """Mutable state of the emulator and the few operations that all modules share.

    ``lock`` guards all state; functions of the emulator expect it to be held unless their docstring says otherwise. A reset replaces the
    whole object.
    """

    def __init__(
        self,
        seed: int | str,
        clock: Clock,
        lock: threading.RLock,
        *,
        assumptions: Assumptions,
        habits: Habits,
        transport: Transport,
    ) -> None:
        self.seed = seed
        self.clock = clock
        self.lock = lock
        self.assumptions = assumptions
        self.habits = habits
        self.transport = transport
        self.ids = Identifiers(seed)
        self.rng = random.Random(f"{seed}:life")
        self.workspaces: dict[str, Workspace] = {}
        self.group_members = Table()
        self.keys = Keys()
        self.agenda = Agenda()
        self.deliveries = DeliveryState(seed, lock)
        self.invented_leads = 0
        self.observer: Observer | None = None

    # Randomness and time

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def later(self, seconds: float, action: str, *, exactly: bool = False, **details: Any) -> None:
        """Schedule an action after an exponentially distributed delay with this mean, or after exactly this time."""
        delay = seconds if exactly else self.rng.expovariate(1 / seconds) if seconds else 0.0
        self.agenda.put(self.clock.now_ms() + round(delay * 1000), action, **details)

    # Lookup

    def workspace(self, name_or_id: str) -> Workspace:
        """The workspace of this name or id. Raises KeyError."""
        for space in self.workspaces.values():
            if name_or_id in (space.id, space.name):
                return space
        raise KeyError(f"No workspace {name_or_id}")

    def find_lead(self, workspace_id: str, lead_id: str) -> tuple[Workspace, Row] | None:
        """The workspace and the lead, if both still exist."""
        space = self.workspaces.get(workspace_id)
        lead = space.leads.get(lead_id) if space else None
        return None if space is None or lead is None else (space, lead)

    def find_mail(self, workspace_id: str, lead_id: str, mail_id: str) -> tuple[Workspace, Row, Row] | None:
        """The workspace, the lead and the mail, if all of them still exist."""
        found = self.find_lead(workspace_id, lead_id)
        mail = found[0].emails.get(mail_id) if found else None
        return None if found is None or mail is None else (*found, mail)

    def count_events(self) -> int:
        """The number of events recorded in all workspaces."""
        return sum(len(space.journal) for space in self.workspaces.values())

    # Workspace groups

    def add_group_member(self, admin_id: str, sub_id: str, status: str) -> Row:
        """Add a membership with this status, as an invitation through the API does."""
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
