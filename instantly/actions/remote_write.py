"""Perform one write at Instantly: call, mirror the response, audit; never repeat an unknown outcome.

After a timeout or a lost connection Instantly is asked whether the change happened.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Mirroring:
    """Rule for the object that Instantly returns: write its row as a sync does, or not (`is_stored`).

    A new row belongs to `organization_id`, if given.
    """

    kind: mirror.Kind
    is_stored: bool = True
    organization_id: UUID | None = None

    def store(self, connection: ProviderConnection, answer: Any, *, began_at: datetime) -> None:
        if not self.is_stored:
            return
        now = timezone.now()  # the answer is newer than anything that was listed before it
        stored = answer.stored(answer.raw)
        row = mirror.Row(self.kind.row(answer), stored, mirror.digest(stored))
        changes = mirror.write(self.kind, connection, [row], seen_at=now, began_at=began_at)
        derived_events.store_derived_events(self.kind, connection, changes, seen_at=now)
        if self.organization_id is not None:
            new = [change.id for change in changes if change.action == "imported"]
            Campaign.objects.filter(pk__in=new).update(organization_id=self.organization_id)


CAMPAIGN, EMAIL_ACCOUNT = Mirroring(mirror.CAMPAIGNS), Mirroring(mirror.EMAIL_ACCOUNTS)
GONE_CAMPAIGN = Mirroring(mirror.CAMPAIGNS, is_stored=False)


@dataclass(frozen=True, slots=True)
class RemoteWrite:
    """A write at Instantly (`call`), and a way to find out (`look`) whether it was carried out.

    A connection may break after a request was sent and before its answer came. Sending it again could make a second campaign or undo a
    change that somebody made in the meantime. So nothing is repeated: `look` asks Instantly for the state the write leads to. If it is
    found, we go on as if the write had been answered. If not, or if that request fails too, the outcome is unknown: the error and the audit
    log say so, and a sync is queued, which mirrors the actual state.

    The answer is mirrored with the statement a sync uses, so that a pause or a start becomes its derived event too. `action`: name in the
    audit log; `target`: the object written (None: the connection); `detail`: facts for the audit log beside the outcome.
    """

    connection: ProviderConnection
    action: str
    call: Callable[[InstantlyClient], Any]
    look: Lookup
    actor: User | None
    target: Campaign | EmailAccount | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    mirroring: Mirroring = CAMPAIGN

    def run(self) -> Any:
        """Call Instantly, then mirror the response and write the audit entry in one transaction; return the response.

        Raises InstantlyError (`uncertain` where the outcome is unknown), ConnectionUnusable.
        """
        with client_for(self.connection) as client:
            began_at = timezone.now()
            answer, outcome = self._call_or_look(client)
        with rls.scope(rls.SYSTEM):
            self.mirroring.store(self.connection, answer, began_at=began_at)
            self._record_audit({"outcome": outcome, "provider_id": self.mirroring.kind.key(answer)})
        return answer

    def _call_or_look(self, client: InstantlyClient) -> tuple[Any, str]:
        try:
            return self.call(client), "done"
        except InstantlyError as error:
            if not error.uncertain:
                record_if_shut_out(self.connection, error)
                raise
            found = self._looked_up(client)
            if found is None:
                self._record_audit({"outcome": "unknown", "error": str(error)})
                queue_sync(self.connection, self.actor)
                raise
            return found, "found done after an answer was lost"

    def _looked_up(self, client: InstantlyClient) -> Any:
        try:
            return self.look(client)
        except InstantlyError:
            return None  # not known stays not known

    def _record_audit(self, facts: Mapping[str, Any]) -> None:
        about = self.target or self.connection
        with rls.scope(rls.SYSTEM):
            record_audit(
                action=self.action,
                actor=self.actor,
                target=about,
                organization_id=about.organization_id,
                detail={**self.detail, **facts},
            )


def queue_sync(connection: ProviderConnection, actor: User | None) -> None:
    """Queue a sync of this connection, which finds out whether a write of unknown outcome was carried out."""
    sync_one = app.configure_task("instantly.tasks.sync_one", priority=5)  # by name: the tasks import what is here
    sync_one.defer(connection_id=str(connection.pk), actor_name=str(actor or ""))
