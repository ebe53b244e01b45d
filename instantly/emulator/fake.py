"""FakeInstantly: one stateful stand-in for Instantly, with two doors (a requests adapter, an HTTP server).

    fake = FakeInstantly(seed=7)                      # a clock that moves only when told, nothing sent by itself
    acme = fake.add_workspace("acme")                 # acme.id, acme.key
    session.mount("https://api.instantly.ai", fake.adapter())
    fake.set_rate(4); fake.advance(60)                # a minute of life, the same for the same seed

Everything it holds is in memory and guarded by one lock; nothing here knows of Django or a database.
"""

import threading
from typing import Any, NamedTuple, TypeVar

from . import ground_truth
from .api import dispatch
from .api.routes import ROUTER
from .api.routing import Request, Response
from .deliveries.service import Deliveries
from .deliveries.transport import Transport
from .entry_points.adapter import InstantlyAdapter
from .event_recorder import Chronicle
from .faults import Faults
from .life.engine import Life
from .limits import Limits
from .setup import SettingUp
from .state.agenda import Agenda
from .state.assumptions import Assumptions
from .state.clock import Clock, ManualClock, iso
from .state.habits import Habits
from .state.identifiers import Identifiers
from .state.journal import Happening
from .state.tables import Table
from .state.workspaces import Keys, Workspace

ACTIONS_AT_ONCE, ACTIONS_A_LOCK = 500, 20
LAGGING_MS = 5_000
T = TypeVar("T")


class _Beginning(NamedTuple):
    """What a reset goes back to."""

    rate: float
    habits: Habits
    limits: bool
    transport: Transport | None
    assumptions: Assumptions


