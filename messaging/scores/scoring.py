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

    One pass over the contacts with the shipped weights, and a second one if the organization has enough outcomes to learn weights of its
    own. Chunks are transactions of their own: an aborted run is simply started again.
    """
    with transaction.atomic(), rls.scope(rls.customer(organization_id)):
        mapping = mapping_of(ScoringSettings.objects.filter(pk=organization_id).first())
    count, examples, found = _score_all(organization_id, now=now, mapping=mapping, weights=SHIPPED, learns=True)
    learned = learn(examples, version=f"learned {now:%Y-%m-%d}")
    if learned.enough:
        count, _, found = _score_all(organization_id, now=now, mapping=mapping, weights=learned.weights, learns=False)
    this, before = _quarters(found, now=now, mapping=mapping)
    judged = this if this.verdict.enough else before
    values = {
        "factors": {name.value: factor for name, factor in learned.weights.factors.items()} if learned.enough else None,
        "version": learned.weights.version if learned.enough else "",
        "calibration": learned.calibration.as_json() if learned.calibration else None,
        "contacts": learned.contacts,
        "positives": learned.positives,
        "predicts": judged.verdict.predicts if judged.verdict.enough else None,
        "outcome": [_stored(each) for each in (this, before)],
        "scored_at": now,
    }
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        ScoringSettings.objects.update_or_create(organization_id=organization_id, defaults=values)
    return count


Outcomes = dict[datetime, list[Outcome]]


def _score_all(
    organization_id: UUID, *, now: datetime, mapping: FitMapping, weights: Weights, learns: bool
) -> tuple[int, list[Example], Outcomes]:
    """Store every contact's score; return how many, examples of a year to learn from, and the outcomes of two quarters."""
    start, end = outcomes.quarter_of(now.date())
    earlier, _ = outcomes.quarter_of(start.date() - timedelta(days=1))
    examples: list[Example] = []
    found: Outcomes = {start: [], earlier: []}
    last, count = UUID(int=0), 0
    while True:
        with transaction.atomic(), rls.scope(rls.SYSTEM):
            aliases.aliases([])  # nobody is erased meanwhile
            rows = Contact.objects.filter(organization=organization_id, pk__gt=last).order_by("pk")
            chunk = list(rows[: outcomes.CHUNK])
            if not chunk:
                return count, examples, found
            last, count = chunk[-1].pk, count + len(chunk)
            read = outcomes.read_contacts(chunk, mapping)
            _store(read, now=now, weights=weights)
        for first, until in ((start, end), (earlier, start)):
            scored = outcomes.scored(read, start=first, end=until, now=now, weights=weights)
            found[first] += [outcomes.outcome(each) for each in scored if each.band]
        if learns:
            year = outcomes.scored(read, start=start.replace(year=start.year - 1), end=end, now=now, weights=weights)
            examples += [Example(each.engagement, each.positive) for each in year]


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
        "enough": verdict.enough,
        "base_rate": verdict.base_rate,
        "top_rate": verdict.top_rate,
    }


def quarters(organization_id: UUID, *, now: datetime) -> tuple[Quarter, Quarter]:
    """Return the outcome by band of this quarter and the last one, as of now. Enters the organization's scope."""
    start, end = outcomes.quarter_of(now.date())
    earlier, _ = outcomes.quarter_of(start.date() - timedelta(days=1))
    found: Outcomes = {start: [], earlier: []}
    with transaction.atomic(), rls.scope(rls.customer(organization_id)):
        settings = ScoringSettings.objects.filter(pk=organization_id).first()
        mapping, weights = mapping_of(settings), weights_of(settings)
        for chunk in outcomes.contacts_in_chunks(organization_id):
            read = outcomes.read_contacts(chunk, mapping)
            for first, until in ((start, end), (earlier, start)):
                scored = outcomes.scored(read, start=first, end=until, now=now, weights=weights)
                found[first] += [outcomes.outcome(each) for each in scored if each.band]
    return _quarters(found, now=now, mapping=mapping)


def _quarters(found: Outcomes, *, now: datetime, mapping: FitMapping) -> tuple[Quarter, Quarter]:
    names = outcomes.band_names(mapping)
    this, before = sorted(found, reverse=True)
    return _quarter(this, found[this], names), _quarter(before, found[before], names)


def _quarter(start: datetime, found: Sequence[Outcome], names: Sequence[str]) -> Quarter:
    year, number = bands.quarter(start.date())
    dated = [Outcome(each.contact, each.band, each.positive, start.date()) for each in found]
    counted = bands.bands(dated, names, of=(year, number))
    filled = [band for band in counted if band.contacts]
    return Quarter(year, number, counted, bands.verdict(filled))


def _store(read: outcomes.Read, *, now: datetime, weights: Weights) -> None:
    rows = []
    for contact in read.contacts:
        found = engagement(read.events[contact.pk], now=now, weights=weights)
        rows.append(
            {
                "id": contact.pk,
                "organization_id": contact.organization_id,
                "band": outcomes.band(read.grades.get(contact.pk), found),
                "points": found.score,
                "excluded": found.excluded,
                "version": f"{RULE_VERSION}/{weights.version}",
            }
        )
    db.prepared(SQL["store"], {"rows": orjson.dumps(rows).decode(), "now": now})
