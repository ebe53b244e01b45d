"""Bounded time of reading dates and requests from hostile mails."""

from datetime import date
from time import process_time

import pytest

from messaging.intelligence.next_steps.absence import return_date
from messaging.intelligence.next_steps.asks import next_step
from messaging.intelligence.next_steps.tokens import MAX_CHARS

RECEIVED = date(2025, 8, 5)
BUDGET = 5.0
"""Seconds of CPU; usual are 0.01 to 0.25. Anything worse than linear would take minutes on two million characters."""

HOSTILE = (
    "a", "1", "1.", ".", ",", "bis ", "bis 14.8. ", "1.1.-", "Montag, ", "in zwei Wochen ", "KW 3 und ", '"bis 1.8. ', "> x\n", "Von: x\n", "Am 1 schrieb\n", "(", "(at) ", "a@b.c ", "'a", "e\u0301", "\u200b",
    "ich bin bis 14.8. nicht da und ", "und,bis 14.8.,", "\n", "___\n", "Mit freundlichen ", "I'm out until August 4 - ", "<div>", "nicht ", "Urlaub", "14.", "2026-", "3/", "Q1 ", "Ende ",
)  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_two_megabytes_of_one_piece_cost_little(piece: str) -> None:
    text = (piece * (2_000_000 // len(piece) + 1))[:2_000_000]
    began = process_time()
    return_date(text, received=RECEIVED)
    next_step(text, received=RECEIVED)
    assert process_time() - began < BUDGET


def test_text_beyond_the_bound_is_not_read() -> None:
    note = "Ich bin bis 14.8. im Urlaub."
    assert return_date(f"{note}{' ' * MAX_CHARS}", received=RECEIVED)
    assert not return_date(f"{' ' * MAX_CHARS}{note}", received=RECEIVED)
