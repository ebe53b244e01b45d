"""Store events that webhooks missed, in the form of webhook deliveries, so that each counts once."""

import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import orjson

from accounts.models import ProviderConnection
from campaigns.models import Campaign
from instantly.models import Delivery, Pending
from instantly.processing.batch import process_pending
from instantly.webhooks.body import Refused
from instantly.webhooks.store import digest, store_raw
from messaging.choices import Origin
from salesbrain import rls

CHUNK = 500


def store_missing(
    connection: ProviderConnection, bodies: Iterable[dict[str, Any]], *, origin: Origin, dry_run: bool = False
) -> int:
    """Store and queue the deliveries that are not stored yet; return their number. Call outside a transaction.

    `bodies` may be produced while Instantly is being asked: a chunk is stored in a transaction of its own, between
    pages.
    """
    new = 0
    for chunk in _chunks(bodies):
        with rls.scope(rls.SYSTEM):
            stored = _stored(connection, chunk)
            for key, body in chunk.items():
                if key in stored:
                    continue
                try:
                    new += dry_run or store_raw(connection.pk, body, origin=origin) is not None
                except Refused:
                    continue  # what could not be a delivery then cannot be one now
    return new


def mark_campaigns(connection: ProviderConnection, provider_ids: Iterable[str], flag: str) -> None:
    """Set a flag on these campaigns, by which the worker compares their deliveries with more rows. Call before storing such rows.

    FOR UPDATE waits for the batches that did not see the flag, and they for us: one campaign at a time, because a batch locks
    its campaigns in the order of its deliveries.
    """
    for provider_id in provider_ids:
        with rls.scope(rls.SYSTEM):
            rows = Campaign.objects.filter(connection=connection, provider_id=provider_id, **{flag: False})
            ids = list(rows.select_for_update().values_list("pk", flat=True))
            Campaign.objects.filter(pk__in=ids).update(**{flag: True})


def wait_until_processed(connection: ProviderConnection, *, patience: float = 30.0) -> bool:
    """Process the queue until no delivery of this connection is pending; return whether that succeeded in time.

    Called before a comparison with the event log, which must contain all events of these deliveries. Works beside running workers and
    without any.
    """
    end = time.monotonic() + patience
    while True:
        while process_pending():
            pass
        if not _waiting(connection):
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.1)  # a worker has the rest locked


def _waiting(connection: ProviderConnection) -> bool:
    with rls.scope(rls.SYSTEM):
        queued = Pending.objects.values("delivery_id")
        return Delivery.objects.filter(connection_id=connection.pk, id__in=queued).exists()


def timestamp(moment: datetime) -> str:
    """Format a time as deliveries have it. It is part of the digest by which copies are recognized, so the format must not change."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _chunks(bodies: Iterable[dict[str, Any]]) -> Iterator[dict[bytes, bytes]]:
    waiting = _written(bodies)
    while chunk := list(islice(waiting, CHUNK)):
        yield dict(chunk)


def _written(bodies: Iterable[dict[str, Any]]) -> Iterator[tuple[bytes, bytes]]:
    for body in bodies:
        with suppress(orjson.JSONEncodeError):  # nested far deeper than a delivery may be
            yield digest(body), orjson.dumps(body)


def _stored(connection: ProviderConnection, chunk: Collection[bytes]) -> set[bytes]:
    found = Delivery.objects.filter(connection_id=connection.pk, digest__in=list(chunk))
    return {bytes(value) for value in found.values_list("digest", flat=True)}
