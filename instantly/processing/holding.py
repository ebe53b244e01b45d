"""Hold a queued webhook delivery (set it aside), or dismiss a held one, with an audit entry.

Command replay_deliveries undoes either.
"""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from accounts.services import record_audit
from instantly.choices import HeldReason
from instantly.models import Delivery, Held
from salesbrain import rls

from .batch import claim, hold, holding


def hold_delivery(delivery_id: int, *, why: str = "", actor: User | None = None, actor_name: str = "") -> bool:
    """Take a pending delivery out of the queue, so that no worker reads it; return whether it was pending and is held now.

    A delivery that a worker is recording at this moment counts as not pending; the call does not wait for it.
    """
    with transaction.atomic():
        rls.enter(rls.SYSTEM)
        claimed = claim([delivery_id])
        hold([holding(delivery, HeldReason.OPERATOR, why) for delivery in claimed])
        if claimed:
            _audit("delivery.hold", delivery_id, why=why, actor=actor, actor_name=actor_name)
    return bool(claimed)


def dismiss(delivery_ids: Sequence[int], *, why: str = "", actor: User | None = None, actor_name: str = "") -> int:
    """Mark held deliveries as dismissed: they are kept, tried no more, and raise no alert. Returns how many were held."""
    with transaction.atomic():
        rls.enter(rls.SYSTEM)
        rows = Held.objects.filter(delivery_id__in=delivery_ids).exclude(reason=HeldReason.DISMISSED)
        ids = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
        Held.objects.filter(pk__in=ids).update(reason=HeldReason.DISMISSED, next_try_at=None)
        for id in ids:
            _audit("delivery.dismiss", id, why=why, actor=actor, actor_name=actor_name)
    return len(ids)


def _audit(action: str, delivery_id: int, *, why: str, actor: User | None, actor_name: str) -> None:
    detail = {"delivery": delivery_id, "why": why[:500]}
    record_audit(action=action, actor=actor, actor_name=actor_name, target=Delivery(pk=delivery_id), detail=detail)
