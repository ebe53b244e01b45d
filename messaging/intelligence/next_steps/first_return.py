"""Earliest return date stated in an out-of-office reply; none if its statements contradict each other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from messaging.intelligence.next_steps.points import (
    HORIZON,
    weekday_after,
    weekdays_between,
)
from messaging.intelligence.next_steps.statements import SENDER, SOMEBODY, Statement

MAX_GAP = 3
"""Weekdays that may lie between the last day of an absence and its return (holidays); more contradict each other."""


def first_return(statements: Sequence[Statement], received: date, *, says_i: bool) -> Statement | None:
    """Return the statement with the earliest return, None if the statements contradict each other."""
    usable = _statements_of_sender(statements, says_i)
    usable = [statement for statement in usable if not statement.is_weak] or usable
    in_time = [statement for statement in usable if received <= statement.back <= received + timedelta(days=HORIZON)]
    if not in_time:
        return None
    ends = [statement for statement in in_time if not statement.returns]
    returns = [_move_after_absence(statement, ends) for statement in in_time if statement.returns]
    first_return = min(returns, key=lambda statement: statement.back, default=None)
    if (
        len({statement.back for statement in returns}) > 1
        and not any(end.start for end in ends)
        and not any(s.again for s in in_time)
    ):
        return None
    absences = _merge_adjacent(ends)
    if absences is None:
        return None
    if first_return is None:
        return absences[0] if absences else None
    return _pair_returns(absences, returns)


def _move_after_absence(back: Statement, ends: Sequence[Statement]) -> Statement:
    """Move a return on a bare weekday to the first such day after the absence: "until Thursday, 30 July; back on Friday"."""
    last = max((end.day for end in ends), default=None)
    if back.weekday is None or last is None or back.day > last or len(ends) > 1:
        return back
    return replace(back, day=last + timedelta(days=(back.weekday - last.weekday() - 1) % 7 + 1))


def _statements_of_sender(statements: Sequence[Statement], says_i: bool) -> list[Statement]:
    """Keep statements about the sender; a note without "I" is about its sender, colleagues' absences never count."""
    own = [statement for statement in statements if statement.whose == SENDER]
    return own if own or says_i else [statement for statement in statements if statement.whose == SOMEBODY]


def _merge_adjacent(ends: Sequence[Statement]) -> list[Statement] | None:
    """Merge adjacent absences in order; None if two overlap and end on different days."""
    ordered = sorted(
        {(end.start or date.min, end.day): end for end in reversed(ends)}.values(), key=lambda end: end.day
    )
    joined: list[Statement] = []
    for end in ordered:
        if joined and (end.start is None or end.start <= joined[-1].day):
            if end.day == joined[-1].day:
                continue
            if not end.again:
                return None
            if end.start is None:
                continue  # a later absence without a first day
        if joined and end.start and weekday_after(joined[-1].day) >= end.start:
            joined[-1] = end
            continue
        joined.append(end)
    return joined


def _pair_returns(absences: Sequence[Statement], returns: Sequence[Statement]) -> Statement | None:
    """Pair each return with the absence that ends before it; None where a return lies inside an absence, or long after it."""
    ordered = sorted(returns, key=lambda statement: statement.back)
    candidates: list[Statement] = []
    paired: set[int] = set()
    for back in ordered:
        inside = [
            end
            for end in absences
            if end.day >= back.back and (end.start is None or end.start < back.back) and not end.again
        ]
        if inside:
            return None
        before = [number for number, end in enumerate(absences) if end.day < back.back]
        if before and before[-1] not in paired:
            gap = weekdays_between(absences[before[-1]].day, back.back)
            if gap > MAX_GAP and len(absences) == 1:
                return None
            if gap <= MAX_GAP:
                paired.add(before[-1])
        candidates.append(back)
    candidates += [end for number, end in enumerate(absences) if number not in paired]
    return min(candidates, key=lambda statement: statement.back)
