"""FakeInstantly, the facade of the emulator: all state in memory, guarded by one lock.

    fake = FakeInstantly(seed=7)                      # a manual clock, no mails until a rate is set
    acme = fake.add_workspace("acme")                 # acme.id, acme.key
    session.mount("https://api.instantly.ai", InstantlyAdapter(fake))
    fake.set_rate(4); fake.advance(60)                # a minute of events, the same for the same seed

Nothing here depends on Django or a database.
"""

import threading
from typing import Any, NamedTuple

from . import ground_truth
from .api.dispatch import Dispatcher
from .api.routes import ROUTER
from .deliveries.service import DeliveryService
from .deliveries.transport import HttpTransport
from .faults import Faults
from .life import inbox
from .life.engine import Life
from .life.trigger import trigger_event
from .rate_limits import RateLimits
from .setup import Setup
from .simulation import Simulation
from .state.agenda import Agenda
from .state.assumptions import Assumptions
from .state.clock import Clock, ManualClock, iso
from .state.habits import Habits
from .state.journal import RecordedEvent
from .state.tables import Row
from .state.workspaces import Workspace
from .wire import Request, Response, Transport

ACTIONS_PER_CALL, ACTIONS_PER_LOCK = 500, 20
MAX_LAG_MS = 5_000


class _Initial(NamedTuple):
    """The settings that `reset` restores."""

    seed: int | str
    clock: Clock
    rate: float
    habits: Habits
    limits: bool
    transport: Transport | None
    assumptions: Assumptions


