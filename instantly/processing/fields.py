"""Read texts and ids from a webhook delivery's body, within length limits; invalid ones become absent."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

MAX_LINE = 1000
MAX_ID = 255
"""Characters of a provider's id: a row of an index holds some 2,700 bytes, and a character may have four."""


def text_of(payload: Mapping[str, Any], *keys: str, limit: int = MAX_LINE) -> str:
    """Return the first non-empty value of these keys as text without NUL, cut to `limit` characters."""
    for key in keys:
        value = payload.get(key)
        if value is None or value == "":
            continue
        if isinstance(value, str):
            return value[:limit] if "\0" not in value else value.replace("\0", "")[:limit]
        # A list, an object or a truth value there says nothing we could know.
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)[:limit]
    return ""


def line_of(payload: Mapping[str, Any], key: str) -> str:
    """Return the value of one key as `text_of` does, faster for what nearly all are: absent, or a short text."""
    value = payload.get(key)
    if value is None:
        return ""
    if type(value) is str and len(value) <= MAX_LINE and "\0" not in value:
        return value
    return text_of(payload, key)


def id_of(payload: Mapping[str, Any], key: str) -> str:
    """Return a provider's id, bounded by `bounded_id`."""
    id = line_of(payload, key)
    return id if len(id) <= MAX_ID else bounded_id(text_of(payload, key, limit=1_000_000))


def bounded_id(id: str) -> str:
    """Return an id unchanged, or, if it is too long for an index, its beginning and its digest, so that it stays unique."""
    if len(id) <= MAX_ID:
        return id
    return f"{id[: MAX_ID - 65]}~{sha256(id.encode('utf-8', 'surrogatepass')).hexdigest()}"
