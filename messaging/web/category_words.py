"""Categories of a reply as choices for a person who corrects one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from messaging.intelligence.triage.classes import CATEGORIES, UNSURE


@dataclass(frozen=True, slots=True)
class Choice:
    """A category to choose. `is_likely`: offered at once, because the engine was unsure between it and others."""

    value: str
    label: str | Promise
    means: str | Promise
    is_current: bool
    is_likely: bool


def choices(current: str, candidates: Sequence[str]) -> list[Choice]:
    """Return the twelve categories in their order; `current`: the one that holds, "" for none."""
    likely = set(candidates) if current in ("", UNSURE) else set()
    return [
        Choice(category.value, definition.label, definition.means, category == current, category in likely)
        for category, definition in CATEGORIES.items()
    ]
