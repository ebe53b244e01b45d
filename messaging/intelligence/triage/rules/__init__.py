"""Rules that categorize replies by phrases, and a linear-time search for all of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import re2

from ..sentences import Parts
from ..text import fold
from . import absences, answers, automatic_mail, machines, refusals, wishes
from .rule import Rule

RULES: tuple[Rule, ...] = (
    *machines.RULES,
    *automatic_mail.RULES,
    *absences.RULES,
    *refusals.RULES,
    *wishes.RULES,
    *answers.RULES,
)
IDS: tuple[str, ...] = tuple(rule.id for rule in RULES)
BY_ID = {rule.id: rule for rule in RULES}


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matches, and the sentence it matches, as in the mail."""

    rule: Rule
    sentence: str


class _Table:
    """All patterns compiled once: one automaton names the candidates, single patterns confirm them."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        options = re2.Options()
        options.max_mem = 24 << 20
        self._rules = rules
        self._set = re2.Set.SearchSet(options)
        for rule in rules:
            self._set.Add(rule.pattern)
        self._set.Compile()
        self._unless, self._also, self._never = (
            [re2.compile(pattern) if pattern else None for pattern in patterns]
            for patterns in zip(*((rule.unless, rule.also, rule.never) for rule in rules), strict=True)
        )

    def matches(self, parts: Parts) -> list[Match]:
        whole = ""
        found: dict[str, Match] = {}
        for where, sentences in _places(parts):
            for sentence in sentences:
                folded = fold(sentence)
                for index in sorted(self._set.Match(folded) or ()):
                    rule = self._rules[index]
                    if rule.id in found or where not in WITHIN[rule.where]:
                        continue
                    if self._unless[index] and self._unless[index].search(folded):
                        continue
                    if (self._never[index] or self._also[index]) and not whole:
                        whole = fold("\n".join(parts.everything))
                    if self._never[index] and self._never[index].search(whole):
                        continue
                    if self._also[index] and not self._also[index].search(whole):
                        continue
                    found[rule.id] = Match(rule, sentence)
        return list(found.values())


WITHIN = {"body": ("body",), "mail": ("subject", "body", "footer"), "subject": ("subject",)}


def _places(parts: Parts) -> tuple[tuple[str, tuple[str, ...]], ...]:
    subject = (parts.subject,) if parts.subject else ()
    return ("subject", subject), ("body", parts.body), ("footer", parts.footer)


@cache
def _table() -> _Table:
    return _Table(RULES)


def matches(parts: Parts) -> list[Match]:
    """Return the matching rules for a reply, each with the first sentence it matches."""
    return _table().matches(parts)


__all__ = ["BY_ID", "IDS", "RULES", "Match", "Rule", "matches"]
