"""Derive the isolation proof's API requests from the OpenAPI document.

The document supplies the cases: each path parameter, each query parameter, each value of an enumeration, each field of a body. A
parameter of an unknown kind makes the proof fail: it was not tried.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from drf_spectacular.generators import SchemaGenerator
from knox.models import get_token_model

from salesbrain import rls
from salesbrain.isolation.fixtures import Side, fresh_word, invitation

OWN, OTHERS, NOBODYS, PLAIN = "own", "others", "nobodys", "plain"
METHODS = ("get", "post", "put", "patch", "delete", "options", "trace")
MOMENTS = {"date": "2026-07-01", "date-time": "2026-07-01T00:00:00Z"}


@dataclass(frozen=True)
class Question:
    """One request. `pair`: name of the pair whose responses must be equal: with another organization's id and with an unknown one."""

    method: str
    path: str
    whose: str = PLAIN
    pair: str = ""
    query: tuple[tuple[str, str], ...] = ()
    body: dict[str, Any] | None = None
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    definition: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def parameters(self) -> list[dict[str, Any]]:
        return self.definition.get("parameters", [])

    def placed(self, place: str) -> list[dict[str, Any]]:
        return [parameter for parameter in self.parameters if parameter["in"] == place]


class Untried(Exception):
    """Error: no value is known for a parameter or field, so it cannot be tried."""


@cache
def document() -> dict[str, Any]:
    return SchemaGenerator().get_schema(public=True)


def operations(described: dict[str, Any]) -> list[Operation]:
    return [
        Operation(method, path, item[method])
        for path, item in described["paths"].items()
        for method in item
        if method in METHODS
    ]


class Ids:
    """Values for parameters: the caller's own, the other organization's, unknown ones."""

    def __init__(self, me: Side, other: Side) -> None:
        self.sides = {OWN: me, OTHERS: other}
        self.nobodys_word = fresh_word()
        self.nobodys_id = str(uuid4())
        self.tokens = {
            whose: get_token_model().objects.create(side.user)[0].token_key for whose, side in self.sides.items()
        }
        for whose, side in self.sides.items():
            side.tokens.add(self.tokens[whose])
        with rls.scope(rls.SYSTEM):
            self.invitations = {whose: str(invitation(side).pk) for whose, side in self.sides.items()}
        for whose, side in self.sides.items():
            side.tokens.add(self.invitations[whose])
        self.tokens[NOBODYS] = f"sb_{self.nobodys_word}"[:15]

    def key(self, name: str, whose: str) -> str:
        if name == "token_id":
            return self.tokens[whose]
        if name == "invitation_id" and whose != NOBODYS:
            return self.invitations[whose]
        if name == "lead_id":
            return self.text(name, whose)
        if whose == NOBODYS:
            return self.nobodys_id
        if name not in self.sides[whose].ids:
            raise Untried(f"the id `{name}`")
        return str(self.sides[whose].ids[name])

    def text(self, name: str, whose: str) -> str:
        text = self.nobodys_word if whose == NOBODYS else self.sides[whose].word
        return f"{text}@sender.example" if name == "email_account" else text


def questions(operation: Operation, ids: Ids, described: dict[str, Any]) -> Iterator[Question]:
    """Yield the requests of an operation; the first is the plain one, with the caller's own ids."""
    own = paths_of(operation, ids, OWN)
    required = tuple((p["name"], ids.text(p["name"], OWN)) for p in operation.placed("query") if p.get("required"))
    bodies = list(bodies_of(operation, ids, described))
    first = bodies[0] if bodies else None
    said = _texts(first)
    for path in own:
        yield Question(operation.method, path, OWN, query=required, body=first, asked=said)
    if operation.path.count("{") and not any("enum" in p["schema"] for p in operation.placed("path")):
        name = operation.placed("path")[0]["name"]
        for whose in (OTHERS, NOBODYS):
            (path,) = paths_of(operation, ids, whose)
            yield Question(operation.method, path, whose, "path", required, first, (ids.key(name, whose),))
    for parameter in operation.placed("query"):
        for whose, value in _values(parameter, ids):
            rest = tuple(pair for pair in required if pair[0] != parameter["name"])
            pair = parameter["name"] if whose in (OTHERS, NOBODYS) else ""
            for path in own:
                yield Question(
                    operation.method,
                    path,
                    whose,
                    f"{path}?{pair}" if pair else "",
                    (*rest, (parameter["name"], value)),
                    first,
                    () if whose == PLAIN else (value,),
                )
    for whose, body in zip((OWN, OTHERS, NOBODYS), bodies, strict=False):
        if whose != OWN:
            yield Question(operation.method, own[0], whose, "body", required, body, _texts(body))


