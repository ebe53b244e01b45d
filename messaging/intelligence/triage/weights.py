"""Load and save the shipped triage model: float32 arrays in one .npz, read without pickle."""

import hashlib
import io
from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .abstention import SIZE
from .classes import ORDER
from .embeddings import POOLED
from .features import COLUMNS, GRAMS, WORDS
from .rules import IDS

Floats = npt.NDArray[np.float32]

SHIPPED = Path(__file__).with_name("model.npz")
LARGEST = 4 << 20  # bytes
WITHOUT, WITH = 0, 1
"""Index of weights fitted without and with embeddings."""


class UnusableModel(Exception):
    """Error: the file is missing, or was trained for other features or categories. The text says which and what to do."""


@dataclass(frozen=True)
class Weights:
    """All arrays of the model. Rows are categories in the order of classes.ORDER.

    `rarity` weighs grams and words; `centre` and `spread` standardize embeddings. `mix` is the share of the embeddings in the logarithm of the probability; `temperature`, `reliability` and `threshold` have a row for an
    installation without embeddings and one with; `trust` is each rule's share of right decisions, 0 for one that decides nothing.
    """

    rarity: Floats
    grams: Floats
    grams_bias: Floats
    sentences: Floats
    sentences_bias: Floats
    centre: Floats
    spread: Floats
    mix: Floats
    temperature: Floats
    reliability: Floats
    threshold: Floats
    trust: Floats
    version: str = field(default="", compare=False)

    @cached_property
    def typical(self) -> Floats:
        """Return the mean weight of each column over the categories, with which a reason compares its category."""
        means: Floats = self.grams.mean(axis=0)
        return means

    def save(self, path: Path) -> None:
        """Write the arrays, the same bytes for the same arrays. Raises ValueError where they are too large to ship."""
        data = self.packed()
        if len(data) > LARGEST:
            raise ValueError(f"The model has {len(data)} bytes; {LARGEST} are allowed.")
        path.write_bytes(data)

    def packed(self) -> bytes:
        buffer = io.BytesIO()
        arrays = {name: np.asarray(getattr(self, name), dtype=np.float32) for name in ARRAYS}
        np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()


ARRAYS = tuple(f.name for f in fields(Weights) if f.name != "version")
SHAPES: dict[str, tuple[int, ...]] = {
    "rarity": (GRAMS + WORDS,),
    "grams": (len(ORDER), COLUMNS),
    "grams_bias": (len(ORDER),),
    "sentences": (len(ORDER), POOLED),
    "sentences_bias": (len(ORDER),),
    "centre": (POOLED,),
    "spread": (POOLED,),
    "mix": (1,),
    "temperature": (2,),
    "reliability": (2, SIZE),
    "threshold": (2,),
    "trust": (len(IDS),),
}


def load(path: Path = SHIPPED) -> Weights:
    """Read a model. Raises UnusableModel."""
    try:
        data = path.read_bytes()
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in ARRAYS}
    except (OSError, KeyError, ValueError) as error:
        raise UnusableModel(f"{path.name} cannot be read ({error}). Make it with: manage.py train_triage") from error
    for name, shape in SHAPES.items():
        if arrays[name].shape != shape:
            raise UnusableModel(
                f"{path.name} was trained for other rules or features ({name} is {arrays[name].shape}, not {shape}). "
                "Train it again: manage.py train_triage"
            )
    return Weights(**arrays, version=hashlib.sha256(data).hexdigest()[:12])


@cache
def shipped() -> Weights:
    """Return the model of this release, read once per process. Raises UnusableModel."""
    return load()
