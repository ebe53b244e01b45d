"""Feature vector of a reply for the classifier: hashed character n-grams, words, rules, shape.

numpy only. A vector is a list of columns with weights; the model multiplies only those.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt
import re2

from .rules import IDS, Match
from .sentences import Parts
from .text import fold

GRAMS = 1 << 15
WORDS = 1 << 14
SIZES = (3, 4, 5)
MOST_CHARACTERS = 2500

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

WORD = re.compile(r"[a-z][a-z0-9']*|[0-9]+|[?!]+|[^\x00-\x7f]")
"""Pattern of a word. It cannot backtrack, so Python's `re` is safe; its `findall` takes a fifth of the time of re2's."""

MULTIPLIERS = np.array([1, 0x01000193, 0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35], dtype=np.uint32)

SHAPE = (
    "is_answer",
    "is_empty",
    "words_3",
    "words_8",
    "words_20",
    "words_60",
    "words_150",
    "question_last",
    "question_any",
    "questions_2",
    "exclamation",
    "digits",
    "clock",
    "link",
    "address",
    "phone",
    "greeting",
    "footer_long",
    "shouting",
    "first_person",
    "bracket_subject",
)
COLUMNS = GRAMS + WORDS + len(IDS) + len(SHAPE)
RULE_COLUMN = {id: GRAMS + WORDS + index for index, id in enumerate(IDS)}
SHAPE_COLUMN = {name: GRAMS + WORDS + len(IDS) + index for index, name in enumerate(SHAPE)}

RULE_WEIGHT = 0.35
SHAPE_WEIGHT = 0.15


@dataclass(frozen=True, slots=True)
class Vector:
    columns: Ints
    values: Floats


def vector(parts: Parts, matches: Iterable[Match], rarity: Floats | None = None) -> Vector:
    """Return the features of a reply; grams and words are normalized to length 1, so that a long mail weighs no more than a short one.

    `rarity`: weight of each gram and word column, higher for those in few training replies; None: all equal.
    """
    body = [fold(sentence) for sentence in parts.body]
    text = " \n ".join(body)[:MOST_CHARACTERS]
    subject = fold(parts.subject)
    grams = _unit(*_grams(f" {text} "), 0, rarity)
    words = _unit(*_words(body, subject, parts.footer), GRAMS, rarity)
    rules = [RULE_COLUMN[match.rule.id] for match in matches]
    shape = [SHAPE_COLUMN[name] for name in _shape(parts, text)]
    return Vector(
        np.concatenate([grams.columns, words.columns, np.array(rules + shape, dtype=np.int64)]),
        np.concatenate(
            [
                grams.values,
                words.values,
                np.array([RULE_WEIGHT] * len(rules) + [SHAPE_WEIGHT] * len(shape), dtype=np.float32),
            ]
        ),
    )


def _unit(columns: Ints, counts: Floats, offset: int, rarity: Floats | None) -> Vector:
    columns = columns + offset
    values = np.log1p(counts).astype(np.float32)
    if rarity is not None:
        values *= rarity[columns]
    length = float(np.sqrt((values * values).sum()))
    return Vector(columns, values / length if length else values)


def rarity_of(vectors: Sequence[Vector]) -> Floats:
    """Return the weight of each gram and word column: the rarer among these replies, the higher (inverse document frequency)."""
    seen = np.zeros(COLUMNS, dtype=np.float64)
    for each in vectors:
        seen[each.columns] += 1
    return (np.log((1 + len(vectors)) / (1 + seen[: GRAMS + WORDS])) + 1).astype(np.float32)


def _grams(text: str) -> tuple[Ints, Floats]:
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    hashed = []
    for size in SIZES:
        if len(codes) < size:
            continue
        value = np.full(len(codes) - size + 1, size * 0x27D4EB2F & 0xFFFFFFFF, dtype=np.uint32)
        for place in range(size):
            value = (value ^ codes[place : len(codes) - size + 1 + place]) * MULTIPLIERS[1 + place % 4]
            value ^= value >> np.uint32(15)
        hashed.append(value)
    if not hashed:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    columns, counts = np.unique(np.concatenate(hashed) % np.uint32(GRAMS), return_counts=True)
    return columns.astype(np.int64), counts.astype(np.float32)


def _words(body: list[str], subject: str, footer: tuple[str, ...]) -> tuple[Ints, Floats]:
    counts: Counter[int] = Counter(column for _, column in named_words(body, subject, footer))
    columns = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
    return columns, np.fromiter(counts.values(), dtype=np.float32, count=len(counts))


def named_words(body: list[str], subject: str, footer: tuple[str, ...]) -> Iterable[tuple[str, int]]:
    """Yield each word and word pair of folded text with its column among the words."""
    for sentence in body:
        found = WORD.findall(sentence)[:120]
        for word in found:
            yield word, _column(word)
        for first, second in zip(["^", *found], found, strict=False):
            yield f"{first} {second}", _column(f"{first} {second}")
    for word in WORD.findall(subject)[:20]:
        yield f"subject:{word}", _column(f"subject:{word}")
    for sentence in footer[:12]:
        for word in WORD.findall(fold(sentence))[:30]:
            yield f"below:{word}", _column(f"below:{word}")


def _column(word: str) -> int:
    return crc32(word.encode()) % WORDS


CLOCK = re2.compile(r"\b\d{1,2}[:.]\d{2}\b|\b\d{1,2} ?(?:uhr|am|pm)\b")
PHONE = re2.compile(r"\+?\d[\d /()-]{7,}")
I_OR_WE = re2.compile(r"\b(?:ich|wir|mir|mich|uns|i|we|me|us|i'm|we're)\b")


def _shape(parts: Parts, text: str) -> list[str]:
    words = text.count(" ") + 1 if text.strip() else 0
    letters = [c for sentence in parts.body for c in sentence if c.isalpha()][:400]
    facts = {
        "is_answer": parts.is_answer,
        "is_empty": not words,
        **{f"words_{n}": words >= n for n in (3, 8, 20, 60, 150)},
        "question_last": text.rstrip().endswith("?"),
        "question_any": "?" in text,
        "questions_2": text.count("?") > 1,
        "exclamation": "!" in text,
        "digits": any(c.isdigit() for c in text),
        "clock": bool(CLOCK.search(text)),
        "link": "http" in text or "www." in text,
        "address": "@" in text,
        "phone": bool(PHONE.search(text)),
        "greeting": bool(parts.body) and len(parts.body[0]) < 40 and parts.body[0].endswith((",", "!")),
        "footer_long": len(parts.footer) > 3,
        "shouting": len(letters) > 8 and sum(c.isupper() for c in letters) > 0.7 * len(letters),
        "first_person": bool(I_OR_WE.search(text)),
        "bracket_subject": "[" in parts.subject or "#" in parts.subject,
    }
    return [name for name, holds in facts.items() if holds]
