"""Progress of a running sync, stored in its staff action, whose page shows it."""

from collections.abc import Callable
from time import monotonic
from uuid import UUID

from instantly.choices import ActionState
from instantly.models import StaffAction
from salesbrain import rls
from salesbrain.kernel.messages import message

EVERY = 1.0
"""Minimum of seconds between two writes of the progress; pages poll every three."""


class SyncProgress:
    """Callable for `sync_connection(progress=…)`: stores how many objects of each kind are listed so far. Call outside of a transaction."""

    def __init__(self, action_id: UUID, *, clock: Callable[[], float] = monotonic) -> None:
        self._action_id, self._clock = action_id, clock
        self._listed = {"campaigns": 0, "email_accounts": 0}
        self._noted = float("-inf")

    def __call__(self, kind: str, listed: int) -> None:
        self._listed[kind] = listed
        if self._clock() - self._noted < EVERY:
            return
        self._noted = self._clock()
        said = message("action.listing", **self._listed)
        with rls.scope(rls.SYSTEM):
            running = StaffAction.objects.filter(pk=self._action_id, state=ActionState.RUNNING)
            running.update(outcome=said)
