"""Compare the steps and A/B variants of a campaign by how many of their emails were answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from campaigns.sequence import Step, Variant, variant_letter
from messaging.comparison import Comparison, Sample, compare


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """Stats of one variant (`figures`, by messaging.stats); `text` is None if the sequence no longer has it."""

    number: int
    figures: Mapping[str, Any]
    sample: Sample
    text: Variant | None

    @property
    def letter(self) -> str:
        return variant_letter(self.number)


@dataclass(frozen=True, slots=True)
class StepFigures:
    """Stats of one step. `number` 0: emails whose step the provider did not report."""

    number: int
    variants: Sequence[VariantFigures]
    comparison: Comparison
    text: Step | None


def compared_steps(rows: Iterable[Mapping[str, Any]], sequence: Sequence[Step]) -> list[StepFigures]:
    """Return steps with their variants. `rows`: result of stats.grouped by step."""
    texts = {step.number: step for step in sequence}
    return [
        _step(number, list(found), texts.get(number))
        for number, found in groupby((row for row in rows if row["sent"]), lambda row: row["step"])
    ]


def _step(number: int, rows: Sequence[Mapping[str, Any]], text: Step | None) -> StepFigures:
    by_number = {variant.number: variant for variant in text.variants} if text else {}
    variants = [
        VariantFigures(
            row["variant"], row, Sample(row["variant"], row["sent"], row["replied"]), by_number.get(row["variant"])
        )
        for row in rows
    ]
    return StepFigures(number, variants, compare([variant.sample for variant in variants if variant.number]), text)
