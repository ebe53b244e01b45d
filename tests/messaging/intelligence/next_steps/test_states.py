"""States of contacts: examples, an independent recount, no suggestion for people who refused."""

import os
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.intelligence.next_steps.asks import NextStep
from messaging.intelligence.next_steps.business_days import business_days_after, is_business_day
from messaging.intelligence.next_steps.states import ContactState, Happening, Kind, Reason, State, state_of
from messaging.intelligence.next_steps.suggestions import suggest

NOW = datetime(2025, 8, 13, 12, tzinfo=UTC)  # a Wednesday
HISTORIES = int(os.environ.get("SALESBRAIN_HISTORIES", "3000"))
"""Random histories; SALESBRAIN_HISTORIES=100000 for the acceptance figure, about a minute."""


def ago(kind: Kind, days: float, until: date | None = None) -> Happening:
    return Happening(kind, NOW - timedelta(days=days), until)


@pytest.mark.parametrize(
    ("happenings", "state", "reason"),
    [
        ([], State.IDLE, Reason.NOTHING),
        ([ago(Kind.SENT, 1)], State.AWAITING, Reason.WROTE_LAST),
        ([ago(Kind.SENT, 30)], State.AWAITING, Reason.WROTE_LAST),
        ([ago(Kind.SENT, 3), ago(Kind.REPLIED, 1)], State.OURS, Reason.UNANSWERED_REPLY),
        ([ago(Kind.REPLIED, 3), ago(Kind.SENT, 1)], State.AWAITING, Reason.WROTE_LAST),
        ([ago(Kind.REPLIED, 9), ago(Kind.SENT, 5)], State.DUE, Reason.NO_ANSWER),
        ([ago(Kind.INTERESTED, 9), ago(Kind.SENT, 8)], State.COLD, Reason.INTEREST_AND_SILENCE),
        ([ago(Kind.SENT, 2), ago(Kind.ABSENT, 1, date(2025, 8, 25))], State.AWAY, Reason.ABSENCE_NOTE),
        ([ago(Kind.ABSENT, 5, date(2025, 8, 25)), ago(Kind.REPLIED, 1)], State.OURS, Reason.UNANSWERED_REPLY),
        ([ago(Kind.SENT, 2), ago(Kind.ABSENT, 1)], State.AWAITING, Reason.WROTE_LAST),
        ([ago(Kind.REPLIED, 1), ago(Kind.PROMISED, 1, date(2025, 10, 1))], State.PROMISED, Reason.WAIT),
        ([ago(Kind.REPLIED, 60), ago(Kind.PROMISED, 60, date(2025, 8, 13))], State.OURS, Reason.WAIT_IS_OVER),
        ([ago(Kind.PROMISED, 60, date(2025, 8, 11)), ago(Kind.SENT, 1)], State.AWAITING, Reason.WROTE_LAST),
        ([ago(Kind.REPLIED, 1), ago(Kind.DECLINED, 1)], State.NEVER, Reason.DECLINED),
        ([ago(Kind.DECLINED, 5), ago(Kind.INTERESTED, 1), ago(Kind.REPLIED, 1)], State.OURS, Reason.UNANSWERED_REPLY),
        ([ago(Kind.UNSUBSCRIBED, 5), ago(Kind.INTERESTED, 1)], State.NEVER, Reason.UNSUBSCRIBED),
        ([ago(Kind.COMPLAINED, 5), ago(Kind.REPLIED, 1)], State.NEVER, Reason.COMPLAINED),
        ([ago(Kind.SUPPRESSED, 5), ago(Kind.LIFTED, 2), ago(Kind.REPLIED, 1)], State.OURS, Reason.UNANSWERED_REPLY),
        ([ago(Kind.SUPPRESSED, 5), ago(Kind.LIFTED, 6), ago(Kind.REPLIED, 1)], State.NEVER, Reason.SUPPRESSED),
    ],
)
def test_state_by_latest_event(happenings: list[Happening], state: State, reason: Reason) -> None:
    found = state_of(happenings, now=NOW)
    assert (found.state, found.reason) == (state, reason)


def test_follow_up_waits_for_business_days_of_the_country() -> None:
    # Friday 15 August 2025 is a holiday in Austria, not in Germany as a whole.
    happenings = [
        Happening(Kind.REPLIED, datetime(2025, 8, 11, tzinfo=UTC)),
        Happening(Kind.SENT, datetime(2025, 8, 13, tzinfo=UTC)),
    ]
    monday = datetime(2025, 8, 18, 12, tzinfo=UTC)
    assert state_of(happenings, now=monday, country="DE").state is State.DUE
    assert state_of(happenings, now=monday, country="AT").state is State.AWAITING
    assert state_of(happenings, now=monday, country="AT").until == date(2025, 8, 19)


