"""Decode Instantly's response bytes into JSON values that PostgreSQL can store.

orjson does nearly all of it. It refuses, and with it a whole page of a hundred good items, values that a mail body or a custom
variable may well contain: lone surrogates, bytes that are not UTF-8, numbers beyond double precision. The standard library decodes
those pages, with such values kept as readable text. PostgreSQL can store neither NUL nor surrogates, so both become U+FFFD here,
once, instead of failing on a row later.
"""

import json
import math
import re
from typing import Any, NoReturn

import orjson

_LONGEST_NUMBER = 19  # digits of a 64-bit integer
_NUL = re.compile(rb"\\u0000")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def decode(body: bytes) -> Any:
    """Return the JSON value of the response bytes ``body``. Raises ValueError (without showing the body) when it is not JSON."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    else:
        return _storable(value) if _NUL.search(body) else value
    return _decode_leniently(body)


def _decode_leniently(body: bytes) -> Any:
    try:
        text = body.decode("utf-8-sig", errors="replace")
        value = json.loads(text, parse_int=_integer, parse_float=_decimal, parse_constant=_no_constant)
        return _storable(value)
    except RecursionError:
        reason = "it is nested too deeply"
    except ValueError as fault:
        reason = fault.msg if isinstance(fault, json.JSONDecodeError) else str(fault)
    raise ValueError(reason)


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


def _decimal(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    return value
