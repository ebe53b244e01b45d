"""Return dates read from out-of-office replies: example mails, and impossible results."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.intelligence.next_steps.absence import return_date
from messaging.intelligence.next_steps.points import HORIZON
from messaging.intelligence.next_steps.tokens import normalized
from tests.messaging.intelligence.next_steps.corpus import ABSENCES

DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
NOTES = st.sampled_from(ABSENCES)

PIECES = st.sampled_from(
    (
        "Ich bin bis", "until", "vom", "from", "to", "–", "-", "bis einschließlich", "bis und mit", "ab", "wieder da", "back on", "out of office", "im Urlaub", "nicht", "14.8.", "31.12.2026",
        "3/25/2026", "3/4", "KW 34", "Montag", "next Tuesday", "morgen", "in zwei Wochen", "August 4", "30. Februar", "29.2.", "53. KW", "99.99.", ".", ",", "\n", "(", ")", "und", "00:00", "9 Uhr", "am", "pm",
        "2026-03-03", "I am", "return", "heute", "Jänner", "the 31st", "'25", "nach dem", "not before", "w/c", "0", "1.2.3.4", "12.12", "@", "a@b.example",
    )
)  # fmt: skip
ANY_NOTE = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map(" ".join))

FOOTERS = st.sampled_from(
    (
        "\n\n-- \nErika Muster\nBetriebsferien vom 22.12. bis 6.1.\n",
        "\n\nMit freundlichen Grüßen\nErika Muster\nUnser Büro ist bis 30.9. geschlossen.",
        "\n\nBest regards\nTom Reed\nWe are closed until 30 September.",
        "\n\n> Ich bin ab 1.9. wieder da.\n> Bis 30.9. im Urlaub.",
        "\n\nAm 04.08.2025 um 10:12 schrieb Eva Roth <eva@example.com>:\nIch bin bis 30.9. im Urlaub.",
        "\n\nOn Mon, Aug 4, 2025 at 9:12 AM Eva Roth <eva@example.com> wrote:\nI am back on 30 September.",
        "\n\n-----Original Message-----\nFrom: Eva\nSent: 4 August 2025\nI am out of office until 30 September.",
        "\n\nVon: Eva\nGesendet: Montag, 4. August 2025\nBetreff: Urlaub\n\nIch bin bis 30.9. im Urlaub.",
        "\n\nDisclaimer: this offer is valid until 30 September.",
    )
)


@pytest.mark.parametrize("note", ABSENCES, ids=lambda note: note["id"])
def test_note_of_the_development_set_yields_its_day(note: dict) -> None:
    found = return_date(note["text"], received=date.fromisoformat(note["received"]), lang=None)
    assert (found and found.back.isoformat()) == note["back"]
    if found:
        assert found.quoted
        assert found.quoted in normalized(note["text"])


def test_subject_counts_where_it_tells_an_absence() -> None:
    received = date(2025, 8, 5)
    told = return_date("Ich bin im Urlaub.", received=received, subject="Abwesend bis 14.8. - Automatische Antwort")
    assert told and told.back == date(2025, 8, 15)
    assert not return_date("Ich bin im Urlaub.", received=received, subject="Automatische Antwort: Angebot bis 14.8.")
    assert not return_date("Ich bin im Urlaub.", received=received, subject="Re: abwesend bis 14.8.")


def test_subject_that_contradicts_the_text_leaves_the_day_open() -> None:
    received = date(2025, 5, 27)
    assert not return_date("I'm back on 16 June.", received=received, subject="Out until 30 May")


@given(text=ANY_NOTE, received=DAYS)
def test_day_is_a_weekday_from_today_to_the_horizon(text: str, received: date) -> None:
    found = return_date(text, received=received)
    assert found == return_date(text, received=received)
    if found:
        assert found.back.weekday() < 5
        assert received <= found.back <= received + timedelta(days=HORIZON)


@given(note=NOTES, received=DAYS)
def test_day_of_real_notes_on_any_day_is_a_weekday_from_today_to_the_horizon(note: dict, received: date) -> None:
    found = return_date(note["text"], received=received)
    if found:
        assert found.back.weekday() < 5
        assert received <= found.back <= received + timedelta(days=HORIZON)


@given(note=NOTES, footer=FOOTERS)
def test_footer_or_quote_with_another_date_changes_nothing(note: dict, footer: str) -> None:
    received = date.fromisoformat(note["received"])
    plain, with_footer = (
        return_date(note["text"], received=received),
        return_date(note["text"] + footer, received=received),
    )
    assert (plain and plain.back) == (with_footer and with_footer.back)


@given(note=NOTES, lang=st.sampled_from([None, "de", "en", "fr"]))
def test_stated_language_changes_nothing(note: dict, lang: str | None) -> None:
    received = date.fromisoformat(note["received"])
    assert return_date(note["text"], received=received, lang=lang) == return_date(note["text"], received=received)


def test_note_that_begins_with_on_is_not_taken_for_a_quote() -> None:
    quote = "\n\nAm 04.08.2025 um 10:12 schrieb Eva Roth <eva@example.com>:\nIch bin bis 30.9. im Urlaub."
    found = return_date("On vacation through 8/22/2025." + quote, received=date(2025, 8, 4))
    assert found is not None and found.back == date(2025, 8, 25)
