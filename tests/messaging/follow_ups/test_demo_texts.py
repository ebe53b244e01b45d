"""Absences and promises in the emulator's replies, read by triage and next steps."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from instantly.emulator.life import reply_words
from messaging.intelligence.next_steps.reading import AWAY, read_message

LEAD = {
    "first_name": "Ann", "last_name": "Bo", "job_title": "CEO", "company_name": "Atlas", "company_domain": "atlas.example",
}  # fmt: skip
TODAY = datetime(2026, 8, 31, 10, tzinfo=UTC)  # a Monday
FRIDAY = TODAY + timedelta(days=4)


def written(kind: str, language: str, seed: int, day: datetime) -> str:
    return reply_words.write_sentence(
        random.Random(seed), kind, language=language, now_ms=round(TODAY.timestamp() * 1000), lead=LEAD, sender="Max",
        promise_ms=round(day.timestamp() * 1000),
    )  # fmt: skip


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_absence_note_is_read_for_the_day_of_the_return(language: str) -> None:
    for seed in range(60):
        text = written("out_of_office", language, seed, FRIDAY)
        found = read_message(
            subject=None, text=text, received=TODAY.date(), category="out_of_office", is_automatic=True
        )
        assert (found.asks, found.on) == (AWAY, date(2026, 9, 7)), text


@pytest.mark.parametrize("language", ["de", "en"])
def test_most_promises_are_read_for_their_day_and_none_for_an_earlier_one(language: str) -> None:
    days = []
    for seed in range(60):
        text = written("promise", language, seed, FRIDAY)
        found = read_message(subject=None, text=text, received=TODAY.date(), category="not_now", is_automatic=False)
        if found.on is not None:
            assert FRIDAY.date() <= found.on <= date(2026, 9, 7), text
            days.append(found.on)
    assert len(days) >= 30
