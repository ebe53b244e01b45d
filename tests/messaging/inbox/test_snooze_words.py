"""Parsing of times as people type them for a snooze, in English and German."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from accounts.refusals import Refusal
from messaging.inbox.snooze_words import TimeGone, TimeTooFar, UnreadableTime, read_time

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 7, 8, 10, tzinfo=UTC)  # a Wednesday, noon in Berlin

READ = {
    "fri": "2026-07-10 08:00", "Friday": "2026-07-10 08:00", "freitag früh": "2026-07-10 08:00", "next fri": "2026-07-10 08:00",
    "nächsten Montag": "2026-07-13 08:00", "Montag 9:00": "2026-07-13 09:00", "montag um 9": "2026-07-13 09:00", "mi": "2026-07-15 08:00",
    "wed": "2026-07-15 08:00", "fri 9.30": "2026-07-10 09:30", "in 2 weeks": "2026-07-22 08:00", "in zwei Wochen 10:00": "2026-07-22 10:00",
    "3d": "2026-07-11 08:00", "in 1 month": "2026-08-08 08:00", "in einem Jahr": "2027-07-08 08:00", "in 30 min": "2026-07-08 12:30",
    "in einer Stunde": "2026-07-08 13:00", "1.3.": "2027-03-01 08:00", "1.3.2027": "2027-03-01 08:00", "1.3.27": "2027-03-01 08:00",
    "1.12": "2026-12-01 08:00", "29.2.": "2028-02-29 08:00", "1. März": "2027-03-01 08:00", "March 1": "2027-03-01 08:00",
    "1st of": None, "am 5. Mai 2027 um 10:15": "2027-05-05 10:15", "2027-03-01": "2027-03-01 08:00", "morgen": "2026-07-09 08:00",
    "morgen 14 Uhr": "2026-07-09 14:00", "tomorrow 2pm": "2026-07-09 14:00", "tomorrow evening": "2026-07-09 18:00",
    "übermorgen": "2026-07-10 08:00", "heute abend": "2026-07-08 18:00", "tonight": "2026-07-08 18:00", "14:30": "2026-07-08 14:30",
    "9 uhr": "2026-07-09 09:00", "nächste Woche": "2026-07-13 08:00", "next week": "2026-07-13 08:00", "next month": "2026-08-01 08:00",
    "nächstes Jahr": "2027-01-01 08:00", "weekend": "2026-07-11 08:00", "12am": "2026-07-09 00:00",
}  # fmt: skip


@pytest.mark.parametrize("text", [text for text, read in READ.items() if read])
def test_a_typed_time_is_read_in_the_users_time_zone(text):
    found = read_time(text, now=NOW, zone=BERLIN)
    assert found.tzinfo is BERLIN and f"{found:%Y-%m-%d %H:%M}" == READ[text]


@pytest.mark.parametrize(
    "text",
    ["", "x", "soon", "3/1", "32.1.", "0.0.", "morgen 25:00", "week", "monday at", "13pm", "in -2 weeks", "fri sat", "1st of", "9" * 99],
)  # fmt: skip
def test_an_unclear_time_is_refused_with_examples(text):
    with pytest.raises(UnreadableTime) as refused:
        read_time(text, now=NOW, zone=BERLIN)
    assert "in 2 weeks" in str(refused.value)
    with translation.override("de"):
        assert "in 2 Wochen" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "refusal"), [("today", TimeGone), ("2020-01-01", TimeGone), ("in 99 years", TimeTooFar)]
)
def test_an_impossible_date_is_refused(text, refusal):
    with pytest.raises(refusal):
        read_time(text, now=NOW, zone=BERLIN)


def test_months_end_earlier_and_clocks_are_put_back():
    assert f"{read_time('in 1 month', now=datetime(2026, 1, 31, 9, tzinfo=UTC), zone=BERLIN):%d.%m.}" == "28.02."
    night = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 2:30 in Berlin, for the first time
    assert read_time("in 1 hour", now=night, zone=BERLIN).astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_no_typed_text_raises_an_unexpected_error():
    from random import Random

    dice = Random(4)
    words = [
        "in",
        "next",
        "1.3.",
        "um",
        "9",
        "uhr",
        "fri",
        "märz",
        "2027-01-01",
        ":",
        "99",
        "am",
        "week",
        "\0",
        "x" * 30,
    ]
    for _ in range(3000):
        text = " ".join(dice.choices(words, k=dice.randrange(6)))
        try:
            assert read_time(text, now=NOW, zone=BERLIN) > NOW
        except Refusal:
            continue
