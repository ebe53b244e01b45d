"""Rules that categorize replies: each matches its example, not its counter-example; negations."""

import pytest

from messaging.intelligence.triage import rules
from messaging.intelligence.triage.classes import CATEGORIES, ORDER
from messaging.intelligence.triage.rules import RULES, Rule
from messaging.intelligence.triage.sentences import read


def found(rule: Rule, text: str) -> bool:
    parts = read(text, "") if rule.where == "subject" else read("Re: Hello", text)
    return rule.id in {match.rule.id for match in rules.matches(parts)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_holds_for_its_example_and_not_for_its_counter_example(rule: Rule):
    assert found(rule, rule.example)
    assert not found(rule, rule.counter)


def test_every_category_has_rules_and_ids_are_used_once():
    assert {rule.category for rule in RULES} == set(ORDER)
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert len({definition.rank for definition in CATEGORIES.values()}) == len(ORDER)


def test_critical_categories_have_deciding_rules():
    assert {rule.category.value for rule in RULES if rule.decides} >= {
        "unsubscribe", "complaint", "out_of_office", "auto_reply", "left_company",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Bitte nehmen Sie mich nicht aus dem Verteiler.",
        "Please don't remove me from your list.",
        "No need to unsubscribe me, I enjoy these.",
        "Vor Oktober bitte keine weiteren Mails.",
        "Please don't email me again until September, then we can talk.",
    ],
)
def test_a_negated_wish_is_not_the_wish(text: str):
    decided = {m.rule.category for m in rules.matches(read("Re: x", text)) if m.rule.decides}
    assert "unsubscribe" not in decided


def test_all_matches_at_once_are_those_of_each_pattern_alone():
    """The combined automaton must not exceed its memory limit, because it would then find no match at all."""
    import re2

    from messaging.intelligence.triage.text import fold

    for rule in RULES:
        folded = fold(rule.example)
        alone = {other.id for other in RULES if re2.search(other.pattern, folded)}
        together = {RULES[index].id for index in rules._table()._set.Match(folded) or ()}
        assert together == alone
