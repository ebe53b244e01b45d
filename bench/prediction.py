"""Benchmark of engagement scores: comparison with later outcomes in an emulated life.

Two questions. Before the first reply: does the score, just before it, tell who will answer positively (opens and clicks alone)? On a day:
does the score shown on it tell who will be positive in the two weeks after it?
"""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

import orjson
from django.db import transaction

from accounts.models import ProviderConnection
from bench import cast
from bench.results import progress
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign
from instantly.emulator.entry_points import history
from instantly.emulator.entry_points.workspace_file import WorkspaceFile
from instantly.models import Pending
from instantly.processing.batch import process_pending
from instantly.webhooks.store import parse_delivery, store_all
from messaging.intelligence.scoring.engagement import SHIPPED, WELCOMING, Event, Signal, engagement
from messaging.intelligence.scoring.fit import FitMapping
from messaging.intelligence.triage.pending import triage_pending
from messaging.scores import outcomes
from salesbrain import rls

NOW = datetime(2025, 12, 1, tzinfo=UTC)
"""End of the emulated life: in the past, because deliveries from the future are set aside."""

SEED = 7
AT_ONCE = 1000
EVERY = AFTER = timedelta(days=14)
IN_TOUCH = timedelta(days=30)
"""A contact counts on a day if we wrote to it within this time before."""

Scored = tuple[int, bool]
"""A contact's score, in tenths of points, and whether it was positive afterwards."""


def record(organization: UUID, days: int) -> int:
    """Emulate `days` of the demo's first workspace and record them like webhook deliveries; return the number of events."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "history.ndjson"
        workspaces = WorkspaceFile(({"name": "acme", "key": "not-used", "id": "workspace-prediction"},))
        history.make(workspaces, seed=SEED, now=NOW, history=file, days=days)
        payloads = [line["payload"] for line in map(orjson.loads, file.open("rb")) if "payload" in line]
    connection = _connection(
        organization, {payload["campaign_id"] for payload in payloads if payload.get("campaign_id")}
    )
    rest = iter(payloads)
    while chunk := list(islice(rest, AT_ONCE)):
        store_all([parse_delivery(connection.pk, orjson.dumps(payload)) for payload in chunk], using="default")
    while _waiting():
        process_pending()
    progress(f"intelligence: {len(payloads):,} emulated events of {days} days are recorded")
    while triage_pending():
        pass
    return len(payloads)


def _connection(organization: UUID, campaigns: set[str]) -> ProviderConnection:
    with rls.scope(rls.SYSTEM):
        connection = ProviderConnection.objects.create(
            name="prediction", workspace_id="workspace-prediction", workspace_name="prediction"
        )
        Campaign.objects.bulk_create(
            Campaign(
                organization_id=organization, connection=connection, provider_id=campaign, name=campaign, status=CampaignStatus.ACTIVE,
                senders=[],
            )
            for campaign in sorted(campaigns)
        )  # fmt: skip
    return connection


def _waiting() -> bool:
    with rls.scope(rls.SYSTEM):
        return Pending.objects.exists()


def before_first_reply(organization: UUID, days: int) -> list[Scored]:
    """Return each contact's score just before its first reply, or a week after our last mail, and whether it was positive."""
    start = NOW - timedelta(days=days)
    found: list[Scored] = []
    for read in _read(organization):
        for each in outcomes.scored(read, start=start, end=NOW, now=NOW, weights=SHIPPED):
            if each.engagement.score is not None:
                found.append((each.engagement.score, each.positive))
    return found


def on_days(organization: UUID, days: int) -> list[Scored]:
    """Return the score on every 14th day of contacts we are in touch with, and whether they were positive in the 14 days after."""
    moments, moment = [], NOW - AFTER
    while moment > NOW - timedelta(days=days) + EVERY:
        moments.append(moment)
        moment -= EVERY
    found: list[Scored] = []
    for read in _read(organization):
        for contact in read.contacts:
            found += on_moments(read.events[contact.pk], moments)
    return found


def on_moments(events: Sequence[Event], moments: Sequence[datetime]) -> Iterator[Scored]:
    sent = [event.at for event in events if event.signal is Signal.SENT]
    positive = [
        event.at
        for event in events
        if event.signal is Signal.MEETING or event.signal is Signal.CATEGORY and event.category in WELCOMING
    ]
    for moment in moments:
        if not any(moment - IN_TOUCH <= at <= moment for at in sent):
            continue
        score = engagement(events, now=moment).score
        if score is not None:
            yield score, any(moment < at <= moment + AFTER for at in positive)


def _read(organization: UUID) -> Iterator[outcomes.Read]:
    with transaction.atomic(), rls.scope(rls.customer(organization)):
        for chunk in outcomes.contacts_in_chunks(organization):
            yield outcomes.read_contacts(chunk, FitMapping())


def lift(scored: Sequence[Scored]) -> dict[str, float]:
    """Return the share of positives (`base`), that of the tenth with the highest scores (`top`), and their ratio (`lift`).

    Where the cut is among equal scores, those count with their mean. Zeros where nobody was positive.
    """
    if not scored:
        return {"contacts": 0, "base": 0, "top": 0, "lift": 0}
    ordered = sorted((score for score, _ in scored), reverse=True)
    wanted = max(1, len(scored) // 10)
    cut = ordered[wanted - 1]
    above = [positive for score, positive in scored if score > cut]
    equal = [positive for score, positive in scored if score == cut]
    top = (sum(above) + (wanted - len(above)) * sum(equal) / len(equal)) / wanted
    base = sum(positive for _, positive in scored) / len(scored)
    return {"contacts": len(scored), "base": base, "top": top, "lift": top / base if base else 0}


def measured(days: int) -> tuple[dict[str, float], dict[str, float]]:
    """Record an emulated life for the first organization; return what `lift` says before the first reply, and on days."""
    organization = cast.known_or_new()[1]
    record(organization, days)
    return lift(before_first_reply(organization, days)), lift(on_days(organization, days))
