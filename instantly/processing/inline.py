"""Process a webhook delivery inside the web process, after its commit (INSTANTLY_PROCESSING=inline).

For tiny installations without a worker.
"""

import logging
from time import monotonic

from django.db import DatabaseError, connection

from messaging import organization_stats
from messaging.search import index_pending

from .batch import number_events, process_pending, release_held, resolve_stale_alerts

logger = logging.getLogger(__name__)

AT_ONCE = 50
SWEEP = 30.0
_swept = float("-inf")


def process_inline() -> None:
    """Process pending deliveries. A failure is only logged: the delivery is stored, and the next request tries again."""
    global _swept
    try:
        if monotonic() - _swept > SWEEP:
            _swept = monotonic()
            release_held()
            resolve_stale_alerts()
        process_pending(AT_ONCE)
        number_events()
        index_pending(AT_ONCE)
        organization_stats.refresh()
    except DatabaseError:
        logger.exception("Could not process deliveries; they stay pending")
        connection.close_if_unusable_or_obsolete()
