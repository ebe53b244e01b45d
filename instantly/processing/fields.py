"""Texts out of a delivery's body, bounded. Bad values become absent ones."""

from collections.abc import Mapping
from typing import Any

MAX_LINE = 1000


def text_of(payload: Mapping[str, Any], *keys: str, limit: int = MAX_LINE) -> str:
    """Return the first of these keys that says something, as text without NUL, cut to `limit` characters."""
    for key in keys:
        value = payload.get(key)
        if isinstance(value, str):
            if value:
                return value.replace("\0", "")[:limit]
        # A list, an object or a truth value there says nothing we could know.
        elif value is not None and isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)[:limit]
    return ""