def test_business_days_know_countries_parts_of_them_and_neither() -> None:
    epiphany = date(2026, 1, 6)
    assert not is_business_day(epiphany, "DE", "BY")
    assert is_business_day(epiphany, "DE", "HH")
    assert is_business_day(epiphany, "DE", "XX")
    assert is_business_day(epiphany, "ZZ")
    assert business_days_after(date(2025, 8, 14), 3) == date(2025, 8, 19)


# --- a recount that shares no code with the product: it walks through the history day by day and keeps a diary


def recount(happenings: list[Happening], now: datetime) -> str:
    past = sorted(
        {(h.at, h.kind.value, h.until) for h in happenings if h.at <= now}, key=lambda h: (h[0], h[1], h[2] or date.min)
    )
    barred: dict[str, Any] = {"unsubscribed": None, "complained": None, "suppressed": None, "declined": None}
    wrote = answered = warm = None
    note = wait = None
    for at, kind, until in past:
        if kind in barred:
            barred[kind] = at
        if kind == "lifted":
            barred.update(
                {
                    name: None
                    for name in ("unsubscribed", "complained", "suppressed")
                    if barred[name] and barred[name] < at
                }
            )
        if kind == "interested":
            warm = at
            if barred["declined"] and barred["declined"] < at:
                barred["declined"] = None
        if kind == "sent":
            wrote = at
        if kind == "replied":
            answered = at
        if kind == "absent":
            note = (at, until)
        if kind == "promised":
            wait = (at, until)
    if any(barred.values()):
        return "never"
    today = now.date()
    if note and note[1] and note[1] > today and not (answered and answered >= note[0]):
        return "away"
    if wait and wait[1] and not (answered and answered > wait[0]):
        if wait[1] > today:
            return "promised"
        if not wrote or wrote.date() < wait[1] or wrote <= wait[0]:
            return "ours"
    if answered and not (wrote and wrote > answered):
        return "ours"
    if not wrote:
        return "idle"
    if warm and (now - wrote).total_seconds() >= 7 * 86_400:
        return "cold"
    working = sum(
        (wrote.date() + timedelta(days=n)).isoweekday() <= 5 for n in range(1, (today - wrote.date()).days + 1)
    )
    return "due" if (answered or warm) and working >= 3 else "awaiting"


def history(dice: random.Random) -> list[Happening]:
    """Draw a dozen facts within forty days before and two after NOW, in whole hours, so that many coincide."""
    found = []
    for _ in range(dice.randrange(0, 12)):
        at = NOW - timedelta(hours=12 * dice.randrange(-4, 80))
        kind = dice.choice((Kind.SENT, Kind.SENT, Kind.REPLIED, *Kind))
        until = None
        if kind in (Kind.ABSENT, Kind.PROMISED) and dice.random() < 0.8:
            until = at.date() + timedelta(days=dice.randrange(0, 40))
        found.append(Happening(kind, at, until))
    return found


def test_random_histories_equal_the_recount_and_never_means_no_suggestion() -> None:
    dice = random.Random(20250813)
    seen: dict[State, int] = dict.fromkeys(State, 0)
    for number in range(HISTORIES):
        happenings = history(dice)
        found = state_of(happenings, now=NOW)
        assert found.state.value == recount(happenings, NOW), (number, happenings)
        seen[found.state] += 1
        step = NextStep(
            dice.choice(("reply", "call", "wait_until", "ask_other", "never", "none")), date(2025, 8, 20), None, "words"
        )
        suggestion = suggest(found, step, today=NOW.date())
        assert (suggestion is None) == (found.state in (State.NEVER, State.AWAITING, State.IDLE))
        refused = {Kind.UNSUBSCRIBED, Kind.COMPLAINED, Kind.SUPPRESSED} & {h.kind for h in happenings if h.at <= NOW}
        if refused and not any(h.kind is Kind.LIFTED for h in happenings):
            assert found.state is State.NEVER
            assert suggestion is None
    assert all(seen.values()), f"the histories never reach {[state for state, count in seen.items() if not count]}"


@given(seed=st.integers(), repeated=st.integers(0, 5))
def test_order_and_duplicates_change_nothing(seed: int, repeated: int) -> None:
    dice = random.Random(seed)
    happenings = history(dice)
    other = happenings + happenings[:repeated]
    dice.shuffle(other)
    assert state_of(other, now=NOW) == state_of(happenings, now=NOW)


def test_future_events_are_ignored() -> None:
    ahead = [Happening(Kind.UNSUBSCRIBED, NOW + timedelta(seconds=1))]
    assert state_of(ahead, now=NOW) == ContactState(State.IDLE, Reason.NOTHING)