def _texts(body: Any) -> tuple[str, ...]:
    """Return every text in a body, at any depth."""
    if isinstance(body, str):
        return (body,)
    inner = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return tuple(text for value in inner for text in _texts(value))


def paths_of(operation: Operation, ids: Ids, whose: str) -> list[str]:
    """Return the operation's URL with these ids; one for each value of an enumeration."""
    found = [operation.path]
    for parameter in operation.placed("path"):
        slot = "{" + parameter["name"] + "}"
        values = parameter["schema"].get("enum") or [ids.key(parameter["name"], whose)]
        found = [path.replace(slot, quote(str(value), safe="")) for path in found for value in values]
    return found


def _values(parameter: dict[str, Any], ids: Ids) -> Iterator[tuple[str, str]]:
    """Yield (owner, value) for a query parameter, by its schema in the document."""
    name, schema = parameter["name"], parameter["schema"]
    kind, form = schema.get("type"), schema.get("format")
    listed = schema.get("enum") or schema.get("items", {}).get("enum")
    if form == "uuid":
        yield from ((whose, ids.key(name, whose)) for whose in (OWN, OTHERS, NOBODYS))
    elif listed:
        yield from ((PLAIN, str(value)) for value in (listed if kind == "string" else listed[:2]))
        if kind == "array":
            yield PLAIN, ",".join(map(str, listed))
    elif form in MOMENTS:
        yield PLAIN, MOMENTS[form]
    elif kind == "boolean":
        yield from ((PLAIN, value) for value in ("true", "false"))
    elif kind == "integer":
        yield PLAIN, str(max(1, schema.get("minimum", 0)))
    elif name in ("cursor", "before"):
        yield PLAIN, "AAAA"
        if name == "cursor" and re.fullmatch(schema["pattern"], ""):
            yield PLAIN, ""
    elif kind == "string" and not form:
        yield from ((whose, ids.text(name, whose)) for whose in (OWN, OTHERS, NOBODYS))
    else:
        raise Untried(f"the parameter `{name}` ({schema})")


def bodies_of(operation: Operation, ids: Ids, described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a body with the caller's own ids, one with the other organization's, one with unknown ids."""
    if "requestBody" not in operation.definition:
        return
    reference = operation.definition["requestBody"]["content"]["application/json"]["schema"]
    schema = described["components"]["schemas"][reference["$ref"].rpartition("/")[2]]
    for whose in (OWN, OTHERS, NOBODYS):
        yield {name: _value(name, field, ids, whose) for name, field in schema["properties"].items()}


def _value(name: str, field: dict[str, Any], ids: Ids, whose: str) -> Any:
    """Return a value for a field of a body. Raises Untried for an unknown kind."""
    if "$ref" in field:
        field = document()["components"]["schemas"][field["$ref"].rpartition("/")[2]]
    kind = field.get("type")
    if isinstance(kind, list):  # or null
        kind = next(one for one in kind if one != "null")
    if field.get("format") == "uuid":
        return ids.key(name, whose)
    if field.get("format") == "date-time":
        return "2200-01-01T00:00:00Z"
    if field.get("format") == "date":
        return "2200-01-01"
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        return field.get("minimum", 1)
    if "enum" in field:
        return field["enum"][0]
    if kind == "string":
        text = ids.text(name, whose)
        return f"{text}@customer.example" if name == "email" else text
    if kind == "array":
        return [_value(name, field["items"], ids, whose)]
    if kind == "object":
        inner = field.get("properties", {})
        return {key: _value(key, inner[key], ids, whose) for key in inner} or {"is": ids.text(name, whose)}
    raise Untried(f"the field `{name}` ({field})")
