"""Training replies of triage: enough per category, no duplicates, none shared with test files."""

from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from messaging.intelligence.reporting import gold
from messaging.intelligence.triage.classes import ORDER
from messaging.intelligence.triage.sentences import read
from messaging.intelligence.triage.text import fold

FOLDER = settings.BASE_DIR / "fixtures" / "triage"
ENOUGH = 150
TELLING = 40
"""Characters above which two writers do not write the same sentence by chance; fixed phrases of programs are excepted."""

SET_PHRASES = {
    "antworten sie auf diese e-mail, um es wieder zu oeffnen.",
    "to add additional comments, reply to this email.",
    "ihre nachricht wird nicht weitergeleitet.",
}


def training() -> list[gold.LabelledReply]:
    return gold.read_training(FOLDER.glob("train_*.jsonl"))


def sentences(pairs) -> set[str]:
    found = {fold(sentence) for subject, text in pairs for sentence in read(subject, text).body}
    return {sentence for sentence in found if len(sentence) >= TELLING} - SET_PHRASES


def shared(one: Path | None, other) -> set[str]:
    judged = gold.read(one) if one else other
    pairs = [(reply.subject, reply.text) for reply in (*judged.replies, *judged.ambiguous)]
    return sentences(pairs) & sentences([(reply.subject, reply.text) for reply in training()])


def test_each_category_has_enough_replies_in_each_language():
    counts = Counter((reply.category, reply.language) for reply in training())
    assert all(counts[category, language] >= ENOUGH for category in ORDER for language in ("de", "en"))


def test_ids_are_used_once():
    ids = [reply.id for reply in training()]
    assert len(ids) == len(set(ids))


def test_no_sentence_is_in_the_files_of_two_writers():
    by_writer: dict[str, set[str]] = {}
    for reply in training():
        by_writer.setdefault(reply.writer, set()).update(sentences([(reply.subject, reply.text)]))
    writers = sorted(by_writer)
    assert len(writers) >= 4
    for index, writer in enumerate(writers):
        for other in writers[index + 1 :]:
            assert not by_writer[writer] & by_writer[other]


def test_no_sentence_of_a_set_for_judging_is_trained_on():
    for path in FOLDER.glob("judge*.jsonl"):
        assert not shared(path, None), f"{path.name} shares sentences with the training files"


def test_a_shared_sentence_would_be_found():
    reply = next(each for each in training() if sentences([(each.subject, each.text)]))
    assert shared(None, gold.Gold(replies=[reply]))


@pytest.mark.parametrize("name", ["train_*.jsonl", "ambiguous_*.jsonl"])
def test_there_are_files_of_both_kinds(name: str):
    assert list(FOLDER.glob(name))
