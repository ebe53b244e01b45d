"""Engagement score of a contact, 1 to 3: sum of at most ten visible rows, from its events alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

RULE_VERSION = 1
"""Raised with every change of a row, a weight or a threshold: cached scores of another version are recomputed."""

HALF_LIFE = timedelta(days=14)
FAST, PROMPT = timedelta(hours=24), timedelta(days=3)


class Signal(StrEnum):
    """Kinds of events that count towards engagement or exclude a contact. Categories come from triage, machine opens from
    messaging/machine_opens.py.
    """

    SENT = "sent"
    HUMAN_REPLY = "human_reply"
    AUTO_REPLY = "auto_reply"
    CATEGORY = "category"
    MEETING = "meeting"
    HUMAN_CLICK = "human_click"
    MACHINE_CLICK = "machine_click"
    HUMAN_OPEN = "human_open"
    MACHINE_OPEN = "machine_open"
    DECLINED = "declined"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"
    BOUNCED = "bounced"


class RowName(StrEnum):
    HUMAN_REPLY = "human_reply"
    CATEGORY = "category"
    MEETING = "meeting"
    SPEED = "speed"
    FURTHER_REPLIES = "further_replies"
    HUMAN_CLICKS = "human_clicks"
    HUMAN_OPENS = "human_opens"
    MACHINES = "machines"


@dataclass(frozen=True, slots=True)
class Event:
    """One signal. `id` distinguishes two of the same moment; `category` comes with Signal.CATEGORY."""

    signal: Signal
    at: datetime
    id: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the explanation: `points` in tenths, a part of the sum; `count`: number of its events."""

    name: RowName
    points: int
    count: int
    latest: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Weights:
    """Factors by row, 1 where none is named. `version` is cached with a score, as RULE_VERSION is."""

    version: str = "shipped"
    factors: Mapping[RowName, float] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, row: RowName) -> float:
        return self.factors.get(row, 1.0)


SHIPPED = Weights()


@dataclass(frozen=True, slots=True)
class Engagement:
    """Engagement score of a contact. `score` is the sum of the rows' points, in tenths. `level` 1 is the strongest; excluded contacts have
    neither."""

    rows: tuple[Row, ...]
    score: int | None
    level: int | None
    excluded: str = ""
    rule_version: int = RULE_VERSION
    weights_version: str = SHIPPED.version


EXCLUSIONS = (Signal.COMPLAINED, Signal.UNSUBSCRIBED, Signal.BOUNCED)
"""Excluded for good, the first found is the reason; a decline counts until a later interest."""

EXCLUDED_BY = {signal: str(signal) for signal in (*EXCLUSIONS, Signal.DECLINED)}

CATEGORY_POINTS: Mapping[str, int] = {
    "meeting": 300, "interested": 300, "question": 200, "objection": 60, "not_now": 80, "wrong_person": 0, "left_company": 0, "out_of_office": 0, "auto_reply": 0, "unsure": 40,
}  # fmt: skip
"""Points by category in tenths, before half-life; refusals are excluded instead."""
REFUSING = {"not_interested", "unsubscribe", "complaint"}
WELCOMING = {"interested", "meeting"}

REPLY_POINTS, MEETING_POINTS = 300, 400
FURTHER_POINTS, FURTHER_MOST = 50, 100
CLICK_POINTS, CLICK_MOST = 40, 120
OPEN_POINTS, OPEN_MOST = 10, 30
FAST_POINTS, PROMPT_POINTS = 100, 50

LEVELS = ((400, 1), (120, 2), (0, 3))
"""(points in tenths, level): the least points of each level."""


def engagement(events: Iterable[Event], *, now: datetime, weights: Weights = SHIPPED) -> Engagement:
    """Return the engagement of a contact: order and duplicates of its events change nothing, those after `now` are not seen."""
    by_signal = _by_signal(events, now)
    excluded = _excluded(by_signal)
    if excluded:
        return Engagement((), None, None, excluded, weights_version=weights.version)
    rows = tuple(row for make in ROWS if (row := make(by_signal, now, weights)))
    score = sum(row.points for row in rows)
    return Engagement(
        rows, score, next(level for least, level in LEVELS if score >= least), weights_version=weights.version
    )


BySignal = Mapping[Signal, Sequence[Event]]


def _by_signal(events: Iterable[Event], now: datetime) -> BySignal:
    found: dict[Signal, list[Event]] = {}
    for event in set(events):
        if event.at <= now:
            found.setdefault(event.signal, []).append(event)
    for listed in found.values():
        if len(listed) > 1:
            listed.sort(key=lambda event: (event.at, event.category, event.id))
    return found


