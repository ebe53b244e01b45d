"""State of a promotion's run: its rows, clients of its workspaces, journal of what was done."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic, sleep
from typing import Any

from django.utils import timezone

from accounts.models import User
from instantly import schemas
from instantly.client import InstantlyClient
from instantly.client.errors import InstantlyError, NotFound
from instantly.connections.services import ConnectionUnusable, client_for
from instantly.models import Promotion
from instantly.sync.lock import SyncRunning, connection_lock
from salesbrain import rls
from salesbrain.kernel.messages import Message, message, stored

PATIENCE = 120.0
"""Seconds to wait for a sync of one of the workspaces to end."""
LOOK_EVERY = 1.0

Progress = Callable[[int, int], object]
"""Callback with the number of steps done and of all."""


@dataclass
class Work:
    """One run of a promotion or of its undo. Use `open()`, outside of a transaction."""

    promotion: Promotion
    actor: User | None
    actor_name: str
    progress: Progress
    clients: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def open(self) -> Iterator["Work"]:
        """Hold the promotion's lock during the block. Raises SyncRunning if another run has it."""
        with connection_lock(self.promotion.source_id, self.promotion.source.name, purpose="promotion"), self.clients:
            yield self

    @contextmanager
    def syncs_held(self) -> Iterator[None]:
        """Keep syncs of both workspaces out: one that listed before a move would bring back what has moved since.

        Raises SyncRunning after PATIENCE seconds.
        """
        with ExitStack() as locks:
            for connection in sorted((self.promotion.source, self.promotion.destination), key=lambda one: str(one.pk)):
                end = monotonic() + PATIENCE
                while True:
                    try:
                        locks.enter_context(connection_lock(connection.pk, connection.name))
                        break
                    except SyncRunning:
                        if monotonic() > end:
                            raise
                        sleep(LOOK_EVERY)
            yield

    @cached_property
    def source_client(self) -> InstantlyClient:
        return self.clients.enter_context(client_for(self.promotion.source))

    @cached_property
    def destination_client(self) -> InstantlyClient:
        return self.clients.enter_context(client_for(self.promotion.destination))

    @cached_property
    def admin_client(self) -> InstantlyClient:
        """Return the client that may move email accounts. Raises ConnectionUnusable where its connection is gone."""
        if self.promotion.admin_connection is None:
            raise ConnectionUnusable(message("promotion.no_admin_key"))
        return self.clients.enter_context(client_for(self.promotion.admin_connection, as_admin=True))

    # --- journal ----------------------------------------------------------------------------------------------------

    def noted(self, part: str, key: str) -> dict[str, Any]:
        """Return what the journal has on one thing; an empty dict for nothing."""
        found: dict[str, Any] = self.promotion.journal.get(part, {}).get(key, {})
        return found

    def note(self, part: str, key: str, **facts: Any) -> None:
        """Add facts to the journal and store it, in the caller's transaction where there is one."""
        self.promotion.journal.setdefault(part, {}).setdefault(key, {}).update(facts)
        with rls.scope(rls.SYSTEM):
            Promotion.objects.filter(pk=self.promotion.pk).update(
                journal=self.promotion.journal, updated_at=timezone.now()
            )
        self.progress(*counted(self.promotion))

    def leave(self, part: str, key: str, why: Message, *, state: str = "left") -> None:
        """Note that something stays as it is, and why. `state` kept: an undo leaves it as the promotion made it."""
        self.note(part, key, state=state, why=stored(why), undo=self.promotion.undo_at is not None)


PARTS = ("paused", "accounts", "copies")
FINISHED = {False: ("done", "left"), True: ("back", "kept", "left")}
"""States of a step that is over: of a promotion, of its undo."""


def counted(promotion: Promotion) -> tuple[int, int]:
    """Return how many steps of the promotion, or of its undo, are over, and how many there are."""
    undoing = promotion.undo_at is not None
    rows = [note for part in PARTS for note in promotion.journal.get(part, {}).values()]
    done = sum(note.get("state") in FINISHED[undoing] for note in rows)
    return done, len(rows) if undoing else sum(len(promotion.plan.get(part, ())) for part in PARTS)


def account_at(client: InstantlyClient, address: str) -> schemas.EmailAccount | None:
    """Return the email account if the client's workspace has it. Raises InstantlyError."""
    try:
        return client.email_account(address)
    except NotFound:
        return None


def move(work: Work, address: str, *, back: bool = False) -> bool:
    """Move an email account at Instantly; return False if neither workspace has it. An account that is there already stays.

    A lost answer is looked up, never sent again. Raises InstantlyError, `uncertain` where nobody knows.
    """
    promotion = work.promotion
    source, destination = promotion.source, promotion.destination
    target = work.source_client if back else work.destination_client
    if back:
        source, destination = destination, source
    if account_at(target, address) is not None:
        return True
    try:
        work.admin_client.move_email_accounts(
            [address], source=source.workspace_id, destination=destination.workspace_id
        )
    except NotFound:
        return False
    except InstantlyError as error:
        if not error.uncertain or account_at(target, address) is None:
            raise
    return True
