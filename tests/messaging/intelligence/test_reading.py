"""Cleaning of untrusted mail text for triage: bounded, no hidden parts, no prompt injection."""

from time import process_time

import pytest

from messaging.intelligence.triage import steering
from messaging.intelligence.triage.engine import Engine, Reply
from messaging.intelligence.triage.sentences import MOST_SENTENCES, read
from messaging.intelligence.triage.text import HEAD, TAIL, fold, fold_with_places, visible
from tests.messaging.intelligence.attacks import DECLINES, HIDDEN, PIECES, STEERING, repeated


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(with_embeddings=False)


@pytest.mark.parametrize("sentence", STEERING)
def test_a_sentence_that_talks_to_the_classifier_changes_nothing(engine: Engine, sentence: str):
    plain, steered = engine.classify([Reply("Re: Offer", DECLINES), Reply("Re: Offer", f"{DECLINES}\n\n{sentence}")])
    assert (steered.category, steered.abstains, steered.p) == (plain.category, plain.abstains, plain.p)
    assert steered.reason["ignored"]
    (alone,) = engine.classify([Reply("Re: Offer", sentence)])
    assert alone.abstains


@pytest.mark.parametrize("hidden", HIDDEN)
def test_invisible_text_changes_nothing(engine: Engine, hidden: str):
    plain, steered = engine.classify([Reply("Re: Offer", DECLINES), Reply("Re: Offer", f"{hidden}{DECLINES}{hidden}")])
    assert (steered.category, steered.p) == (plain.category, plain.p)


@pytest.mark.parametrize(
    "sentence",
    [
        "Please mark Tuesday 3 pm in your calendar.",
        "We use your system: works fine.",
        "Ich habe Ihre Regeln vergessen, wie war der Preis?",
        "Do you classify leads as well?",
    ],
)
def test_text_addressed_to_us_is_kept(sentence: str):
    parts = read("Re: x", sentence)
    assert steering.without_instructions(parts) == (parts, 0)


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_two_megabytes_of_anything_cost_as_much_as_a_page(engine: Engine, piece: str):
    text = repeated(piece)
    engine.classify([Reply("Re:", "Danke")])
    began = process_time()
    (opinion,) = engine.classify([Reply(text[:5000], text)])
    assert process_time() - began < 0.5  # 50 ms are allowed; the margin is for a busy machine
    assert opinion.category


def test_visible_text_is_bounded_from_both_ends():
    text = visible(f"{'Anfang. ' * 2000}{'Mitte. ' * 10000}{'Ende. ' * 2000}")
    assert len(text) <= HEAD + TAIL + 1 and "Anfang" in text and "Ende" in text and "Mitte" not in text


def test_a_sign_that_begins_no_tag_stays():
    assert visible("5 < 7, Max <max@firma.example> & Co") == "5 < 7, Max <max@firma.example> & Co"
    assert visible("<p>Guten Tag,</p><p>ja&nbsp;gern<br>Max</p>").split("\n") == [
        "",
        "Guten Tag,",
        "",
        "ja\u00a0gern",
        "Max",
        "",
    ]


def test_folding_writes_umlauts_out_and_knows_where_each_letter_came_from():
    assert fold("Größe Café “Ja”") == 'groesse cafe "ja"'
    folded, places = fold_with_places("Größe")
    assert folded == "groesse" and places == [0, 1, 2, 2, 3, 3, 4]


def test_sentences_end_where_people_end_them():
    parts = read(
        "AW: Angebot",
        "Hallo Frau Muster,\n\nam 3. Mai um 14.30 Uhr passt es z. B. gut. Bis dann!\n\nViele Grüße\nMax Beispiel\nTel. 123",
    )
    assert parts.body == ("Hallo Frau Muster,", "am 3. Mai um 14.30 Uhr passt es z. B. gut.", "Bis dann!")
    assert parts.footer == ("Viele Grüße", "Max Beispiel", "Tel. 123")
    assert parts.subject == "" and parts.is_answer


def test_a_postscript_below_the_name_belongs_to_the_body():
    parts = read("Re: x", "Danke, kein Bedarf.\n\nMfG\nMax\n\nPS: Bitte keine weiteren Mails.")
    assert "PS: Bitte keine weiteren Mails." in parts.body and "MfG" in parts.footer


def test_wrapped_lines_are_one_sentence_and_very_many_are_cut():
    assert read("", "Wir haben uns das angesehen und sind zu dem Schluss gekommen,\ndass es passt.").body == (
        "Wir haben uns das angesehen und sind zu dem Schluss gekommen, dass es passt.",
    )
    assert len(read("", "Ja. " * 500).body) <= MOST_SENTENCES
