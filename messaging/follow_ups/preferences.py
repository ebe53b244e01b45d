"""Kinds of suggestions that an organization dismissed too often, and its settings of follow-ups."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

import orjson

from messaging.intelligence.next_steps.suggestions import (
    CASES,
    Decided,
    Decision,
    SuggestionKind,
    kinds_to_switch_off,
)
from salesbrain.kernel import db

SQL = db.statements(Path(__file__).resolve().parent.parent / "sql" / "follow_ups")
Restarts = dict[SuggestionKind, datetime]
"""Time at which each kind of suggestion was switched on again."""


@dataclass(frozen=True, slots=True)
class Country:
    """Country (ISO code, subdivision) whose public holidays are no business days; empty: only weekends are not."""

    code: str = ""
    subdivision: str = ""


@dataclass(frozen=True, slots=True)
class Preferences:
    """Follow-up preferences of one organization. `dismissed`: dismissals among the last CASES decisions on each kind."""

    country: Country = Country()
    switched_off: frozenset[SuggestionKind] = frozenset()
    dismissed: dict[SuggestionKind, int] = field(default_factory=dict)


def preferences(organizations: Sequence[UUID]) -> dict[UUID, Preferences]:
    """Return the preferences of these organizations, in one statement. In the caller's scope."""
    countries: dict[UUID, Country] = {}
    restarts: dict[UUID, Restarts] = {}
    decided: dict[UUID, list[Decided]] = {id: [] for id in organizations}
    values = {"organizations": list(organizations), "cases": CASES}
    for id, country, subdivision, restarted, key, kind, decision, at in db.prepared(SQL["preferences"], values):
        countries[id] = Country(country, subdivision)
        restarts[id] = {
            SuggestionKind(name): datetime.fromisoformat(since) for name, since in orjson.loads(restarted).items()
        }
        if key is not None:
            decided[id].append(Decided(key, SuggestionKind(kind), Decision(decision), at))
    return {id: _preferences(countries[id], restarts[id], decided[id]) for id in organizations}


def _preferences(country: Country, since: Restarts, decided: Sequence[Decided]) -> Preferences:
    dismissed: dict[SuggestionKind, int] = {}
    for each in decided:
        if each.decision is Decision.DISMISSED and not (each.kind in since and each.at <= since[each.kind]):
            dismissed[each.kind] = dismissed.get(each.kind, 0) + 1
    return Preferences(country, frozenset(kinds_to_switch_off(decided, since=since)), dismissed)
