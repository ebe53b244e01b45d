"""Read gold files: JSONL of example replies with the expected category, return date or request.

The fields of a line determine its kind, so that one command can evaluate a file of any kind.

    {id, lang, class, subject, text, quoted, note}      a reply of one category
    {id, lang, classes, subject, text, quoted}          an ambiguous one
    {id, lang, received, subject, text, back}           an absence note and the first working day after it
    {id, lang, received, text, ask, when, address}      a reply and its request

`lang` and `note` are for the judge only and never reach a predictor.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from messaging.intelligence.triage.classes import Category


class UnreadableGold(Exception):
    """Error: a line has none of the four known forms. The text names file, line and reason."""


@dataclass(frozen=True, slots=True)
class LabelledReply:
    id: str
    language: str
    category: Category
    subject: str
    text: str
    writer: str = ""


@dataclass(frozen=True, slots=True)
class AmbiguousReply:
    id: str
    language: str
    categories: frozenset[Category]
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class AbsenceNote:
    id: str
    language: str
    received: date
    subject: str
    text: str
    back: date | None


@dataclass(frozen=True, slots=True)
class Request:
    id: str
    language: str
    received: date
    text: str
    ask: str
    when: date | None
    address: str | None


@dataclass
class Gold:
    replies: list[LabelledReply] = field(default_factory=list)
    ambiguous: list[AmbiguousReply] = field(default_factory=list)
    absences: list[AbsenceNote] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.replies or self.ambiguous or self.absences or self.requests)


def read(path: Path, *, writer: str = "") -> Gold:
    """Read a gold file. Raises UnreadableGold, OSError."""
    gold = Gold()
    for number, line in _lines(path):
        try:
            _add(gold, json.loads(line), writer)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableGold(f"{path.name}, line {number}: {_error_text(error)}") from error
    return gold


def read_ambiguous(paths: Iterable[Path]) -> list[AmbiguousReply]:
    """Read the training files `ambiguous_<writer>.jsonl`. Raises UnreadableGold, OSError."""
    return [reply for path in sorted(paths) for reply in read(path).ambiguous]


def read_training(paths: Iterable[Path]) -> list[LabelledReply]:
    """Read the training files `train_<writer>_<language>.jsonl`. Raises UnreadableGold, OSError."""
    replies: list[LabelledReply] = []
    for path in sorted(paths):
        replies += read(path, writer=path.stem.split("_")[1]).replies
    return replies


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, line


def _add(gold: Gold, row: dict[str, Any], writer: str) -> None:
    same = {"id": str(row["id"]), "language": str(row.get("lang") or "")}
    if "class" in row:
        gold.replies.append(
            LabelledReply(
                **same, category=Category(row["class"]), subject=_text(row, "subject"), text=row["text"], writer=writer
            )
        )
    elif "classes" in row:
        classes = frozenset(Category(name) for name in row["classes"])
        gold.ambiguous.append(
            AmbiguousReply(**same, categories=classes, subject=_text(row, "subject"), text=row["text"])
        )
    elif "ask" in row:
        gold.requests.append(
            Request(
                **same,
                received=_day(row["received"]),
                text=row["text"],
                ask=row["ask"],
                when=_day_or_none(row.get("when")),
                address=row.get("address") or None,
            )
        )
    elif "back" in row:
        gold.absences.append(
            AbsenceNote(
                **same,
                received=_day(row["received"]),
                subject=_text(row, "subject"),
                text=row["text"],
                back=_day_or_none(row["back"]),
            )
        )
    else:
        raise ValueError("it has neither class, classes, back nor ask")


def _text(row: dict[str, Any], name: str) -> str:
    return row.get(name) or ""


def _day(value: str) -> date:
    return datetime.fromisoformat(value.replace("Z", "+00:00")).date()


def _day_or_none(value: str | None) -> date | None:
    return _day(value) if value else None


def _error_text(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