class FakeInstantly(Setup):
    """One emulated Instantly: workspaces, API, simulated life, deliveries, faults, ground truth.

    ``seed`` and a ``ManualClock`` (the default) make a run repeatable: same calls, same events. ``rate`` is the number
    of events per second over all workspaces; 0 sends nothing. ``transport`` replaces HTTP for deliveries (see
    ``deliveries.transport.in_process_transport``). ``limits`` enables the documented rate limits.
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
        super().__init__()
        self.lock = threading.RLock()
        self._initial = _Initial(
            seed, clock or ManualClock(), rate, habits or Habits(), limits, transport, assumptions or Assumptions()
        )
        self._create()

    def _create(self) -> None:
        """Create an empty simulation and the parts that act on it: API, life, deliveries, faults."""
        initial = self._initial
        self.simulation = Simulation(
            initial.seed,
            initial.clock,
            self.lock,
            assumptions=initial.assumptions,
            habits=initial.habits,
            transport=initial.transport or HttpTransport(),
        )
        self.faults = Faults()
        self.limits = RateLimits(self.simulation, enabled=initial.limits)
        self.deliveries = DeliveryService(self.simulation)
        self.life = Life(self.simulation, initial.rate)
        self._dispatcher = Dispatcher(self.simulation, ROUTER, self.faults, self.limits)

    # State

    @property
    def clock(self) -> Clock:
        return self.simulation.clock

    @property
    def agenda(self) -> Agenda:
        return self.simulation.agenda

    @property
    def workspaces(self) -> dict[str, Workspace]:
        return self.simulation.workspaces

    @property
    def assumptions(self) -> Assumptions:
        return self.simulation.assumptions

    def assume(self, **changes: Any) -> None:
        """Change assumptions from now on. Raises ValueError that names an unknown one."""
        self.simulation.assumptions = self.simulation.assumptions.with_(**changes)

    def workspace(self, name_or_id: str) -> Workspace:
        """The workspace of this name or id. Raises KeyError."""
        return self.simulation.workspace(name_or_id)

    def set_plan(self, workspace_id: str, *, active: bool) -> None:
        """Remove a workspace's paid plan (every call then returns 402) or restore it."""
        with self.lock:
            self.workspaces[workspace_id].plan_active = active

    # Requests

    def handle(self, request: Request) -> Response:
        """Handle one API request. Never raises."""
        return self._dispatcher.handle(request)

    # Time and events

    def set_rate(self, events_per_second: float) -> None:
        """Set the approximate event rate over all workspaces; 0 stops sending."""
        with self.lock:
            self.life.set_rate(events_per_second)

    def trigger(
        self, workspace_id: str, event: str, *, campaign: str | None = None, lead: str | None = None
    ) -> RecordedEvent:
        """Trigger a chosen event immediately (see ``life.trigger.trigger_event``)."""
        return trigger_event(self.simulation, workspace_id, event, campaign=campaign, lead=lead)

    def receive_mail(self, workspace_id: str, *, account: str, sender: str, **mail: Any) -> Row:
        """Receive a mail of no campaign from an unknown sender (see ``life.inbox.receive``)."""
        with self.lock:
            return inbox.receive(
                self.simulation, self.simulation.workspace(workspace_id), account=account, sender=sender, **mail
            )

    def schedule_mail(self, workspace_id: str, reply_to: str, text: str, *, seconds: float) -> Row:
        """Let somebody schedule an answer to a mail in the app. Raises KeyError for an unknown mail."""
        with self.lock:
            space = self.simulation.workspace(workspace_id)
            original = space.emails.get(reply_to)
            if original is None:
                raise KeyError(f"No mail {reply_to}")
            return inbox.schedule(self.simulation, space, original, text, seconds)

    def answer_by_agent(self, workspace_id: str, reply_to: str, text: str, *, agent: str) -> Row:
        """Let Instantly's own AI agent (an id) answer a mail. Raises KeyError for an unknown mail."""
        with self.lock:
            space = self.simulation.workspace(workspace_id)
            original = space.emails.get(reply_to)
            if original is None:
                raise KeyError(f"No mail {reply_to}")
            return inbox.answer_by_agent(self.simulation, space, original, text, agent)

    def mark_done(self, workspace_id: str, mail_id: str, *, is_done: bool = True) -> None:
        """Let somebody mark a mail as done in the app: the API can only filter by it."""
        with self.lock:
            self.simulation.workspace(workspace_id).done[mail_id] = is_done

    def advance(self, seconds: float) -> int:
        """Move a manual clock forward and perform everything due in that time, deliveries included.

        Returns the number of actions and attempts. Raises TypeError if the clock moves by itself.
        """
        clock = self.clock
        if not isinstance(clock, ManualClock):
            raise TypeError("advance() needs a ManualClock; with another clock time passes by itself")
        until = clock.now_ms() + round(seconds * 1000)
        done = 0
        while True:
            with self.lock:
                due_times = [due for due in (self.agenda.next_due(), self.deliveries.next_due()) if due is not None]
                next_due = min(due_times, default=until + 1)
                if next_due > until:
                    clock.move_to(until)
                    return done
                clock.move_to(next_due)
                entry = self.agenda.take_due(clock.now_ms())
                if entry is not None:
                    self.life.perform(entry)
                    done += 1
                    continue
            done += self.deliveries.run_due()

    def catch_up(self) -> int:
        """Perform the actions that are due, at most 500 per call; the lock is released every 20.

        If the agenda is more than a few seconds late (suspended laptop, rate beyond the machine) it is postponed, so
        that no burst follows. Returns the number of actions.
        """
        done = 0
        with self.lock:
            due = self.agenda.next_due()
            if due is not None and self.clock.now_ms() - due > MAX_LAG_MS:
                self.agenda.shift(self.clock.now_ms() - due)
        for _ in range(ACTIONS_PER_CALL // ACTIONS_PER_LOCK):
            with self.lock:
                for _ in range(ACTIONS_PER_LOCK):
                    entry = self.agenda.take_due(self.clock.now_ms())
                    if entry is None:
                        return done
                    self.life.perform(entry)
                    done += 1
        return done

    def drain(self, *, hurry: bool = False, timeout: float = 60.0) -> bool:
        """Deliver everything that is due (with ``hurry``: everything queued); returns True if nothing is left."""
        return self.deliveries.drain(hurry=hurry, timeout=timeout)

    # Ground truth

    def truth(self) -> dict[str, Any]:
        """Stats per workspace and campaign (see ``ground_truth.count_stats``), and of the deliveries."""
        with self.lock:
            return {
                "now": iso(self.clock.now_ms()),
                "workspaces": {space.id: ground_truth.workspace_stats(space) for space in self.workspaces.values()},
                "deliveries": {**self.simulation.deliveries.stats.__dict__},
            }

    def events(self, workspace_id: str, after: int = 0, limit: int = 1_000) -> list[RecordedEvent]:
        """The recorded events of a workspace from position ``after``."""
        with self.lock:
            return self.workspaces[workspace_id].journal.since(after, limit)

    def count_events(self) -> int:
        """The number of events recorded in all workspaces."""
        return self.simulation.count_events()

    # Reset

    def reset(self) -> None:
        """Restore the initial state and replay the setup (same ids and keys). The clock is not turned back.

        Events, faults, plans, changed assumptions and everything created through the API are dropped.
        """
        with self.lock:
            workers = self.deliveries.workers
            self.deliveries.stop(wait=False)
            self._create()
            self.replay_setup()
            if workers:
                self.deliveries.start(workers)
