"""Command triage_report: any file of expected results, correct metrics."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from messaging.intelligence.reporting import classification, dates, gold
from messaging.intelligence.reporting.classification import Case
from messaging.intelligence.triage.classes import Category
from messaging.intelligence.triage.engine import Engine

REPLIES: list[dict[str, Any]] = [
    {"id": "1", "lang": "de", "class": "unsubscribe", "subject": "Re: x", "text": "Bitte nehmen Sie mich aus dem Verteiler.", "quoted": "", "note": ""},
    {"id": "2", "lang": "en", "class": "meeting", "subject": "Re: x", "text": "Thursday 3 pm works, send an invite.", "quoted": "> hi", "note": "n"},
    {"id": "3", "lang": "en", "classes": ["interested", "not_now"], "subject": "Re: x", "text": "Hm, maybe.", "quoted": ""},
]  # fmt: skip
DATES = [
    {"id": "4", "lang": "de", "received": "2026-08-03", "subject": "Abwesend", "text": "Ich bin bis 14.8.2026 nicht da.", "back": "2026-08-17"},
    {"id": "5", "lang": "de", "received": "2026-08-03T09:00:00Z", "text": "Rufen Sie mich an.", "ask": "call", "when": None, "address": None},
]  # fmt: skip


def write(path: Path, rows: Sequence[Any]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def report(path: Path, capsys, **options) -> str:
    call_command("triage_report", gold=[path], without_embeddings=True, **options)
    return capsys.readouterr().out


def test_each_line_is_recognised_by_its_fields(tmp_path):
    found = gold.read(write(tmp_path / "gold.jsonl", REPLIES + DATES))
    assert (len(found.replies), len(found.ambiguous), len(found.absences), len(found.requests)) == (2, 1, 1, 1)
    assert found.absences[0].back == date(2026, 8, 17) and found.requests[0].received == date(2026, 8, 3)


@pytest.mark.parametrize(
    ("line", "reason"),
    [("{", "line 1"), ('{"id": 1}', "neither"), ('{"lang": "de", "class": "meeting"}', "id is missing"),
     ('{"id": 1, "class": "nonsense", "text": ""}', "nonsense")],
)  # fmt: skip
def test_a_line_of_unknown_form_is_named(tmp_path, line, reason):
    path = tmp_path / "gold.jsonl"
    path.write_text(f"{line}\n")
    with pytest.raises(CommandError, match=reason):
        call_command("triage_report", gold=[path])


def test_the_report_prints_every_figure_and_writes_each_prediction(tmp_path, capsys):
    out = tmp_path / "said.jsonl"
    said = report(write(tmp_path / "gold.jsonl", REPLIES), capsys, predictions=out)
    for words in (
        "macro-F1", "accuracy where it answers", "unsubscribe", "German - English", "calibration error", "ambiguous", "CPU a reply", "MiB",
    ):  # fmt: skip
        assert words in said
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["id"] for row in rows] == ["1", "2", "3"] and rows[0]["class"] == "unsubscribe"
    assert all(set(row) == {"id", "class", "abstain", "p"} for row in rows)


def test_the_confusion_table_and_the_surest_mistakes_are_printed_on_request(tmp_path, capsys):
    wrong = {**REPLIES[0], "id": "w", "class": "meeting"}
    path = write(tmp_path / "gold.jsonl", [*REPLIES, wrong])
    assert "surest" not in report(path, capsys)
    table_alone = report(path, capsys, confusion=True)
    assert "confusion: rows are true" in table_alone and "surest" not in table_alone
    said = report(path, capsys, mistakes=3)
    assert "the 1 mistakes it was surest of, of 1:" in said and "w: meeting taken for unsubscribe" in said
    (row,) = [cells for line in said.splitlines() if (cells := line.split())[:1] == ["meeting"] and len(cells) == 14]
    assert row[1:] == [".", "1", ".", ".", ".", ".", "1", ".", ".", ".", ".", ".", "0"]


def test_language_note_and_quote_never_reach_the_predictor(tmp_path, monkeypatch):
    seen = []
    real = Engine.classify

    def classify(self, replies):
        seen.extend(replies)
        return real(self, replies)

    monkeypatch.setattr(Engine, "classify", classify)
    call_command("triage_report", gold=[write(tmp_path / "gold.jsonl", REPLIES)], without_embeddings=True)
    assert {(reply.subject, reply.text) for reply in seen} == {
        ("Re:", "Danke. Thanks."), *((row["subject"], row["text"]) for row in REPLIES),
    }  # fmt: skip


def test_dates_come_from_next_steps_or_are_reported_as_missing(tmp_path, capsys, monkeypatch):
    class Absence:
        back = date(2026, 8, 17)

    class Step:
        ask, when, address = "call", None, None

    answers = {
        "return_date": lambda text, *, received, lang, subject: Absence(),
        "next_step": lambda text, *, received, lang: Step(),
    }
    monkeypatch.setattr(dates, "_function", lambda module, name: answers[name])
    path = write(tmp_path / "gold.jsonl", DATES)
    out = tmp_path / "said.jsonl"
    said = report(path, capsys, predictions=out)
    assert "precision 1.000 (1/1), recall 1.000 (1/1)" in said and "accuracy 1.000" in said
    assert [json.loads(line) for line in out.read_text().splitlines()] == [
        {"id": "4", "back": "2026-08-17"}, {"id": "5", "ask": "call", "when": None, "address": None},
    ]  # fmt: skip

    def missing(module, name):
        raise dates.NotBuilt(f"{module} is not there yet")

    monkeypatch.setattr(dates, "_function", missing)
    assert "not judged, absence is not there yet" in report(path, capsys)


def case(truth: str, said: str, p: float = 0.9, *, abstains: bool = False, language: str = "de", id: str = "x") -> Case:
    return Case(id, language, Category(truth), Category(said), p, abstains)


def test_macro_f1_is_the_mean_over_categories_that_occur():
    cases = [case("meeting", "meeting"), case("meeting", "question"), case("question", "question")]
    assert classification.macro_f1(*classification.columns(cases)) == pytest.approx(2 / 3)


def test_accuracy_counts_answered_replies_only():
    cases = [
        case("meeting", "meeting"),
        case("meeting", "question", abstains=True),
        case("question", "meeting"),
        case("question", "question"),
    ]
    assert classification.answered(cases) == (pytest.approx(2 / 3), 0.75)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    right = [case("meeting", "meeting", 1.0, id=str(n)) for n in range(10)]
    assert classification.calibration_error(right) == 0
    wrong = [case("meeting", "question", 0.8, id=str(n)) for n in range(10)]
    assert classification.calibration_error(wrong) == pytest.approx(0.8)


def test_the_difference_between_languages_has_an_interval_around_it():
    random = np.random.default_rng(0)
    cases = [
        case("meeting" if n % 2 else "question", "meeting" if (n % 2) ^ bool(random.random() < 0.2) else "question", language=language)
        for language in ("de", "en") for n in range(100)
    ]  # fmt: skip
    found = classification.difference(cases)
    assert found is not None
    gap, low, high = found
    assert low < gap < high and low < 0 < high
    assert classification.difference([case("meeting", "meeting")]) is None


def test_precision_and_recall():
    found = [dates.Found(1, 1), dates.Found(1, None), dates.Found(None, 2), dates.Found(None, None), dates.Found(3, 4)]
    share = dates.share(found)
    assert (share.precision, share.recall) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
