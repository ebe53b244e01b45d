"""Queue webhook deliveries again that were held or given up, and forecast the effect.

Held: set aside until its campaign is known, or for a person. A delivery whose event is in the log has had its effect and is left
alone. The forecast runs the real code: it claims, parses and records the delivery in a transaction, compares, and rolls back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Organization
from campaigns.models import Campaign
from instantly.choices import HeldReason
from instantly.models import Delivery, Held
from messaging import event_writer
from messaging.events import Change, ProviderEvent
from messaging.models import Event
from salesbrain import rls
from salesbrain.kernel import db

from . import batch as processing
from . import payload_contract, reading
from .resolvers import resolve_batch

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """Criteria for deliveries; all that are given must match. Without `reasons`: in any state."""

    reasons: frozenset[HeldReason] = frozenset()
    ids: tuple[int, ...] = ()
    since: datetime | None = None
    connection_id: UUID | None = None

    def deliveries(self) -> QuerySet[Delivery]:
        """Return the deliveries that match, oldest first, with their bodies deferred. Needs SYSTEM scope."""
        fits = Q()
        if self.reasons:
            fits &= Q(Exists(Held.objects.filter(delivery_id=OuterRef("pk"), reason__in=self.reasons)))
        if self.ids:
            fits &= Q(pk__in=self.ids)
        if self.since:
            fits &= Q(received_at__gte=self.since)
        if self.connection_id:
            fits &= Q(connection_id=self.connection_id)
        return Delivery.objects.filter(fits).order_by("pk").defer("body", "cleaned")

    def plan(self) -> "ReplayPlan":
        """Return which of the deliveries that match can be replayed."""
        with transaction.atomic(), rls.scope(rls.SYSTEM):
            rows = (
                self.deliveries()
                .annotate(is_done=Exists(Event.objects.filter(pk=OuterRef("pk"))), is_pruned=Q(body__isnull=True))
                .values_list("pk", "is_done", "is_pruned")
            )
            found = ReplayPlan()
            for id, is_done, is_pruned in rows:
                if is_done:
                    found.done += 1
                elif is_pruned:
                    found.pruned.append(id)
                else:
                    found.open.append(id)
            return found


@dataclass(slots=True)
class ReplayPlan:
    """Forecast of a replay by id. `open`: to replay; `pruned`: without a stored body; `done`: number of those with an event already."""

    open: list[int] = field(default_factory=list)
    pruned: list[int] = field(default_factory=list)
    done: int = 0


def requeue(ids: Sequence[int]) -> int:
    """Return deliveries to the queue with all their tries; return how many were not in it.

    Deliveries that are done, pruned or queued by now are skipped. One transaction per chunk, so that workers do not wait long.
    """
    queued = 0
    for chunk in _chunks(ids):
        with transaction.atomic(), rls.scope(rls.SYSTEM):
            queued += db.prepared(processing.SQL["requeue"], [chunk]).rowcount
    return queued


class Outcome(StrEnum):
    BOOKED = "would be booked"
    HELD = "would be held again"
    REFUSED = "would be refused by the database"
    DONE = "is done by now"
    BUSY = "is being processed right now"


@dataclass(frozen=True, slots=True)
class Booking:
    """Result of recording a delivery: an event of this neutral type for an organization, and rows of these kinds beside it."""

    type: str
    happened_at: datetime
    organization: str
    campaign: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Outcome of replaying one delivery. `problems`: a sentence for each field that cannot be read, with the data lost. `reason`: why it
    would be held again, with its `why`; `booking`: what would be written.
    """

    delivery_id: int
    event_type: str
    outcome: Outcome
    detail: str
    problems: tuple[str, ...] = ()
    reason: HeldReason | None = None
    why: str = ""
    booking: Booking | None = None

    def __str__(self) -> str:
        lines = [
            f"#{self.delivery_id} {self.event_type or '(no type)'}: {self.outcome}"
            + (f", {self.detail}" if self.detail else "")
        ]
        return "\n".join([*lines, *(f"    {problem}" for problem in self.problems)])


def forecast_replay(ids: Sequence[int]) -> Iterator[Forecast]:
    """Yield the forecast of each delivery, in order; every transaction is rolled back."""
    for id in ids:
        contents = reading.read_bodies([_body(id)])
        with transaction.atomic():
            rls.enter(rls.SYSTEM)
            forecast = _foresee(id, contents)
            transaction.set_rollback(True)
        yield forecast


def _foresee(id: int, contents: Mapping[int, reading.Content | reading.Unread]) -> Forecast:
    name = Delivery.objects.values_list("event_type", flat=True).get(pk=id)
    db.prepared("INSERT INTO instantly_pending (delivery_id) VALUES (%s) ON CONFLICT DO NOTHING", [id])
    claimed = processing.claim([id])
    if not claimed:
        return Forecast(id, name, Outcome.BUSY, "")
    content = contents[id]
    problems = (
        tuple(payload_contract.problems(content.payload)) if isinstance(content, reading.Content) else (str(content),)
    )
    batch, held = processing.interpret(claimed, contents)
    if held:
        reason = f"{held[0].reason.label.lower()}: {held[0].detail}"
        return Forecast(id, name, Outcome.HELD, reason, problems, held[0].reason, held[0].detail)
    event, changes = batch[0]
    try:
        with transaction.atomic():
            fresh = event_writer.record(resolve_batch(batch, claimed))
            db.prepared("SET CONSTRAINTS ALL IMMEDIATE")
    except DatabaseError as error:
        if db.is_transient(error):
            raise
        return Forecast(id, name, Outcome.REFUSED, str(error).strip().splitlines()[0], problems)
    if not fresh:
        return Forecast(id, name, Outcome.DONE, "", problems)
    booking = _booking(event, changes)
    return Forecast(id, name, Outcome.BOOKED, _where(booking), problems, booking=booking)


def _body(id: int) -> reading.Body:
    with rls.scope(rls.SYSTEM):
        delivery = Delivery.objects.only("body", "cleaned").get(pk=id)
    is_raw = delivery.cleaned is None and delivery.body is not None
    return reading.Body(id, bytes(delivery.body).decode() if is_raw else delivery.cleaned, "")


def _booking(event: ProviderEvent, changes: Sequence[Change]) -> Booking:
    organization = Organization.objects.values_list("name", flat=True).get(pk=event.organization_id)
    named = Campaign.objects.values_list("name", flat=True)
    campaign = named.filter(pk=event.campaign_id).first() if event.campaign_id else None
    kinds = sorted({type(change).__name__.removesuffix("Change").lower() for change in changes})
    return Booking(event.type, event.happened_at, organization, campaign or "", tuple(kinds))


def _where(booking: Booking) -> str:
    """Return a sentence: the organization the event would belong to and the rows it would write."""
    parts = [
        f"as {booking.type} of {booking.happened_at:%Y-%m-%d %H:%M:%S} UTC for {booking.organization}",
        f"campaign {booking.campaign!r}" if booking.campaign else "no campaign",
        f"writes {', '.join(['log', *booking.kinds])}",
    ]
    return "; ".join(parts)


def _chunks(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield list(ids[start : start + CHUNK])
