"""Import the demo's generated history by processing it like webhook deliveries, without HTTP."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from accounts.choices import Provider
from accounts.models import ProviderConnection
from instantly.models import Pending
from instantly.processing.batch import process_pending
from instantly.reconciliation import backfill, untracked_mails
from instantly.schemas import Email
from instantly.webhooks.store import parse_delivery, store_all
from messaging.choices import Origin
from salesbrain import rls
from salesbrain.local.history_file import history_file

STORED_AT_ONCE = 1000
TELL_EVERY = 4.0  # seconds
PATIENCE = 300.0  # seconds

Tell = Callable[[str], object]
Line = dict[str, Any]


def record(tell: Tell) -> int:
    """Import the waiting history, and return the number of events; 0 if there is none. Call outside a transaction.

    An interrupted import begins again the next time: events that are stored already are recognized as copies.
    """
    file = history_file()
    if not file.exists():
        return 0
    began = time.monotonic()
    with rls.scope(rls.SYSTEM):
        ours = ProviderConnection.objects.active().filter(provider=Provider.INSTANTLY)
        connections = {connection.workspace_id: connection for connection in ours}
    total = 0
    for chunk in _chunks(file):
        _store([line for line in chunk if line["workspace"] in connections], connections)
        total += len(chunk)
    tell(f"Demo history: {total:,} events of three months are stored; now they are recorded.")
    left = _process(total, tell)
    file.unlink()  # all of it is stored, so the worker has what is left
    if left:
        tell(f"Demo history: {total - left:,} of {total:,} events recorded, {left:,} wait for the worker.")
    else:
        tell(
            f"Demo history: complete, {total:,} events in {time.monotonic() - began:.0f} s. Search and categories follow."
        )
    return total


def _chunks(file: Path) -> Iterator[Sequence[Line]]:
    with file.open("rb") as lines:
        while chunk := [orjson.loads(line) for line in islice(lines, STORED_AT_ONCE)]:
            yield chunk


def _store(lines: Sequence[Line], connections: dict[str, ProviderConnection]) -> None:
    """Store events as webhook deliveries; mails written by hand, which no webhook reports, as gap repair does."""
    deliveries = [
        parse_delivery(connections[line["workspace"]].pk, orjson.dumps(line["payload"]))
        for line in lines
        if "payload" in line
    ]
    if deliveries:
        store_all(deliveries, using="default")
    for workspace, connection in connections.items():
        mails = [
            Email.model_validate(line["mail"]) for line in lines if "mail" in line and line["workspace"] == workspace
        ]
        if mails:
            bodies = untracked_mails.deliveries_of(connection, mails)
            backfill.store_missing(connection, bodies, origin=Origin.BACKFILL)


def _process(total: int, tell: Tell) -> int:
    """Process the queue beside the worker until it is empty or PATIENCE ends; return the number left. Two processes take half the time."""
    told, end = time.monotonic(), time.monotonic() + PATIENCE
    while (waiting := _waiting()) and time.monotonic() < end:
        if not process_pending():
            time.sleep(0.1)  # the worker has the rest
        if time.monotonic() - told > TELL_EVERY:
            told = time.monotonic()
            tell(f"Demo history: {max(0, total - waiting):,} of {total:,} events recorded")
    return waiting


def _waiting() -> int:
    with rls.scope(rls.SYSTEM):
        return Pending.objects.count()
