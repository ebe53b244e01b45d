"""Shipped triage engine: categories of replies, reasons, and abstention."""

import socket

import numpy as np
import pytest

from messaging.intelligence.triage import abstention, embeddings, probabilities, weights
from messaging.intelligence.triage.classes import ORDER, Category
from messaging.intelligence.triage.engine import Engine, Reply, Source
from messaging.intelligence.triage.sentences import read

PLAIN = [
    ("unsubscribe", "Re: Frage", "Bitte tragen Sie mich aus Ihrem Verteiler aus."),
    ("unsubscribe", "Re: Hi", "STOP"),
    ("complaint", "Re: Angebot", "Das ist Spam. Ich leite das an unseren Anwalt weiter, Verstoß gegen die DSGVO."),
    ("meeting", "Re: Call", "Sure, Thursday at 3 pm works for me. Send an invite?"),
    ("not_now", "Re: Tool", "Melden Sie sich bitte im Oktober noch einmal, vorher schaffen wir das nicht."),
    ("wrong_person", "Re: HR", "I'm not the right person for this, please contact my colleague Jane in HR."),
    ("left_company", "Automatic reply: Hi", "John Miller is no longer with the company. Please contact info@firm.example."),
    ("out_of_office", "Abwesenheitsnotiz", "Vielen Dank für Ihre Nachricht. Ich bin bis zum 14.8. nicht im Büro."),
    ("auto_reply", "[Ticket #483920] Ihre Anfrage", "Ihre Anfrage ist eingegangen und wird schnellstmöglich bearbeitet."),
]  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(with_embeddings=False)


@pytest.mark.parametrize(("category", "subject", "text"), PLAIN)
def test_plain_replies_get_their_category_without_embeddings(engine: Engine, category, subject, text):
    (opinion,) = engine.classify([Reply(subject, text)])
    assert opinion.category == category


def test_answers_come_in_order_however_many_there_are(engine: Engine):
    many = [Reply(subject, text) for _, subject, text in PLAIN] * 20
    together = engine.classify(many)
    alone = [engine.classify([reply])[0] for reply in many[: len(PLAIN)]]
    assert [o.category for o in together] == [o.category for o in alone] * 20
    assert np.allclose(together[0].probabilities, alone[0].probabilities, atol=1e-5)


def test_probabilities_are_of_all_categories_and_sum_to_one(engine: Engine):
    for opinion in engine.classify([Reply(subject, text) for _, subject, text in PLAIN]):
        assert opinion.probabilities.shape == (len(ORDER),) and abs(opinion.probabilities.sum() - 1) < 1e-4
        assert 0 < opinion.p <= 1


def test_a_reason_names_the_rule_and_quotes_it_or_the_words_that_weighed_most(engine: Engine):
    ruled, modelled = engine.classify(
        [
            Reply("Re: x", "Hi,\nstop emailing me.\nJim"),
            Reply("Re: x", "Hört sich vielversprechend an, gern mehr dazu."),
        ]
    )
    assert ruled.source is Source.RULE and ruled.reason["quote"] == "stop emailing me."
    assert modelled.source is Source.MODEL and modelled.reason["words"] and modelled.reason["sentence"]
    assert not any(isinstance(value, float) for value in modelled.reason.values()), "never a bare percentage"


@pytest.mark.parametrize("text", [None, "", "   ", "\u200b", "<!-- -->"])
def test_a_reply_without_text_is_left_to_a_person(engine: Engine, text):
    (opinion,) = engine.classify([Reply(None, text)])
    assert opinion.abstains


def test_excluded_categories_are_never_answered(engine: Engine):
    (opinion,) = engine.classify([Reply("Re: x", "STOP", frozenset({Category.OUT_OF_OFFICE, Category.AUTO_REPLY}))])
    assert opinion.category in {"out_of_office", "auto_reply"} and opinion.source is not Source.RULE
    (only,) = engine.classify([Reply("Re: x", "STOP", frozenset({Category.AUTO_REPLY}))])
    assert (only.category, only.source, only.abstains) == ("auto_reply", Source.FACT, False)


