"""Recognize a reply's words above a quote that announce answers inside or below it.

Such as "See my answers below", or only a greeting or a phone's signature. A match keeps the quote in the text: a false match makes the text
longer, but loses no words.
"""

import re
from collections.abc import Iterable, Sequence

from . import phrases
from .lines import INVISIBLE

MAX_LOOKED_AT = 20_000
"""Characters at the beginning and at the end of the person's words that are examined."""
MAX_SENTENCE = 300
"""Characters of a sentence above which it is not examined."""
MAX_GREETING = 6
SENTENCE = re.compile(r"[.!?;\n]\s+")
WORD = re.compile(r"[^\W_]+")


def announces_answers(lines: Sequence[str]) -> bool:
    """Return whether a person's words announce answers below, inside the quote or in another colour."""
    text = "\n".join(lines).replace("\u2019", "'").lower()
    if len(text) > 2 * MAX_LOOKED_AT:
        text = f"{text[:MAX_LOOKED_AT]}\n{text[-MAX_LOOKED_AT:]}"
    if any(phrase in text for phrase in phrases.ANSWERS_BELOW):
        return True
    return any(_says_where(sentence) for sentence in SENTENCE.split(" ".join(text.split(" ")) + "\n"))


def _says_where(sentence: str) -> bool:
    """Return whether a sentence names answers, and their place or colour."""
    if len(sentence) > MAX_SENTENCE:
        return False
    words = WORD.findall(sentence)
    if not any(word.startswith(phrases.ANSWERS) for word in words):
        return False
    return not phrases.LOOKS.isdisjoint(words) or any(place in sentence for place in phrases.PLACES)


def says_something(lines: Iterable[str]) -> bool:
    """Return whether there is more than a greeting and a phone's signature. If not, the answers are probably below."""
    said = [line for line in lines if line and not line.lower().startswith(phrases.FOOTERS)]
    return len(said) > 1 or (len(said) == 1 and not _is_greeting(said[0]))


def _is_greeting(line: str) -> bool:
    if line.endswith(","):
        return True
    words = line.lower().strip(INVISIBLE + "!.").split()
    begins = " ".join(words[:2]).startswith(phrases.GREETINGS)
    return 0 < len(words) <= MAX_GREETING and begins and not any(mark in line for mark in ",?:;")
