"""Suggested next steps: their reasons, and kinds that an organization has dismissed too often."""

from datetime import UTC, date, datetime, timedelta

import pytest

from messaging.intelligence.next_steps.asks import NextStep
from messaging.intelligence.next_steps.states import ContactState, Reason, State
from messaging.intelligence.next_steps.suggestions import (
    Decided,
    Decision,
    SuggestionKind,
    kinds_to_switch_off,
    suggest,
)

TODAY = date(2025, 8, 13)
START = datetime(2025, 8, 1, tzinfo=UTC)
OURS = ContactState(State.OURS, Reason.UNANSWERED_REPLY)


def decided(
    dismissed: int, accepted: int, kind: SuggestionKind = SuggestionKind.FOLLOW_UP, start: int = 0
) -> list[Decided]:
    decisions = [Decision.DISMISSED] * dismissed + [Decision.ACCEPTED] * accepted
    return [
        Decided(f"{kind}{start + n}", kind, decision, START + timedelta(hours=start + n))
        for n, decision in enumerate(decisions)
    ]


def test_suggestion_has_reason_words_day_and_key() -> None:
    found = suggest(OURS, NextStep("call", date(2025, 8, 18), None, "Call me on Monday."), today=TODAY)
    assert found
    assert (found.kind, found.reason, found.on, found.quoted, found.key) == (
        SuggestionKind.CALL, Reason.UNANSWERED_REPLY, date(2025, 8, 18), "Call me on Monday.", "y",
    )  # fmt: skip


def test_address_of_somebody_else_is_suggested() -> None:
    found = suggest(OURS, NextStep("ask_other", None, "anna@example.com", "Ask Anna."), today=TODAY)
    assert found and (found.kind, found.address) == (SuggestionKind.ASK_OTHER, "anna@example.com")


def test_absence_is_written_to_again_on_the_day_of_return() -> None:
    found = suggest(ContactState(State.AWAY, Reason.ABSENCE_NOTE, until=date(2025, 8, 25)), today=TODAY)
    assert found and (found.kind, found.on) == (SuggestionKind.WRITE_AGAIN, date(2025, 8, 25))


def test_day_that_is_past_or_a_weekend_moves_to_a_weekday_to_come() -> None:
    saturday = date(2025, 8, 16)
    found = suggest(OURS, NextStep("call", date(2025, 8, 11)), today=saturday)
    assert found and found.on == date(2025, 8, 18)


@pytest.mark.parametrize("state", [State.NEVER, State.AWAITING, State.IDLE])
def test_some_states_have_no_suggestion(state: State) -> None:
    assert suggest(ContactState(state, Reason.NOTHING), NextStep("call", TODAY), today=TODAY) is None


@pytest.mark.parametrize(
    ("dismissed", "accepted", "off"),
    [(10, 10, False), (11, 9, True), (11, 0, True), (10, 0, False), (11, 10, False), (20, 20, False)],
)
def test_kind_dismissed_in_more_than_ten_of_the_last_twenty_is_switched_off(
    dismissed: int, accepted: int, off: bool
) -> None:
    assert kinds_to_switch_off(decided(dismissed, accepted)) == ({SuggestionKind.FOLLOW_UP} if off else set())


def test_only_the_dismissed_kind_is_switched_off() -> None:
    found = kinds_to_switch_off(decided(15, 5) + decided(5, 15, SuggestionKind.ANSWER))
    assert found == {SuggestionKind.FOLLOW_UP}
    due = ContactState(State.DUE, Reason.NO_ANSWER)
    assert suggest(due, today=TODAY, switched_off=found) is None
    assert suggest(OURS, today=TODAY, switched_off=found)


def test_decisions_before_a_kind_was_switched_on_again_do_not_count() -> None:
    decisions = decided(15, 0)
    assert not kinds_to_switch_off(decisions, since={SuggestionKind.FOLLOW_UP: START + timedelta(hours=14)})
    assert kinds_to_switch_off(decisions, since={SuggestionKind.FOLLOW_UP: START + timedelta(hours=3)})


def test_order_and_duplicates_of_decisions_change_nothing() -> None:
    decisions = decided(11, 9)
    assert kinds_to_switch_off([*reversed(decisions), *decisions]) == kinds_to_switch_off(decisions)
