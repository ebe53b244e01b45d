"""Search for phrases in a list of tokens, indexed by first word: bounded work, longest match first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from messaging.intelligence.next_steps.tokens import ADDRESS, LINK, WORD, Token


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase of `cue` found in tokens `start` to `end` (excluded)."""

    start: int
    end: int
    cue: str
    rule: str


class PhraseBook:
    """Phrases by first word. A word ending in * stands for all that begin so, one beginning with * for all that end so."""

    def __init__(self, entries: Iterable[tuple[str, str, str]]) -> None:
        """Index the phrases; `entries`: (phrase, cue, rule id)."""
        self._exact: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
        self._prefixes: dict[str, tuple[str, str]] = {}
        self._suffixes: dict[str, tuple[str, str]] = {}
        for phrase, cue, rule in entries:
            words = tuple(phrase.split())
            if len(words) == 1 and phrase.endswith("*"):
                self._prefixes[phrase[:-1]] = (cue, rule)
            elif len(words) == 1 and phrase.startswith("*"):
                self._suffixes[phrase[1:]] = (cue, rule)
            else:
                self._exact.setdefault(words[0], []).append((words, cue, rule))
        for listed in self._exact.values():
            listed.sort(key=lambda entry: -len(entry[0]))
        self._lengths = (_lengths(self._prefixes), _lengths(self._suffixes))

    def find(self, tokens: Sequence[Token]) -> list[Match]:
        """Return the phrases in the tokens, in order and without overlaps; punctuation between words is ignored."""
        words = [(at, token.text) for at, token in enumerate(tokens) if token.kind in (WORD, ADDRESS, LINK)]
        found: list[Match] = []
        index = 0
        while index < len(words):
            length, cue, rule = self._at(words, index)
            if cue:
                found.append(Match(words[index][0], words[index + length - 1][0] + 1, cue, rule))
            index += max(1, length)
        return found

    def _at(self, words: Sequence[tuple[int, str]], index: int) -> tuple[int, str, str]:
        word = words[index][1]
        for phrase, cue, rule in self._exact.get(word, ()):
            window = words[index : index + len(phrase)]
            if tuple(text for _, text in window) == phrase:
                return len(phrase), cue, rule
        for length in self._lengths[0]:
            if word[:length] in self._prefixes and len(word) >= length:
                return (1, *self._prefixes[word[:length]])
        for length in self._lengths[1]:
            if word[-length:] in self._suffixes and len(word) >= length:
                return (1, *self._suffixes[word[-length:]])
        return 0, "", ""


def _lengths(entries: Mapping[str, object]) -> list[int]:
    return sorted({len(entry) for entry in entries}, reverse=True)
