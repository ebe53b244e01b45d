"""Steps of a campaign's email sequence, parsed from the provider's JSON object.

https://developer.instantly.ai/api/v2/campaign: only `sequences[0]` counts; `delay` is the number of days between a step and the next one,
and a variant may be switched off (`v_disabled`). A follow-up without a subject continues the thread of the step before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_STEPS, MAX_VARIANTS = 50, 26


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant of a step. `number` from 1; `body`: HTML, unchanged and untrusted."""

    number: int
    subject: str
    body: str
    is_disabled: bool = False

    @property
    def letter(self) -> str:
        return variant_letter(self.number)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a sequence: `number` from 1; `waits`: days since the previous step, 0 for the first one or if not given."""

    number: int
    waits: int
    variants: tuple[Variant, ...]


def variant_letter(number: int) -> str:
    """Return 1 as "A", 2 as "B"; numbers beyond 26 unchanged."""
    return chr(ord("A") + number - 1) if 1 <= number <= MAX_VARIANTS else str(number)


def steps(sequences: Any) -> list[Step]:
    """Return the steps in order; parts of undocumented form are left out."""
    first = sequences[0] if isinstance(sequences, list) and sequences else None
    entries = first.get("steps") if isinstance(first, Mapping) else None
    found: list[Step] = []
    delay = 0
    for number, entry in enumerate(entries[:MAX_STEPS] if isinstance(entries, list) else [], start=1):
        if not isinstance(entry, Mapping):
            continue
        found.append(Step(number, delay if number > 1 else 0, tuple(_variants(entry.get("variants")))))
        delay = _days(entry.get("delay"))
    return found


def _variants(entries: Any) -> list[Variant]:
    return [
        Variant(number, _text(entry.get("subject")), _text(entry.get("body")), entry.get("v_disabled") is True)
        for number, entry in enumerate(entries[:MAX_VARIANTS] if isinstance(entries, list) else [], start=1)
        if isinstance(entry, Mapping)
    ]


def _days(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1000 else 0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
