"""Raise and resolve alerts for staff: one open alert per kind and connection.

Alerts are shown on the dashboard, in `/metrics` and in `/readyz`; none is sent by mail.
"""

import logging
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from instantly.choices import AlertKind
from instantly.models import Alert
from salesbrain import rls
from salesbrain.kernel import db
from salesbrain.kernel.messages import stored

logger = logging.getLogger(__name__)

RAISE = """
INSERT INTO instantly_alert AS a (kind, connection_id, detail, occurrences, since, last_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (kind, connection_id) WHERE resolved_at IS NULL
DO UPDATE SET occurrences = a.occurrences + excluded.occurrences, detail = excluded.detail,
    last_at = excluded.last_at, updated_at = now()
RETURNING occurrences = %s
"""


def raise_alert(
    kind: AlertKind, connection_id: UUID | None, detail: str, *, occurrences: int = 1, now: datetime | None = None
) -> None:
    """Open an alert, or increase the count of the open one. Opening is logged as a warning."""
    now = now or timezone.now()
    with rls.scope(rls.SYSTEM):
        row = db.prepared(
            RAISE, [str(kind), connection_id, stored(detail), occurrences, now, now, occurrences]
        ).fetchone()
    if row and row[0]:
        logger.warning("Alert %s: %s", kind, detail)


def resolve_alerts(*kinds: AlertKind, connection_id: UUID | None, now: datetime | None = None) -> int:
    """Resolve the open alerts of these kinds, because their cause has ended. Returns their number."""
    with rls.scope(rls.SYSTEM):
        open_ones = Alert.objects.filter(kind__in=kinds, connection_id=connection_id, resolved_at__isnull=True)
        return open_ones.update(resolved_at=now or timezone.now())
