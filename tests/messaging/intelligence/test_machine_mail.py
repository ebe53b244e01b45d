"""Order of senders in triage: mail servers, then other software, then people."""

import numpy as np
import pytest
from django.conf import settings

from messaging.intelligence.reporting import gold
from messaging.intelligence.triage import probabilities, rules
from messaging.intelligence.triage.classes import FROM_A_MACHINE, ORDER, Category
from messaging.intelligence.triage.engine import Engine, Reply
from messaging.intelligence.triage.rules import IDS, RULES
from messaging.intelligence.triage.sentences import read

SURE = 0.95
"""Share of the training replies with a sentence of software that software must have written."""


def decided(subject: str, text: str) -> Category | None:
    match = probabilities.deciding(rules.matches(read(subject, text)), np.ones(len(IDS), dtype=np.float32))
    return match.rule.category if match else None


@pytest.mark.parametrize(
    ("subject", "text", "category"),
    [
        ("Undeliverable: Hello", "Your message couldn't be delivered. > Please unsubscribe me.", "auto_reply"),
        ("Unzustellbar: Hallo", "Ihre Nachricht konnte nicht zugestellt werden. Ich bin bis 4.8. im Urlaub.", "auto_reply"),
        ("Ticket 4711", "Your ticket was closed. To unsubscribe from updates, remove me from the list here.", "auto_reply"),
        ("Automatische Antwort: Hallo", "Ich habe die Firma zum 1.5. verlassen und bin bis dahin nicht im Büro.", "left_company"),
        ("Automatic reply: Hello", "I'm on annual leave until 4 May. Spam complaints to our lawyers please.", "out_of_office"),
        ("Re: Hello", "Please remove me from your list.", "unsubscribe"),
    ],
    ids=["bounce, then a wish", "bounce, then an absence", "ticket, then a wish", "left, then absent", "absent, then a threat", "a person"],
)  # fmt: skip
def test_the_sender_comes_before_the_rank_of_the_category(subject: str, text: str, category: str):
    assert decided(subject, text) == category


def test_what_only_software_writes_takes_nearly_all_from_the_categories_of_people():
    (match,) = [each for each in rules.matches(read("Re: x", "Diese Nachricht wurde automatisch erzeugt.")) if each.rule.sender == "software"]  # fmt: skip
    row = np.full(len(ORDER), 1 / len(ORDER), dtype=np.float32)
    after = probabilities.without_people(row, [match])
    assert after.sum() == pytest.approx(1) and after[~probabilities.OF_MACHINES].sum() == pytest.approx(
        probabilities.PEOPLE
    )
    assert probabilities.without_people(row, []) is row


def test_a_person_who_mentions_an_automatic_answer_is_not_taken_for_one():
    (opinion,) = Engine(with_embeddings=False).classify([Reply("Re: x", "Das ist keine automatische Antwort: Bitte nehmen Sie mich aus dem Verteiler.")])  # fmt: skip
    assert opinion.category is Category.UNSUBSCRIBE


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.sender != "anyone"], ids=lambda rule: rule.id)
def test_what_only_software_writes_is_not_in_the_training_replies_of_people(rule: rules.Rule):
    found = [
        reply.category in FROM_A_MACHINE
        for reply in gold.read_training((settings.BASE_DIR / "fixtures" / "triage").glob("train_*.jsonl"))
        if rule.id in {match.rule.id for match in rules.matches(read(reply.subject, reply.text))}
    ]
    assert sum(found) >= SURE * len(found)
