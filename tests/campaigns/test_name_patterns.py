"""Patterns of campaign names: stars, question marks, and hostile ones that end at once."""

import random
import re

import pytest

from campaigns import name_patterns
from campaigns.name_patterns import LONGEST, fits

CASES = [
    ("acme – q3", "acme*", True),
    ("the acme – q3", "acme*", False),
    ("acme – q3", "*q3", True),
    ("acme – q3 b", "*q3", False),
    ("acme – q3", "acme?–?q?", True),
    ("acme", "acme", True),
    ("acme 2", "acme", False),
    ("acme (eu) q3", "acme (eu)*", True),
    ("acme eu", "acme (eu)*", False),
    ("a.b", "a?b", True),
    ("axb", "a.b", False),
    ("wave 1\nacme", "wave*acme", True),
    ("aab", "a*ab", True),
    ("ab", "ab*b", False),
    ("", "*", True),
    ("", "?", False),
]


@pytest.mark.parametrize(("name", "pattern", "expected"), CASES, ids=lambda value: repr(value))
def test_a_pattern_fits_the_whole_name(name: str, pattern: str, expected: bool) -> None:
    assert fits(name, pattern) is expected


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_a_regular_expression_on_short_names(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(1500):
        name = "".join(dice.choices("ab", k=dice.randrange(7)))
        pattern = "".join(dice.choices("ab*?", k=dice.randrange(7)))
        letters = (".*" if one == "*" else "." if one == "?" else one for one in pattern)
        assert fits(name, pattern) is (re.fullmatch("".join(letters), name) is not None), (name, pattern)


def test_no_part_of_a_name_is_tried_twice_by_the_same_part_of_a_hostile_pattern(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A backtracking matcher would need a step for every way to distribute 500 letters over 60 stars."""
    tries: list[tuple[int, int]] = []

    class Counted:
        def __init__(self, part: re.Pattern[str]) -> None:
            self.part = part

        def match(self, name: str, start: int = 0) -> object:
            return self.part.match(name, start)

        def search(self, name: str, start: int, end: int) -> object:
            tries.append((start, end))
            return self.part.search(name, start, end)

    parts = name_patterns._parts("*".join(["a"] * 60) + "*b")
    monkeypatch.setattr(
        name_patterns, "_parts", lambda pattern: tuple((length, Counted(part)) for length, part in parts)
    )
    assert fits("a" * 500, "*".join(["a"] * 60) + "*b") is False
    assert fits("a" * 500 + "b", "*".join(["a"] * 60) + "*b") is True
    assert len(tries) <= 60, "each part between two stars looks for its place once"


def test_the_longest_pattern_of_stars_is_answered() -> None:
    assert fits("x" * 500, "*?" * (LONGEST // 2)) is True
