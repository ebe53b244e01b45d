"""Compare contacts' outcomes by score band (Wilson intervals) to judge whether a score predicts them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

Z95 = 1.959963984540054
LIFT = 2.0
"""Multiple of the base rate that the top band must reach for the score to predict."""

LEAST_CONTACTS, LEAST_POSITIVES, LEAST_IN_TOP = 50, 10, 10
"""Contacts and positive outcomes of a quarter, and contacts of its best band, below which nothing is said of the score."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A contact scored on `on`: its band, such as B1, and whether a positive outcome followed."""

    contact: str
    band: str
    positive: bool
    on: date


@dataclass(frozen=True, slots=True)
class Band:
    """Outcome of one score band: contacts, positive ones, `rate` and its 95 % Wilson interval (None without contacts)."""

    name: str
    contacts: int
    positives: int
    rate: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the score predicts outcomes for this organization; `predicts` False: the page says so and does not sort by it.

    `enough`: whether there were enough cases to decide; if not, `predicts` is False.
    """

    predicts: bool
    base_rate: float | None
    top_rate: float | None
    lift: float | None
    enough: bool = True


def wilson(positives: int, contacts: int, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson interval of a share; (0, 1) where nothing was counted."""
    if contacts <= 0:
        return 0.0, 1.0
    share = positives / contacts
    below = 1 + z * z / contacts
    centre = (share + z * z / (2 * contacts)) / below
    spread = z * sqrt(share * (1 - share) / contacts + z * z / (4 * contacts * contacts)) / below
    return (0.0 if positives == 0 else max(0.0, centre - spread)), (
        1.0 if positives == contacts else min(1.0, centre + spread)
    )


def quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3 + 1


def quarter_before(of: tuple[int, int]) -> tuple[int, int]:
    year, number = of
    return (year - 1, 4) if number == 1 else (year, number - 1)


def bands(outcomes: Iterable[Outcome], names: Sequence[str], *, of: tuple[int, int]) -> list[Band]:
    """Return each band's outcome in a quarter, in the order of `names`, best first; a contact counts once, as last scored."""
    counted = _last_of_each(outcomes, of)
    found = []
    for name in names:
        positives = [outcome.positive for outcome in counted.values() if outcome.band == name]
        low, high = wilson(sum(positives), len(positives))
        found.append(
            Band(
                name, len(positives), sum(positives), sum(positives) / len(positives) if positives else None, low, high
            )
        )
    return found


def _last_of_each(outcomes: Iterable[Outcome], of: tuple[int, int]) -> Mapping[str, Outcome]:
    last: dict[str, Outcome] = {}
    for outcome in outcomes:
        if quarter(outcome.on) != of:
            continue
        known = last.get(outcome.contact)
        if known is None or (outcome.on, outcome.band, outcome.positive) > (known.on, known.band, known.positive):
            last[outcome.contact] = outcome
    return last


def verdict(counted: Sequence[Band]) -> Verdict:
    """Return whether the first band predicts better outcomes. With too few cases, `predicts` and `enough` are False."""
    contacts, positives = sum(band.contacts for band in counted), sum(band.positives for band in counted)
    base = positives / contacts if contacts else None
    top = counted[0].rate if counted else None
    lift = top / base if top is not None and base else None
    enough = contacts >= LEAST_CONTACTS and positives >= LEAST_POSITIVES and counted[0].contacts >= LEAST_IN_TOP
    return Verdict(enough and lift is not None and lift >= LIFT, base, top, lift, enough)
