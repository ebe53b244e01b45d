"""Scoring of an organization: learn from outcomes, judge by band, store every contact's score."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from accounts.models import Organization
from messaging.contact_engagement import events_of
from messaging.erasure import aliases
from messaging.intelligence.scoring import bands
from messaging.intelligence.scoring.bands import Band, Outcome, Verdict
from messaging.intelligence.scoring.engagement import RULE_VERSION, SHIPPED, Weights, engagement
from messaging.intelligence.scoring.fit import FitMapping
from messaging.intelligence.scoring.learning import Example, learn
from messaging.models import Contact, ScoringSettings
from messaging.scores import outcomes
from messaging.scores.fit_mapping import mapping_of, weights_of
from salesbrain import rls
from salesbrain.kernel import db

AGE = timedelta(hours=6)
SQL = db.statements(Path(__file__).resolve().parent.parent / "sql" / "scores")


@dataclass(frozen=True, slots=True)
class Quarter:
    """Outcome by band of a quarter, best band first, and whether the score predicts."""

    year: int
    number: int
    bands: Sequence[Band]
    verdict: Verdict


def score_organization(organization_id: UUID, *, now: datetime) -> int:
    """Learn and store anew the scores of an organization's contacts; return how many. Call outside of a transaction.

    Chunks are transactions of their own: an aborted run is simply started again.
    """
    with transaction.atomic(), rls.scope(rls.customer(organization_id)):
        settings = ScoringSettings.objects.filter(pk=organization_id).first()
        mapping = mapping_of(settings)
        weights, learned = _learn(organization_id, now=now)
    last, count = UUID(int=0), 0
    while True:
        with transaction.atomic(), rls.scope(rls.SYSTEM):
            aliases.aliases([])  # nobody is erased meanwhile
            rows = Contact.objects.filter(organization=organization_id, pk__gt=last).order_by("pk")
            chunk = list(rows[: outcomes.CHUNK])
            if not chunk:
                break
            last, count = chunk[-1].pk, count + len(chunk)
            _store(chunk, now=now, mapping=mapping, weights=weights)
    (this, before) = quarters(organization_id, now=now, mapping=mapping, weights=weights)
    judged = this if any(band.positives for band in this.bands) else before
    predicts = judged.verdict.predicts if any(band.contacts for band in judged.bands) else None
    values = {**learned, "predicts": predicts, "outcome": [_stored(each) for each in (this, before)], "scored_at": now}
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        ScoringSettings.objects.update_or_create(organization_id=organization_id, defaults=values)
    return count


def due(*, now: datetime) -> list[UUID]:
    """Return the active organizations whose scores are older than AGE, or whose mapping has changed."""
    with rls.scope(rls.SYSTEM):
        fresh = ScoringSettings.objects.filter(scored_at__gt=now - AGE).values("pk")
        return list(Organization.objects.filter(is_active=True).exclude(pk__in=fresh).values_list("pk", flat=True))


def _stored(quarter: Quarter) -> dict[str, Any]:
    """Return a quarter as JSON."""
    verdict = quarter.verdict
    names = ("contacts", "positives", "rate", "low", "high")
    return {
        "year": quarter.year,
        "quarter": quarter.number,
        "bands": [{"band": band.name, **{name: getattr(band, name) for name in names}} for band in quarter.bands],
        "predicts": verdict.predicts,
        "base_rate": verdict.base_rate,
        "top_rate": verdict.top_rate,
    }


def quarters(
    organization_id: UUID, *, now: datetime, mapping: FitMapping | None = None, weights: Weights | None = None
) -> tuple[Quarter, Quarter]:
    """Return the outcome by band of this quarter and the last one. Enters the organization's scope."""
    with transaction.atomic(), rls.scope(rls.customer(organization_id)):
        settings = ScoringSettings.objects.filter(pk=organization_id).first()
        mapping, weights = mapping or mapping_of(settings), weights or weights_of(settings)
        start, end = outcomes.quarter_of(now.date())
        earlier, _ = outcomes.quarter_of(start.date() - timedelta(days=1))
        found: dict[datetime, list[Outcome]] = {start: [], earlier: []}
        for chunk in outcomes.contacts_in_chunks(organization_id):
            for first, last in ((start, end), (earlier, start)):
                scored = outcomes.scored(chunk, start=first, end=last, now=now, mapping=mapping, weights=weights)
                found[first] += [outcomes.outcome(each) for each in scored if each.band]
    names = outcomes.band_names(mapping)
    return _quarter(start, found[start], names), _quarter(earlier, found[earlier], names)


def _quarter(start: datetime, found: Sequence[Outcome], names: Sequence[str]) -> Quarter:
    year, number = bands.quarter(start.date())
    dated = [Outcome(each.contact, each.band, each.positive, start.date()) for each in found]
    counted = bands.bands(dated, names, of=(year, number))
    filled = [band for band in counted if band.contacts]
    return Quarter(year, number, counted, bands.verdict(filled))


def _learn(organization_id: UUID, *, now: datetime) -> tuple[Weights, dict[str, Any]]:
    """Return the weights and what to store of them. In the organization's scope."""
    examples = []
    start, end = outcomes.quarter_of(now.date())
    year_ago = start.replace(year=start.year - 1)
    for chunk in outcomes.contacts_in_chunks(organization_id):
        scored = outcomes.scored(chunk, start=year_ago, end=end, now=now, mapping=FitMapping(), weights=SHIPPED)
        examples += [Example(each.engagement, each.positive) for each in scored]
    found = learn(examples, version=f"learned {now:%Y-%m-%d}")
    values = {
        "factors": {name.value: factor for name, factor in found.weights.factors.items()} if found.enough else None,
        "version": found.weights.version if found.enough else "", "contacts": found.contacts, "positives": found.positives,
    }  # fmt: skip
    return found.weights, values


def _store(chunk: Sequence[Contact], *, now: datetime, mapping: FitMapping, weights: Weights) -> None:
    events, grades = events_of(chunk), outcomes.grades_of(chunk, mapping)
    rows = []
    for contact in chunk:
        found = engagement(events[contact.pk], now=now, weights=weights)
        rows.append(
            {
                "id": contact.pk,
                "organization_id": contact.organization_id,
                "band": outcomes.band(grades.get(contact.pk), found),
                "points": found.score,
                "excluded": found.excluded,
                "version": f"{RULE_VERSION}/{weights.version}",
            }
        )
    db.prepared(SQL["store"], {"rows": orjson.dumps(rows).decode(), "now": now})
