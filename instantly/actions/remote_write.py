"""One write at Instantly: call, mirror, audit; an unknown outcome is looked up, never repeated.

The answer Instantly gives is mirrored with the statement a sync uses, so a pause or a start becomes its derived event
too. Where a call's outcome is unknown (the connection broke after it was sent), nothing is repeated: we look, and if it
was carried out we go on as if it had been answered; else the error says that it is not known, the audit log says the
same, and a sync is queued, which brings whatever did happen.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import EmailAccount, ProviderConnection, User
from accounts.services import record_audit
from campaigns.models import Campaign
from instantly import schemas
from instantly.client import InstantlyClient
from instantly.client.errors import InstantlyError
from instantly.connections.services import client_for, record_if_shut_out
from instantly.sync import derived_events, mirror
from salesbrain import rls

Lookup = Callable[[InstantlyClient], schemas.Answer | None]
"""Asks Instantly whether a write whose outcome is unknown was carried out; returns the object if it was."""


def write(
    connection: ProviderConnection,
    action: str,
    call: Callable[[InstantlyClient], Any],
    look: Lookup,
    actor: User | None,
    *,
    target: Campaign | EmailAccount | None = None,
    detail: dict[str, Any] | None = None,
    kind: mirror.Kind = mirror.CAMPAIGNS,
    mirrored: bool = True,
    organization_id: UUID | None = None,
) -> Any:
    """Do it at Instantly, then mirror what it answered, and write down who did it in the same transaction."""
    with client_for(connection) as client:
        began_at = timezone.now()
        try:
            answer = call(client)
            outcome = "done"
        except InstantlyError as error:
            if not error.uncertain:
                record_if_shut_out(connection, error)
                raise
            found = _looked_up(client, look)
            if found is None:
                _record_audit(
                    action, actor, connection, target, (detail or {}) | {"outcome": "unknown", "error": str(error)}
                )
                queue_sync(connection, actor)
                raise
            answer, outcome = found, "found done after an answer was lost"
    facts = (detail or {}) | {"outcome": outcome, "provider_id": kind.key(answer)}
    with rls.scope(rls.SYSTEM):
        if mirrored:
            _mirror(kind, connection, answer, began_at, organization_id)
        _record_audit(action, actor, connection, target, facts)
    return answer


def queue_sync(connection: ProviderConnection, actor: User | None) -> None:
    """Queue a sync of this connection: what an unknown outcome was, the next listing tells."""
    sync_one = app.configure_task("instantly.tasks.sync_one", priority=5)  # by name: the tasks import what is here
    sync_one.defer(connection_id=str(connection.pk), actor_name=str(actor or ""))


def _looked_up(client: InstantlyClient, look: Lookup) -> Any:
    try:
        return look(client)
    except InstantlyError:
        return None  # not known stays not known


def _mirror(
    kind: mirror.Kind, connection: ProviderConnection, answer: Any, at: datetime, organization_id: UUID | None
) -> None:
    now = timezone.now()  # the answer is newer than anything that was listed before it
    stored = answer.stored(answer.raw)
    row = mirror.Row(kind.row(answer), stored, mirror.digest(stored))
    changes = mirror.write(kind, connection, [row], seen_at=now, began_at=at)
    derived_events.store_derived_events(kind, connection, changes, seen_at=now)
    if organization_id is not None:
        new = [change.id for change in changes if change.action == "imported"]
        Campaign.objects.filter(pk__in=new).update(organization_id=organization_id)


def _record_audit(
    action: str,
    actor: User | None,
    connection: ProviderConnection,
    target: Campaign | EmailAccount | None,
    detail: dict[str, Any],
) -> None:
    with rls.scope(rls.SYSTEM):
        record_audit(
            action=action,
            actor=actor,
            target=target or connection,
            organization_id=target.organization_id if target else connection.organization_id,
            detail=detail,
        )
