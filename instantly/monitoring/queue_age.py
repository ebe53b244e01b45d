"""Raise an alert when webhook deliveries wait too long in the queue."""

from instantly.choices import AlertKind
from salesbrain import rls
from salesbrain.kernel.messages import message

from .alerts import raise_alert, resolve_alerts
from .feed_health import backlog

MAX_AGE = 120.0
"""Seconds that the oldest pending delivery may wait: usual is one, and about a minute for a queue of 100,000."""


def check_queue_age() -> bool:
    """Raise the alert while the oldest pending delivery is older than MAX_AGE, resolve it when none is; return whether it is raised."""
    with rls.scope(rls.SYSTEM):
        waiting = backlog()
    if waiting.age_seconds <= MAX_AGE:
        resolve_alerts(AlertKind.QUEUE_STALLED, connection_id=None)
        return False
    raise_alert(
        AlertKind.QUEUE_STALLED,
        None,
        message("alert.queue_stalled", pending=waiting.pending, seconds=f"{waiting.age_seconds:.0f}"),
    )
    return True
