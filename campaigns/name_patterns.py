"""Match campaign names with a pattern of `*` (any characters) and `?` (one), in bounded time.

A regular expression that people type can run for minutes on one name. Here no part of a name is compared twice with the same part of the
pattern, so the work is at most the name's length times the pattern's.
"""

import re
from functools import lru_cache

LONGEST = 200
"""Characters of a pattern; names are cut at 500 (instantly/sync/campaigns.py)."""


@lru_cache(maxsize=512)
def _parts(pattern: str) -> tuple[tuple[int, re.Pattern[str]], ...]:
    """Return the pattern's parts between its stars: the length of each, and its regular expression, which contains no repetition."""
    letters = ("".join("." if one == "?" else re.escape(one) for one in part) for part in pattern.split("*"))
    lengths = map(len, pattern.split("*"))
    return tuple((length, re.compile(part, re.DOTALL)) for length, part in zip(lengths, letters, strict=True))


def fits(name: str, pattern: str) -> bool:
    """Return whether the whole name matches the pattern. The comparison is case-sensitive: pass both in the same case."""
    parts = _parts(pattern)
    (_, head), (length, tail) = parts[0], parts[-1]
    if len(parts) == 1:
        return head.fullmatch(name) is not None
    begun, end = head.match(name), len(name) - length
    if begun is None or end < begun.end() or not tail.match(name, end):
        return False
    place = begun.end()
    for _, part in parts[1:-1]:
        found = part.search(name, place, end)  # the leftmost place leaves the most for what follows
        if found is None:
            return False
        place = found.end()
    return True