def test_no_network_is_used(engine: Engine, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert engine.classify([Reply("Re: x", "Klingt gut, schicken Sie mir mehr.")])


def test_the_shipped_model_is_small_and_read_without_pickle():
    assert weights.SHIPPED.stat().st_size <= weights.LARGEST
    with np.load(weights.SHIPPED, allow_pickle=False) as file:
        assert {file[name].dtype for name in file.files} == {np.dtype(np.float32)}
        assert set(file.files) == set(weights.ARRAYS)


def test_a_model_for_other_rules_is_refused_with_advice(tmp_path):
    with np.load(weights.SHIPPED, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    arrays["trust"] = arrays["trust"][:-1]
    np.savez(tmp_path / "model.npz", **arrays)
    with pytest.raises(weights.UnusableModel, match="train_triage"):
        weights.load(tmp_path / "model.npz")
    with pytest.raises(weights.UnusableModel, match="train_triage"):
        weights.load(tmp_path / "missing.npz")


def test_saving_a_loaded_model_gives_the_same_bytes(tmp_path):
    weights.load().save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == weights.SHIPPED.read_bytes()


# --- abstention ---------------------------------------------------------------------------------------------------------


def row(**shares: float) -> np.ndarray:
    found = np.full(len(ORDER), 0.001, dtype=np.float32)
    for name, share in shares.items():
        found[probabilities.COLUMN[Category(name)]] = share
    return found


def test_a_reliable_answer_is_given_and_an_unreliable_one_is_left_with_its_candidates():
    sure = abstention.answer(row(meeting=0.9), 0.8, 0.6)
    assert sure == abstention.Answer(Category.MEETING, False, (Category.MEETING,))
    two = abstention.answer(row(meeting=0.55, not_now=0.4), 0.5, 0.6)
    assert two.abstains and two.candidates == (Category.MEETING, Category.NOT_NOW)
    one = abstention.answer(row(meeting=0.9, question=0.05), 0.5, 0.6)
    assert one.abstains and one.candidates == (Category.MEETING, Category.QUESTION)


def test_a_probable_unsubscribe_is_left_to_a_person_however_sure_another_answer_seems():
    assert abstention.answer(row(not_interested=0.7, unsubscribe=0.25), 0.95, 0.6).abstains
    assert not abstention.answer(row(unsubscribe=0.7, complaint=0.25), 0.95, 0.6).abstains


def test_reliability_grows_with_the_lead_of_the_answer():
    shipped = weights.shipped()
    parts = read("Re: x", "Thursday at 3 pm would be fine for a call with the two of us.")

    def reliable(own: np.ndarray) -> float:
        return abstention.reliability(
            abstention.reliability_features(own, own, own, parts, []), shipped.reliability[weights.WITH]
        )

    assert reliable(row(meeting=0.97)) > reliable(row(meeting=0.6, not_now=0.35)) > 0
    assert abstention.reliability_features(row(meeting=0.9), row(meeting=0.9), None, parts, []).shape == (
        abstention.SIZE,
    )


@pytest.mark.parametrize("text", ["We'll see.", "Preis?", "Muss ich mir überlegen.", "Hm."])
def test_ambiguous_replies_are_left_to_a_person(engine: Engine, text: str):
    assert engine.classify([Reply("Re: x", text)])[0].abstains


# --- embeddings -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def fake_sentences(monkeypatch):
    """Replace the embeddings by fake ones, which need no optional package."""
    asked: list[str] = []

    def encode(sentences):
        asked.extend(sentences)
        return np.stack([np.full(embeddings.SIZE, len(sentence), dtype=np.float32) for sentence in sentences])

    monkeypatch.setattr(embeddings, "encode", encode)
    return asked


def test_embeddings_are_mean_maximum_and_minimum_over_sentences(fake_sentences):
    pooled = embeddings.pooled([read("Re: x", "Ja gern. Wann passt es?"), read("", "")])
    assert pooled.shape == (2, embeddings.POOLED)
    first = pooled[0].reshape(3, embeddings.SIZE)[:, 0]
    assert first.tolist() == [(8 + 14) / 2, 14, 8] and not pooled[1].any()


def test_greetings_are_not_embedded_and_repeated_sentences_only_once(fake_sentences):
    embeddings.pooled([read("Re: x", "Hallo Max,\n\nJa gern."), read("Re: x", "Ja gern.")])
    assert fake_sentences == ["Ja gern."]


def test_a_long_mail_costs_a_few_sentences(fake_sentences):
    embeddings.pooled([read("Re: x", "".join(f"Satz Nummer {n} steht hier. " for n in range(200)))])
    assert len(fake_sentences) == embeddings.MOST_SENTENCES


def test_the_version_of_an_engine_names_its_embeddings(fake_sentences):
    engine = Engine(with_embeddings=True)
    assert engine.version.endswith("+e")
    assert engine.classify([Reply("Re: x", "Ja gern.")])[0].category in set(ORDER)
