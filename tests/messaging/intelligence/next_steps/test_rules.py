"""Rules for reading dates and requests: each matches its example, not its counter-example."""

from collections.abc import Sequence
from typing import Any

import pytest

from messaging.intelligence.next_steps import absence_rules, ask_rules
from messaging.intelligence.next_steps.absence import return_date
from messaging.intelligence.next_steps.ask_reading import ASKS
from messaging.intelligence.next_steps.asks import next_step
from messaging.intelligence.next_steps.tokens import folded

RECEIVED = absence_rules.RECEIVED


def back(text: str) -> Any:
    found = return_date(text, received=RECEIVED)
    return found and found.back


@pytest.mark.parametrize("rule", absence_rules.RULES, ids=lambda rule: rule.id)
def test_absence_rule_reads_its_example_and_not_its_counter_example(rule: absence_rules.Rule) -> None:
    assert back(rule.example) == rule.back
    assert back(rule.counter) is None or back(rule.counter) != rule.back


@pytest.mark.parametrize("rule", ask_rules.RULES, ids=lambda rule: rule.id)
def test_ask_rule_reads_its_example_and_not_its_counter_example(rule: ask_rules.AskRule) -> None:
    assert next_step(rule.example, received=RECEIVED).ask == rule.ask
    assert next_step(rule.counter, received=RECEIVED).ask != rule.ask
    assert rule.ask in ASKS


@pytest.mark.parametrize("rules", [absence_rules.RULES, ask_rules.RULES], ids=["absence", "asks"])
def test_rules_have_ids_of_their_own_and_phrases_as_texts_are_folded(rules: Sequence[Any]) -> None:
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        for phrase in rule.phrases.split("|"):
            assert phrase, f"{rule.id} has an empty phrase"
            assert phrase.strip("*") == " ".join(map(folded, phrase.strip("*").split())), (
                f"{rule.id}: {phrase!r} never matches"
            )
