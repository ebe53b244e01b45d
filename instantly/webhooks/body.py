"""Parse a webhook's bytes into a JSON object that PostgreSQL can store, or refuse them.

A fast parser handles ordinary bodies. What it refuses, or would change (NUL, lone surrogates, numbers beyond 64 bits), is parsed
again slowly and cleaned: replaced in keys and values, numbers kept as their text. The bytes are stored untouched beside it.
"""

import json
import math
import re
from dataclasses import dataclass
from typing import Any

import orjson

MAX_BYTES = 10 * 1024 * 1024
MAX_DEPTH = 64
MAX_KEYS = 10_000
MAX_VALUES = 100_000
REPLACEMENT = "\ufffd"
UTF8_BOM = b"\xef\xbb\xbf"
QUOTE = ord('"')

UNUSUAL_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
UNUSUAL_NUMBER = re.compile(rb"\d(?:\d{16}|[eE]\+?\d{3})")
"""Numbers that may not survive a float. With UNUSUAL_ESCAPE (escaped NUL and surrogates) it finds what the fast parser accepts but would
change. Two patterns, because each has a fixed first character and is searched fast; a combined one took most of the time of parsing.
"""
UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")
STRUCTURE = re.compile(rb""""[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[{,]""", re.DOTALL)
"""Pattern of a string, or of the first character of a value. An unterminated string extends to the end of the body, so that it is scanned
once and not from each quote.
"""


class Refused(ValueError):
    """Error: the body cannot be a delivery. `status`: the HTTP status of the response."""

    status = 400


class TooLarge(Refused):
    status = 413


@dataclass(frozen=True, slots=True)
class Body:
    """Parsed body. `cleaned` is None if the bytes are clean JSON already."""

    payload: dict[str, Any]
    cleaned: str | None


def parse_body(raw: bytes | bytearray) -> Body:
    """Parse bytes as a JSON object. Raises Refused (not UTF-8, not JSON, not an object) or TooLarge (bytes, depth, keys)."""
    if len(raw) > MAX_BYTES:
        raise TooLarge(f"The body has more than {MAX_BYTES} bytes.")
    opening = raw.count(b"[") + raw.count(b"{")
    if opening + raw.count(b",") > MAX_VALUES:
        _refuse_many_values(raw)
    try:
        unusual = UNUSUAL_ESCAPE.search(raw) or UNUSUAL_NUMBER.search(raw)
        payload = None if unusual else orjson.loads(raw)
    except orjson.JSONDecodeError:
        payload = None
    if payload is not None:
        _check(raw, payload, opening)
        return Body(payload, None)
    payload = _clean(_read_slowly(raw, opening))
    return Body(payload, orjson.dumps(payload).decode())


def _refuse_many_values(raw: bytes | bytearray) -> None:
    """Raise TooLarge if the bytes would become more than MAX_VALUES Python objects: millions of empty lists fit into a body and take twenty
    times its size in memory. Called for bodies with that many commas and brackets.
    """
    values = strings = 0
    for match in STRUCTURE.finditer(raw):
        if raw[match.start()] == QUOTE:
            strings += 1
        else:
            values += 1
        if max(values, strings // 2) > MAX_VALUES:
            raise TooLarge(f"The body has more than {MAX_VALUES} values.")


def _check(raw: bytes | bytearray, payload: Any, opening: int) -> None:
    """Raise Refused unless the payload is an object within the limits. `opening`: number of opening brackets in the bytes; depth and keys
    are counted only if there are many, so the check costs ordinary bodies no time.
    """
    if not isinstance(payload, dict):
        raise Refused("The body is JSON but not an object.")
    if opening > MAX_DEPTH or raw.count(b":") > MAX_KEYS:
        _walk(payload)


def _walk(payload: Any) -> None:
    keys = 0
    level: list[Any] = [payload]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                keys += len(value)
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        if keys > MAX_KEYS:
            raise TooLarge(f"The body has more than {MAX_KEYS} keys.")
        level = [value for value in below if isinstance(value, dict | list)]
        if not level:
            return
    raise TooLarge(f"The body is nested deeper than {MAX_DEPTH} levels.")


def _read_slowly(raw: bytes | bytearray, opening: int) -> dict[str, Any]:
    try:
        text = raw.removeprefix(UTF8_BOM).decode()
    except UnicodeDecodeError as error:
        raise Refused(f"The body is not UTF-8: {error.reason} at byte {error.start}.") from None
    try:
        payload = json.loads(text, parse_int=_integer, parse_float=_float, parse_constant=_no_constant)
    except RecursionError:
        raise TooLarge(f"The body is nested deeper than {MAX_DEPTH} levels.") from None
    except ValueError as error:
        raise Refused(f"The body is not JSON: {error}.") from None
    _check(raw, payload, opening)
    return payload


def _integer(text: str) -> int | str:
    """Keep an integer beyond 18 digits as text: readers may round it, and Python refuses more than 4,300 digits."""
    return int(text) if len(text) <= 18 else text


def _float(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) and len(text) <= 17 else text


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _clean(value: Any) -> Any:
    """Replace in texts and keys what PostgreSQL cannot store. Depth is bounded by now."""
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, dict):
        return {_clean_text(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def _clean_text(text: str) -> str:
    return UNHOLDABLE.sub(REPLACEMENT, text) if UNHOLDABLE.search(text) else text
