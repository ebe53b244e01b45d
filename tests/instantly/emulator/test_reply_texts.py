"""Texts of simulated replies: every category in both languages, none shared with triage's examples."""

import json
import random
import re
from pathlib import Path

import pytest

from instantly.emulator.life import replies, reply_words
from instantly.emulator.state import rows

CLASSES = {
    "interested", "meeting", "question", "objection", "not_now", "not_interested", "unsubscribe", "complaint", "wrong_person",
    "left_company", "out_of_office", "auto_reply",
}  # fmt: skip
FIXTURES = Path(__file__).parents[3] / "fixtures"
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
MONDAY_MS = 1_788_163_200_000  # 2026-08-31T08:00Z


def sentences(text: str) -> set[str]:
    """Return sentences of four words and more, in lower case without punctuation; shorter ones are common phrases."""
    found = (" ".join(re.findall(r"\w+", part.lower())) for part in SENTENCE.split(text))
    return {sentence for sentence in found if len(sentence.split()) > 3}


def ours() -> set[str]:
    languages = [*reply_words.TEXTS.values(), *reply_words.ANSWERS.values()]
    return {
        sentence for kinds in languages for texts in kinds.values() for text in texts for sentence in sentences(text)
    }


@pytest.mark.parametrize("folder", ["triage", "next_steps"])
def test_no_sentence_is_in_the_training_or_test_texts(folder: str) -> None:
    theirs: set[str] = set()
    for file in sorted((FIXTURES / folder).glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            theirs |= sentences(json.loads(line)["text"])
    assert len(theirs) > 200
    assert not ours() & theirs


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_class_has_texts_and_every_text_can_be_filled_in(language: str) -> None:
    texts = reply_words.TEXTS[language]
    assert set(texts) >= CLASSES and set(texts) >= set(replies.KINDS) | set(replies.AUTOMATIC)
    lead = rows.lead(
        "x",
        "eva@mill.example",
        "w",
        MONDAY_MS,
        first_name="Eva",
        last_name="Mill",
        job_title="COO",
        company_name="Mill",
    )
    for kind in texts:
        for seed in range(40):
            written = reply_words.write_sentence(
                random.Random(seed),
                kind,
                language=language,
                now_ms=MONDAY_MS,
                lead=lead,
                sender="Ann",
                promise_ms=MONDAY_MS,
            )
            assert not re.search(r"[{}]", written)
            assert written.strip() == written and written[0].isupper()


def test_a_promised_day_is_spelled_in_the_language_of_the_text() -> None:
    lead = rows.lead("x", "eva@mill.example", "w", MONDAY_MS)
    for language, day in (("en", "31 August"), ("de", "31. August")):
        written = reply_words.write_sentence(
            random.Random(1), "promise", language=language, now_ms=MONDAY_MS, lead=lead, sender="", promise_ms=MONDAY_MS
        )
        assert day in written


@pytest.mark.parametrize("language", ["en", "de"])
def test_an_absence_note_names_the_day_it_is_given(language: str) -> None:
    lead = {"first_name": "Ann", "last_name": "", "job_title": "", "company_name": "", "company_domain": "b.example"}
    last_ms = MONDAY_MS + 4 * 86_400_000  # Friday, 4 September
    month = reply_words.MONTHS[language][8]
    for seed in range(30):
        text = reply_words.write_sentence(
            random.Random(seed), "out_of_office", language=language, now_ms=MONDAY_MS, lead=lead, sender="Max",
            promise_ms=last_ms,
        )  # fmt: skip
        dot = "." if language == "de" else ""
        assert f"4{dot} {month}" in text or f"7{dot} {month}" in text, text