class FakeInstantly(SettingUp):
    """The whole of it: workspaces, API, life, deliveries, faults, truth.

    ``seed`` and a ``ManualClock`` (the default) make a run repeatable: same calls, same events. ``rate`` is how many
    events a second the demo life makes, over all workspaces; 0 means none by itself. ``transport`` replaces HTTP for
    deliveries (see ``deliveries.transport.handing_to``). ``limits`` switches the documented rate limits on.
    """

    def __init__(
        self,
        seed: int | str = 0,
        clock: Clock | None = None,
        *,
        rate: float = 0.0,
        assumptions: Assumptions | None = None,
        habits: Habits | None = None,
        transport: Transport | None = None,
        limits: bool = False,
    ) -> None:
        self.seed = seed
        self.clock: Clock = clock or ManualClock()
        self.lock = threading.RLock()
        self.router = ROUTER
        self._begin = _Beginning(rate, habits or Habits(), limits, transport, assumptions or Assumptions())
        super().__init__()
        self._empty()

    def _empty(self) -> None:
        self._assumptions = self._begin.assumptions
        self.ids = Identifiers(self.seed)
        self.workspaces: dict[str, Workspace] = {}
        self.group_members = Table()
        self.keys = Keys()
        self.agenda = Agenda()
        self.faults = Faults()
        self.limits = Limits(self.clock, self._assumptions, enabled=self._begin.limits)
        self.deliveries = Deliveries(
            lock=self.lock,
            clock=self.clock,
            ids=Identifiers(f"{self.seed}:deliveries"),
            seed=self.seed,
            assumptions=self._assumptions,
            workspace_of=lambda id: self.workspaces.get(id),
            transport=self._begin.transport,
        )
        self.chronicle = Chronicle(self.clock, self.deliveries, self._assumptions)
        self.life = Life(self, self.seed, self._begin.habits, self._begin.rate)

    # Assumptions

    @property
    def assumptions(self) -> Assumptions:
        return self._assumptions

    def assume(self, **changes: Any) -> None:
        """Change what is assumed about the unknown, from now on. Raises ValueError naming an unknown one."""
        self._assumptions = self._assumptions.with_(**changes)
        for part in (self.limits, self.deliveries, self.chronicle):
            part.assumptions = self._assumptions

    # Workspaces

    def workspace(self, name_or_id: str) -> Workspace:
        """The workspace of this name or id. Raises KeyError."""
        for space in self.workspaces.values():
            if name_or_id in (space.id, space.name):
                return space
        raise KeyError(f"No workspace {name_or_id}")

    def set_plan(self, workspace_id: str, *, active: bool) -> None:
        """Take a workspace's paid plan away (every call then answers 402) or give it back."""
        with self.lock:
            self.workspaces[workspace_id].plan_active = active

    # Doors

    def handle(self, request: Request) -> Response:
        """One request to one response; what both doors call. Never raises."""
        return dispatch.answer(self, request)

    def adapter(self) -> InstantlyAdapter:
        """A transport adapter to mount on a ``requests.Session`` under whatever base address."""
        return InstantlyAdapter(self)

    # Time

    def set_rate(self, events_per_second: float) -> None:
        """Let the demo life make about so many events a second over all workspaces; 0 stops it."""
        with self.lock:
            self.life.set_rate(events_per_second)

    def advance(self, seconds: float) -> int:
        """Turn a manual clock on, carrying out everything that falls into that time, deliveries included.

        Answers how many things were done. Raises TypeError with a clock that moves by itself.
        """
        clock = self.clock
        if not isinstance(clock, ManualClock):
            raise TypeError("advance() needs a ManualClock; with another clock time passes by itself")
        until = clock.now_ms() + round(seconds * 1000)
        done = 0
        while True:
            with self.lock:
                moments = [due for due in (self.agenda.next_due(), self.deliveries.next_due()) if due is not None]
                moment = min(moments, default=until + 1)
                if moment > until:
                    clock.move_to(until)
                    return done
                clock.move_to(moment)
                entry = self.agenda.take_due(clock.now_ms())
                if entry is not None:
                    self.life.perform(entry)
                    done += 1
                    continue
            done += self.deliveries.run_due()

    def catch_up(self) -> int:
        """Carry out what the agenda holds up to now, at most 500 things, the lock being free now and then.

        Where it is more than a few seconds behind (a laptop that slept, a rate beyond the machine) the agenda is moved,
        not worked off in a burst.
        """
        done = 0
        with self.lock:
            due = self.agenda.next_due()
            if due is not None and self.clock.now_ms() - due > LAGGING_MS:
                self.agenda.shift(self.clock.now_ms() - due)
        for _ in range(ACTIONS_AT_ONCE // ACTIONS_A_LOCK):
            with self.lock:
                for _ in range(ACTIONS_A_LOCK):
                    entry = self.agenda.take_due(self.clock.now_ms())
                    if entry is None:
                        return done
                    self.life.perform(entry)
                    done += 1
        return done

    def drain(self, *, hurry: bool = False, timeout: float = 60.0) -> bool:
        """Deliver all that is due (with ``hurry``: all that waits); answers whether nothing is left."""
        return self.deliveries.drain(hurry=hurry, timeout=timeout)

    # Knowing

    def truth(self) -> dict[str, Any]:
        """What really happened: figures per workspace and campaign (see ``ground_truth.figures``), and of the deliveries."""
        with self.lock:
            return {
                "now": iso(self.clock.now_ms()),
                "workspaces": {space.id: ground_truth.of_workspace(space) for space in self.workspaces.values()},
                "deliveries": {**self.deliveries.figures.__dict__},
            }

    def events(self, workspace_id: str, after: int = 0, limit: int = 1_000) -> list[Happening]:
        """Every single happening of a workspace from position ``after``, for comparing one by one."""
        with self.lock:
            return self.workspaces[workspace_id].journal.since(after, limit)

    def happenings(self) -> int:
        return sum(len(space.journal) for space in self.workspaces.values())

    # Beginning again

    def reset(self) -> None:
        """As new: what was set up from outside is set up again (same ids and keys), what happened since is forgotten.

        So are faults, plans, changed assumptions and whatever was made through the API. A clock is not turned back.
        """
        with self.lock:
            workers = self.deliveries.workers
            self.deliveries.stop(wait=False)
            self._empty()
            self.set_up_again()
            if workers:
                self.deliveries.start(workers)
