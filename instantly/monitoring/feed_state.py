"""State per connection of gap repair (fetching events that webhooks missed), stored in model SyncRun.

A gap is a time in which Instantly had disabled our webhook, or there was none: {"from", "until", "filled", "missing"}, times as ISO
texts. It is stored before the webhook is enabled again, because Instantly shows no trace of it afterwards. A deleted webhook is
noticed by its missing id.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import ProviderConnection
from instantly.choices import SyncStatus, SyncTrigger
from instantly.models import SyncRun
from instantly.schemas import Webhook
from salesbrain import rls
from salesbrain.kernel.messages import message

REMEMBERED = 20
LOST = gettext_noop("opens and clicks and changes of interest, but the last of each lead,")
"""Data of a gap that inbox and leads cannot restore, as a phrase."""


def last_facts(connection: ProviderConnection, *, before: UUID | None = None) -> dict[str, Any]:
    """Return the facts stored by the latest finished or killed run; {} before the first. `before`: the current run."""
    with rls.scope(rls.SYSTEM):
        runs = SyncRun.objects.filter(connection=connection, trigger=SyncTrigger.RECONCILE).exclude(counts={})
        if before is not None:
            runs = runs.exclude(pk=before)
        facts: dict[str, Any] = runs.values_list("counts", flat=True).first() or {}
        return facts


def with_gap(facts: dict[str, Any], since: datetime, until: datetime) -> dict[str, Any]:
    """Return the facts with a period without deliveries added as a gap; an existing gap with this start is extended.

    Of too many gaps the oldest are dropped; the time before them then no longer counts as complete.
    """
    start = since.isoformat()
    gap = {"from": start, "until": until.isoformat(), "filled": False, "missing": LOST}
    gaps = [*(known for known in facts.get("gaps", []) if known["from"] != start), gap]
    forgotten = gaps[:-REMEMBERED]
    claim = {"complete_since": forgotten[-1]["until"]} if forgotten else {}
    return facts | claim | {"gaps": gaps[-REMEMBERED:]}


def remember_gap(connection: ProviderConnection, webhook: Webhook, *, actor_name: str) -> None:
    """Store a gap that an operator ended by resuming the webhook; the next run of gap repair fills it."""
    now = timezone.now()
    with rls.scope(rls.SYSTEM):
        SyncRun.objects.create(
            connection=connection,
            trigger=SyncTrigger.RECONCILE,
            actor_name=actor_name,
            status=SyncStatus.INCOMPLETE,
            started_at=now,
            finished_at=now,
            counts=with_gap(last_facts(connection), webhook.timestamp_error or now, now),
            errors=[{"kind": "webhook", "id": webhook.id, "reason": message("reconcile.was_off")}],
        )
