"""Additional steps of the worker (search, triage …) between batches; a failing one stops no other.

A step that keeps failing pauses and raises an alert.
"""

import logging
from collections import Counter
from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from django.db import DatabaseError, connection

from instantly.choices import AlertKind
from instantly.monitoring.alerts import raise_alert, resolve_alerts
from salesbrain.kernel import db
from salesbrain.kernel.messages import message

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

REPEATED = 2
MAX_PAUSE = 300.0  # seconds


class Steps:
    """Additional steps of the worker. A step that keeps failing pauses and raises an alert; the others go on."""

    def __init__(self) -> None:
        self.failures: Counter[str] = Counter()
        self.paused_until: dict[str, float] = {}

    def run(
        self, name: str, work: Callable[[], Result], otherwise: Result, *, isolate: Callable[[], object] | None = None
    ) -> Result:
        """Return the result of `work`, or `otherwise` while the step is paused. `isolate` finds the faulty rows and skips them.

        Raises DatabaseError the first time, and whenever the connection is lost.
        """
        if monotonic() < self.paused_until.get(name, 0.0):
            return otherwise
        try:
            result = work()
        except DatabaseError as error:
            self.failures[name] += 1
            if self.failures[name] < REPEATED or db.is_disconnected(error):
                raise
            pause = min(MAX_PAUSE, 2.0 ** self.failures[name])
            self.paused_until[name] = monotonic() + pause
            connection.close()
            detail = message(
                "alert.step_failing", step=name, count=self.failures[name], reason=str(error).strip()[:300]
            )
            logger.error("%s; it pauses for %.0f s", detail, pause)
            raise_alert(AlertKind.STEP_FAILING, None, detail)
            if isolate:
                isolate()
            return otherwise
        if self.failures.pop(name, 0) >= REPEATED:
            resolve_alerts(AlertKind.STEP_FAILING, connection_id=None)
        return result
