"""Validate the emulated API's input as Fastify with Ajv does: coerce types, drop unknown keys, refuse.

A ``Rule`` describes one value; bodies and query strings are ``obj(...)`` of rules. The messages are Ajv's
(``body must have required property 'name'``), because clients display them.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from .errors import bad_request

UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", re.IGNORECASE)
EMAIL = re.compile(r"^[^@\s,]+@[^@\s,.]+(\.[^@\s,.]+)+$")
DATE = re.compile(r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")
MOMENT = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$")
FORMATS = {
    "uuid": UUID,
    "email": EMAIL,
    "date": DATE,
    "date-time": MOMENT,
    "uri": re.compile(r"^[a-z][a-z0-9+.-]*:\S+$"),
}


@dataclass(frozen=True)
class Rule:
    """Validation rule of one value; ``kind``: string, number, integer, boolean, object, array, any."""

    kind: str
    required: bool = False
    null: bool = False
    choices: Collection[Any] | None = None
    format: str | None = None
    pattern: str | None = None
    low: float | None = None
    high: float | None = None
    at_least: int | None = None  # items of an array, characters of a string
    at_most: int | None = None
    each: "Rule | None" = None  # items of an array, values of an open object
    fields: "dict[str, Rule] | None" = field(default=None, hash=False)
    open: bool = False  # an object that keeps undescribed keys


def text(**options: Any) -> Rule:
    return Rule("string", **options)


def number(**options: Any) -> Rule:
    return Rule("number", **options)


def integer(**options: Any) -> Rule:
    return Rule("integer", **options)


def flag(**options: Any) -> Rule:
    return Rule("boolean", **options)


def uuid(**options: Any) -> Rule:
    return Rule("string", format="uuid", **options)


def array(each: Rule, **options: Any) -> Rule:
    return Rule("array", each=each, **options)


def obj(fields: dict[str, Rule] | None = None, **options: Any) -> Rule:
    return Rule("object", fields=fields or {}, **options)


def mandatory(rule: Rule) -> Rule:
    """Return the rule with its value made mandatory."""
    return replace(rule, required=True)


def check(value: Any, rule: Rule, where: str) -> Any:
    """Return the value coerced as Ajv does. Raises Refusal (400) with the path, in Ajv's wording."""
    if value is None:
        if rule.null or rule.kind == "any":
            return None
        raise bad_request(f"{where} must be {rule.kind}")
    value = COERCE[rule.kind](value, rule, where)
    if rule.choices is not None and value not in rule.choices:
        raise bad_request(f"{where} must be equal to one of the allowed values")
    return value


def _string(value: Any, rule: Rule, where: str) -> str:
    if isinstance(value, bool):
        value = str(value).lower()
    elif isinstance(value, int | float):
        value = str(value)
    if not isinstance(value, str):
        raise bad_request(f"{where} must be string")
    if rule.at_least is not None and len(value) < rule.at_least:
        raise bad_request(f"{where} must NOT have fewer than {rule.at_least} characters")
    if rule.at_most is not None and len(value) > rule.at_most:
        raise bad_request(f"{where} must NOT have more than {rule.at_most} characters")
    if rule.format and not FORMATS[rule.format].match(value):
        raise bad_request(f'{where} must match format "{rule.format}"')
    if rule.pattern and not re.search(rule.pattern, value):
        raise bad_request(f'{where} must match pattern "{rule.pattern}"')
    return value


def _number(value: Any, rule: Rule, where: str) -> float:
    if isinstance(value, str):
        try:
            value = float(value) if rule.kind == "number" and not value.lstrip("-").isdigit() else int(value)
        except ValueError:
            raise bad_request(f"{where} must be {rule.kind}") from None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
        raise bad_request(f"{where} must be {rule.kind}")
    if rule.kind == "integer" and value != int(value):
        raise bad_request(f"{where} must be integer")
    if rule.low is not None and value < rule.low:
        raise bad_request(f"{where} must be >= {rule.low:g}")
    if rule.high is not None and value > rule.high:
        raise bad_request(f"{where} must be <= {rule.high:g}")
    return int(value) if rule.kind == "integer" else value


def _boolean(value: Any, rule: Rule, where: str) -> bool:
    known = {"true": True, "false": False, True: True, False: False}
    if isinstance(value, bool | str | int) and value in known:
        return known[value]
    raise bad_request(f"{where} must be boolean")


def _array(value: Any, rule: Rule, where: str) -> list[Any]:
    if not isinstance(value, list):
        value = [value]  # Fastify coerces a single value, which is how ?ids=one arrives
    if rule.at_least is not None and len(value) < rule.at_least:
        raise bad_request(f"{where} must NOT have fewer than {rule.at_least} items")
    if rule.at_most is not None and len(value) > rule.at_most:
        raise bad_request(f"{where} must NOT have more than {rule.at_most} items")
    each = rule.each
    return value if each is None else [check(item, each, f"{where}/{place}") for place, item in enumerate(value)]


def _object(value: Any, rule: Rule, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise bad_request(f"{where} must be object")
    fields = rule.fields or {}
    for name, inner in fields.items():
        if inner.required and name not in value:
            raise bad_request(f"{where} must have required property '{name}'")
    checked = {name: check(value[name], inner, f"{where}/{name}") for name, inner in fields.items() if name in value}
    if rule.each is not None:
        rest = ((name, inner) for name, inner in value.items() if name not in fields)
        return {**checked, **{name: check(inner, rule.each, f"{where}/{name}") for name, inner in rest}}
    return {**value, **checked} if rule.open else checked


def _any(value: Any, rule: Rule, where: str) -> Any:
    return value


COERCE = {
    "string": _string,
    "number": _number,
    "integer": _number,
    "boolean": _boolean,
    "array": _array,
    "object": _object,
    "any": _any,
}
