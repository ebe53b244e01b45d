"""Store a workspace's custom lead labels, found among its leads, and apply them to earlier events."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import ProviderConnection
from instantly.processing.labels import is_lead_label
from messaging import judgements
from messaging.models import Event
from salesbrain import rls

CHUNK = 1000


def store_labels(connection: ProviderConnection, labels: Iterable[Any]) -> bool:
    """Store the texts of a workspace's lead labels; return whether they changed. If so, `judge_again` must be called."""
    texts = sorted({str(label) for label in labels if label})
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        rows = ProviderConnection.objects.select_for_update(of=("self",)).filter(pk=connection.pk)
        if rows.values_list("lead_labels", flat=True).get() == texts:
            return False
        rows.update(lead_labels=texts)
    return True


def judge_again(connection_id: UUID, *, dry_run: bool = False) -> int:
    """Decide again for each undocumented event of a connection whether it is a lead label; return how many changed."""
    with rls.scope(rls.SYSTEM):
        labels = ProviderConnection.objects.values_list("lead_labels", flat=True).get(pk=connection_id)
        names = set(_undocumented(connection_id).order_by().values_list("detail", flat=True).distinct())
    is_label = {name: is_lead_label(name, is_listed=None if labels is None else name in labels) for name in names}
    changed = 0
    for name, right in is_label.items():
        wrong = _undocumented(connection_id).filter(detail=name, interest__isnull=right)
        while True:
            with transaction.atomic(), rls.scope(rls.SYSTEM):
                ids = list(wrong.order_by("pk").values_list("pk", flat=True)[:CHUNK])
                if dry_run:
                    changed += wrong.count()
                    break
                judgements.set_interest([(id, name if right else None) for id in ids])
            changed += len(ids)
            if len(ids) < CHUNK:
                break
    return changed


def _undocumented(connection_id: UUID) -> Any:
    return Event.objects.filter(connection_id=connection_id, type="custom").exclude(detail="")