def _excluded(by_signal: BySignal) -> str:
    for signal in EXCLUSIONS:
        if signal in by_signal:
            return EXCLUDED_BY[signal]
    categories = by_signal.get(Signal.CATEGORY, ())
    for category, signal in (("complaint", Signal.COMPLAINED), ("unsubscribe", Signal.UNSUBSCRIBED)):
        if any(event.category == category for event in categories):
            return EXCLUDED_BY[signal]
    refusals = [*by_signal.get(Signal.DECLINED, ()), *(event for event in categories if event.category in REFUSING)]
    welcomes = [*by_signal.get(Signal.MEETING, ()), *(event for event in categories if event.category in WELCOMING)]
    if not refusals:
        return ""
    refused = max(event.at for event in refusals)
    return "" if any(event.at > refused for event in welcomes) else EXCLUDED_BY[Signal.DECLINED]


def decay(at: datetime, now: datetime) -> float:
    """Return the remaining share of an event's points: half after each HALF_LIFE."""
    return float(0.5 ** ((now - at) / HALF_LIFE))


def _points(value: float) -> int:
    return int(value + 0.5)


def _latest_row(
    name: RowName, events: Sequence[Event], base: int, now: datetime, weights: Weights, detail: str = ""
) -> Row | None:
    if not events:
        return None
    latest = events[-1]
    return Row(name, _points(base * decay(latest.at, now) * weights.of(name)), len(events), latest.at, detail)


def _reply(by_signal: BySignal, now: datetime, weights: Weights) -> Row | None:
    return _latest_row(RowName.HUMAN_REPLY, by_signal.get(Signal.HUMAN_REPLY, ()), REPLY_POINTS, now, weights)


def _category(by_signal: BySignal, now: datetime, weights: Weights) -> Row | None:
    events = by_signal.get(Signal.CATEGORY, ())
    latest = events[-1].category if events else ""
    return _latest_row(RowName.CATEGORY, events, CATEGORY_POINTS.get(latest, 0), now, weights, latest)


def _meeting(by_signal: BySignal, now: datetime, weights: Weights) -> Row | None:
    return _latest_row(RowName.MEETING, by_signal.get(Signal.MEETING, ()), MEETING_POINTS, now, weights)


def _speed(by_signal: BySignal, now: datetime, weights: Weights) -> Row | None:
    """Return the row for the fastest reply, measured from our mail before it."""
    sent, replies = by_signal.get(Signal.SENT, ()), by_signal.get(Signal.HUMAN_REPLY, ())
    best: Row | None = None
    at = 0
    for reply in replies:
        while at < len(sent) and sent[at].at <= reply.at:
            at += 1
        if not at:
            continue
        took = reply.at - sent[at - 1].at
        base = FAST_POINTS if took <= FAST else PROMPT_POINTS if took <= PROMPT else 0
        row = Row(RowName.SPEED, _points(base * decay(reply.at, now) * weights.of(RowName.SPEED)), 1, reply.at)
        if base and (best is None or row.points >= best.points):
            best = row
    return best


def _further(by_signal: BySignal, now: datetime, weights: Weights) -> Row | None:
    replies = by_signal.get(Signal.HUMAN_REPLY, ())[1:]
    return _counted_row(RowName.FURTHER_REPLIES, replies, FURTHER_POINTS, FURTHER_MOST, now, weights)


def _clicks(by_signal: BySignal, now: datetime, weights: Weights) -> Row | None:
    return _counted_row(
        RowName.HUMAN_CLICKS, by_signal.get(Signal.HUMAN_CLICK, ()), CLICK_POINTS, CLICK_MOST, now, weights
    )


def _opens(by_signal: BySignal, now: datetime, weights: Weights) -> Row | None:
    return _counted_row(RowName.HUMAN_OPENS, by_signal.get(Signal.HUMAN_OPEN, ()), OPEN_POINTS, OPEN_MOST, now, weights)


def _counted_row(
    name: RowName, events: Sequence[Event], each: int, most: int, now: datetime, weights: Weights
) -> Row | None:
    """Return a row with `each` points per event, halved by age, and `most` in total."""
    if not events:
        return None
    value = min(float(most), sum(each * decay(event.at, now) for event in events))
    return Row(name, _points(value * weights.of(name)), len(events), events[-1].at)


def _machines(by_signal: BySignal, now: datetime, weights: Weights) -> Row | None:
    """Return a row with 0 points for opens and clicks by machines, which explains why they do not count."""
    events = [*by_signal.get(Signal.MACHINE_OPEN, ()), *by_signal.get(Signal.MACHINE_CLICK, ())]
    return Row(RowName.MACHINES, 0, len(events), max(event.at for event in events)) if events else None


ROWS = (_reply, _category, _meeting, _speed, _further, _clicks, _opens, _machines)
