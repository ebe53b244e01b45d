"""Changes that an organization makes to the shipped rules: rules switched off, phrases of its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refusal

from . import rules
from .classes import Category
from .rules import Match
from .rules.rule import Rule
from .sentences import Parts
from .text import words_of

MOST_PHRASES = 50
SHORTEST, LONGEST = 3, 100
"""Characters of a phrase."""

OWN = "own."
"""Beginning of the id of a rule made of a phrase."""

TRUST = 0.95
"""Share of cases in which an organization's own phrase is taken to be right."""


class InvalidRules(Refusal):
    sentence = _(
        "A phrase has 3 to 100 characters with a word, stands once, and has one of the twelve categories; there are up to 50."
    )


@dataclass(frozen=True, slots=True)
class Adjustments:
    """`off`: ids of rules that are switched off. `phrases`: the organization's own phrases with the category of a reply that contains them;
    they take precedence over shipped rules.
    """

    off: frozenset[str] = frozenset()
    phrases: tuple[tuple[str, Category], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.off or self.phrases)

    def as_json(self) -> dict[str, Any] | None:
        """Return the adjustments as they are stored; None where there are none."""
        return None if self.is_empty else {"off": sorted(self.off), "phrases": [list(each) for each in self.phrases]}

    def left(self, matches: Iterable[Match]) -> list[Match]:
        """Return the matches without those of rules that are switched off."""
        return [match for match in matches if match.rule.id not in self.off] if self.off else list(matches)

    def own_match(self, parts: Parts) -> Match | None:
        """Return the match of the longest own phrase in a reply's subject or body, None without one."""
        if not self.phrases:
            return None
        sentences = [(sentence, f" {words_of(sentence)} ") for sentence in (parts.subject, *parts.body) if sentence]
        for phrase, category in sorted(self.phrases, key=lambda each: (-len(each[0]), each[0])):
            wanted = f" {words_of(phrase)} "
            for sentence, found in sentences:
                if wanted in found:
                    return Match(Rule(f"{OWN}{phrase}", category, phrase, phrase, ""), sentence)
        return None


NONE = Adjustments()


def stored(data: Mapping[str, Any] | None) -> Adjustments:
    """Parse the result of `as_json`; rules that are not shipped any more are left out."""
    if not data:
        return NONE
    off = frozenset(id for id in data.get("off", []) if id in rules.BY_ID)
    return Adjustments(off, tuple((phrase, Category(category)) for phrase, category in data.get("phrases", [])))


def checked(off: Iterable[str], phrases: Sequence[tuple[str, str]]) -> Adjustments:
    """Return validated adjustments from a person's input. Raises InvalidRules for an unknown rule or category and for an unusable phrase."""
    cleaned = [(" ".join(phrase.split()), category) for phrase, category in phrases]
    keys = [words_of(phrase) for phrase, _ in cleaned]
    wanted = frozenset(off)
    if (
        not wanted <= set(rules.BY_ID)
        or len(cleaned) > MOST_PHRASES
        or len(set(keys)) < len(keys)
        or any(
            not key or not SHORTEST <= len(phrase) <= LONGEST for key, (phrase, _) in zip(keys, cleaned, strict=True)
        )
        or any(category not in list(Category) for _, category in cleaned)
    ):
        raise InvalidRules
    return Adjustments(wanted, tuple((phrase, Category(category)) for phrase, category in cleaned))
