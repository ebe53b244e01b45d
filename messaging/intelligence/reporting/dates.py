"""Metrics of return dates and requests read from replies, against a file of expected results.

Needs the package messaging.intelligence.next_steps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Any

from .gold import AbsenceNote, Request


class NotBuilt(Exception):
    """Error: the package that finds dates and next steps is not part of this checkout."""


@dataclass(frozen=True, slots=True)
class Found:
    """Expected (`wanted`) and predicted values of one field, None for none."""

    wanted: Any
    predicted: Any


@dataclass(frozen=True, slots=True)
class Share:
    """Precision over predictions, recall over wanted values, and their counts."""

    right: int
    predicted: int
    wanted: int

    @property
    def precision(self) -> float:
        return self.right / self.predicted if self.predicted else float("nan")

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else float("nan")


def share(found: Sequence[Found]) -> Share:
    right = sum(each.predicted is not None and each.predicted == each.wanted for each in found)
    predicted = sum(each.predicted is not None for each in found)
    return Share(right, predicted, sum(each.wanted is not None for each in found))


def returns(notes: Sequence[AbsenceNote]) -> list[date | None]:
    """Return the first working day after each absence, None if it is unknown. Raises NotBuilt.

    The file's `lang` is not passed on, because it is unknown in production.
    """
    return_date = _function("absence", "return_date")
    found = [return_date(n.text, received=n.received, lang=None, subject=n.subject or None) for n in notes]
    return [each.back if each else None for each in found]


def requests(gold: Sequence[Request]) -> list[Any]:
    """Return the request in each reply, with `ask`, `when` and `address`. Raises NotBuilt."""
    next_step = _function("asks", "next_step")
    return [next_step(each.text, received=each.received, lang=None) for each in gold]


def _function(module: str, name: str) -> Callable[..., Any]:
    try:
        function: Callable[..., Any] = getattr(import_module(f"messaging.intelligence.next_steps.{module}"), name)
    except (ImportError, AttributeError) as error:
        raise NotBuilt(f"messaging.intelligence.next_steps.{module}.{name} is not there yet") from error
    return function
