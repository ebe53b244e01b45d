"""Store the custom variables of Instantly's leads with our contacts, within limits of number and size."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from salesbrain.kernel import db

SQL = db.statements(Path(__file__).parent / "sql" / "contact_variables")
MOST = 50
"""Variables stored per contact, the first ones by name."""
LONGEST_NAME = 100
LONGEST_VALUE = 2_000
LARGEST = 16_000
"""Characters of names and values together."""
MOST_NAMED = 50
"""Variables left out that are named at most."""
SECRET = re.compile(r"passw|secret|token|api.?key|credential|iban|credit.?card", re.IGNORECASE)
BEYOND_FLOAT = 2**53


class Reason(StrEnum):
    """Reason why a variable was not stored."""

    NOT_PLAIN = "not_plain"  # a list, an object or a number nobody can write down
    LONG_NAME = "long_name"
    LONG_VALUE = "long_value"
    TOO_MANY = "too_many"
    SECRET = "secret"  # noqa: S105 — its name says so


@dataclass(frozen=True, slots=True)
class BoundedVariables:
    """Result of `bound`: the variables to store, and names and reasons of those left out."""

    variables: Mapping[str, str | int | float | bool]
    left_out: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReportedVariables:
    """Variables of a lead, with its address."""

    email: str
    told_at: datetime
    bounded: BoundedVariables


def bound(payload: Mapping[str, Any]) -> BoundedVariables:
    """Split a lead's variables into those within the limits and the others with reasons; empty ones are dropped."""
    kept: dict[str, str | int | float | bool] = {}
    left: list[Mapping[str, str]] = []
    size = 0
    for given in sorted(payload, key=str):
        name, value = _clean(str(given)), payload[given]
        value = _clean(value) if isinstance(value, str) else value
        if value is None or value == "" or not name:
            continue
        size += len(name) + len(str(value)) if isinstance(value, str | int | float) else 0
        reason = _reason(name, value, len(kept), size)
        if reason is None:
            kept[name] = value
        elif len(left) < MOST_NAMED:
            left.append({"name": name[:LONGEST_NAME], "reason": reason.value})
    return BoundedVariables(kept, tuple(left))


def store(campaign_id: UUID, told: Iterable[ReportedVariables]) -> int:
    """Store the variables of a campaign's leads with known contacts; return how many changed. Needs SYSTEM scope.

    Stores nothing of erased people, who are known by their alias alone.
    """
    rows = [
        {
            "email": one.email,
            "told_at": one.told_at.isoformat(),
            "variables": one.bounded.variables,
            "left_out": one.bounded.left_out,
        }
        for one in told
    ]
    if not rows:
        return 0
    return db.prepared(SQL["store"], {"campaign": campaign_id, "rows": orjson.dumps(rows).decode()}).rowcount


def _reason(name: str, value: Any, count: int, size: int) -> Reason | None:
    checks = (
        (Reason.LONG_NAME, len(name) > LONGEST_NAME),
        (Reason.SECRET, bool(SECRET.search(name))),
        (Reason.NOT_PLAIN, not _is_plain(value)),
        (Reason.LONG_VALUE, isinstance(value, str) and len(value) > LONGEST_VALUE),
        (Reason.TOO_MANY, count >= MOST or size > LARGEST),
    )
    return next((reason for reason, applies in checks if applies), None)


def _is_plain(value: Any) -> bool:
    """Return whether the value is a text, a boolean, or a number that JSON can represent exactly."""
    if isinstance(value, str | bool):
        return True
    return isinstance(value, int | float) and abs(value) <= BEYOND_FLOAT  # not a number: no comparison holds


def _clean(text: str) -> str:
    """Return the text without NUL and lone surrogates, which PostgreSQL refuses."""
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()
