"""Every operation of the OpenAPI document, for every actor, with own, foreign and unknown ids.

What is asked comes from the document: each path parameter, each query parameter, each value of a list of values, each field of
a body. A parameter of a kind that is not known here makes the proof fail: it was not tried.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from drf_spectacular.generators import SchemaGenerator
from knox.models import get_token_model

from salesbrain.isolation.findings import Notes
from salesbrain.isolation.fixtures import Side, World, fresh_word
from salesbrain.isolation.http_client import Answer, HttpActor

OWN, OTHERS, NOBODYS, PLAIN = "own", "others", "nobodys", "plain"
MADE = re.compile(rb'("(?:token|id|expires_at)":")[^"]*')
FEW = 6
"""Questions of an operation to those who either see nothing or everything: plain ones, and the first with others' ids."""
METHODS = ("get", "post", "put", "patch", "delete", "options", "trace")
MOMENTS = {"date": "2026-07-01", "date-time": "2026-07-01T00:00:00Z"}


@dataclass(frozen=True)
class Question:
    """One request. `pair` names what must be answered alike: the one with another's id and the one with nobody's."""

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
    """A parameter or field that nobody here knows a value for."""


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
    """Values for parameters: mine, the other's, nobody's."""

    def __init__(self, me: Side, other: Side) -> None:
        self.sides = {OWN: me, OTHERS: other}
        self.nobodys_word = fresh_word()
        self.nobodys_id = str(uuid4())
        self.tokens = {
            whose: get_token_model().objects.create(side.user)[0].token_key for whose, side in self.sides.items()
        }
        for whose, side in self.sides.items():
            side.tokens.add(self.tokens[whose])
        self.tokens[NOBODYS] = f"sb_{self.nobodys_word}"[:15]

    def key(self, name: str, whose: str) -> str:
        if name == "token_id":
            return self.tokens[whose]
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
    """Yield what to ask of an operation; the first is the plain one, with the asker's own ids."""
    own = _paths(operation, ids, OWN)
    required = tuple((p["name"], ids.text(p["name"], OWN)) for p in operation.placed("query") if p.get("required"))
    bodies = list(_bodies(operation, ids, described))
    first = bodies[0] if bodies else None
    said = _texts(first)
    for path in own:
        yield Question(operation.method, path, OWN, query=required, body=first, asked=said)
    if operation.path.count("{") and not any("enum" in p["schema"] for p in operation.placed("path")):
        name = operation.placed("path")[0]["name"]
        for whose in (OTHERS, NOBODYS):
            (path,) = _paths(operation, ids, whose)
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


def _paths(operation: Operation, ids: Ids, whose: str) -> list[str]:
    """Return the operation's address with these ids; one for each value where the values are listed."""
    found = [operation.path]
    for parameter in operation.placed("path"):
        slot = "{" + parameter["name"] + "}"
        values = parameter["schema"].get("enum") or [ids.key(parameter["name"], whose)]
        found = [path.replace(slot, quote(str(value), safe="")) for path in found for value in values]
    return found


def _values(parameter: dict[str, Any], ids: Ids) -> Iterator[tuple[str, str]]:
    """Yield (whose, value) for a query parameter, by what the document says of it."""
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


def _bodies(operation: Operation, ids: Ids, described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a body with the asker's own ids, one with the other's, one with nobody's."""
    if "requestBody" not in operation.definition:
        return
    reference = operation.definition["requestBody"]["content"]["application/json"]["schema"]
    schema = described["components"]["schemas"][reference["$ref"].rpartition("/")[2]]
    for whose in (OWN, OTHERS, NOBODYS):
        yield {name: _value(name, field, ids, whose) for name, field in schema["properties"].items()}


def _value(name: str, field: dict[str, Any], ids: Ids, whose: str) -> Any:
    """Return a value for a field of a body. Raises Untried for a kind nobody knows."""
    kind = field.get("type")
    if field.get("format") == "uuid":
        return ids.key(name, whose)
    if kind == "boolean":
        return True
    if kind == "integer":
        return field.get("minimum", 1)
    if kind == "string":
        text = ids.text(name, whose)
        return f"{text}@customer.example" if name == "email" else text
    if kind == "array":
        return [_value(name, field["items"], ids, whose)]
    if kind == "object":
        inner = field.get("properties", {})
        return {key: _value(key, inner[key], ids, whose) for key in inner} or {"is": ids.text(name, whose)}
    raise Untried(f"the field `{name}` ({field})")


def check_operations(world: World, notes: Notes) -> None:
    """Ask everything of everybody; fill the matrix operation x asker."""
    described = document()
    everybody = {
        "anonymous": (None, world.a, ()),
        "customer_a": (world.a.user, world.a, (world.a,)),
        "customer_b": (world.b.user, world.b, (world.b,)),
        "no_organization": (world.nobody, world.a, ()),
        **{role: (user, world.a, world.sides) for role, user in world.staff.items()},
    }
    for asker, (user, me, may_see) in everybody.items():
        ids = Ids(me, world.other(me))
        for operation in operations(described):
            try:
                asked = list(questions(operation, ids, described))
            except (Untried, KeyError) as error:
                notes.check(
                    "operations.untried",
                    False,
                    operation.name,
                    f"nobody tried {error}: add it to salesbrain/isolation/operations.py",
                )
                continue
            notes.check("operations.untried", bool(asked), operation.name, "nothing was asked")
            thorough = asker.startswith("customer")
            _ask(world, notes, operation, asked if thorough else asked[:FEW], HttpActor(user), asker, me, may_see)
    _other_methods(world, notes, described)


def _ask(
    world: World,
    notes: Notes,
    operation: Operation,
    asked: list[Question],
    caller: HttpActor,
    asker: str,
    me: Side,
    may_see: Any,
) -> None:
    statuses: set[int] = set()
    shown: set[str] = set()
    pairs: dict[str, dict[str, Answer]] = {}
    for question in asked:
        if operation.method == "delete" and caller.user is not None and question.whose == OWN:
            caller = HttpActor(caller.user)  # this one may be revoked by the next request
        answer = _answer(caller, question)
        statuses.add(answer.status)
        where = (
            f"{operation.name} as {asker}: {question.path} {dict(question.query) or ''} {question.body or ''}".rstrip()
        )
        for side in world.sides:
            seen = answer.shows(side)
            shown |= {side.name} if seen else set()
            notes.check(
                "operations.foreign",
                not seen or side in may_see,
                where,
                f"the answer ({answer.status}) shows what is {side.name}'s: {_excerpt(answer, side)}",
            )
            notes.check(
                "operations.secrets",
                not answer.tells(side.secret),
                where,
                "the answer holds a provider key or webhook secret",
            )
        notes.check("operations.broken", answer.status < 500, where, f"answered {answer.status}: {answer.body[:200]!r}")
        if question.pair:
            pairs.setdefault(question.pair, {})[question.whose] = answer
    for pair, both in pairs.items():
        if asker in ("customer_a", "customer_b", "anonymous") and {OTHERS, NOBODYS} <= set(both):
            same = both[OTHERS].comparable() == both[NOBODYS].comparable()
            said = f"another's id is answered {both[OTHERS].comparable()}, nobody's {both[NOBODYS].comparable()}"
            notes.check("operations.alike", same, f"{operation.name} as {asker}: {pair}", said[:1500])
    if asker == "anonymous":
        open_to_all = {} in operation.definition.get("security", [])
        notes.check(
            "operations.token_needed",
            open_to_all or statuses == {401},
            f"{operation.name} as {asker}",
            f"answered {sorted(statuses)}",
        )
    staff_only = "Staff" in operation.definition.get("tags", [])
    if staff_only and asker in ("customer_a", "customer_b", "no_organization"):
        notes.check(
            "operations.staff_only", statuses <= {403}, f"{operation.name} as {asker}", f"answered {sorted(statuses)}"
        )
    if operation.method == "get" and asker in ("customer_a", "customer_b") and not staff_only:
        said = "shows nothing of the asker's own, so that it proves nothing"
        notes.check("operations.own", me.name in shown, f"{operation.name} as {asker}", said)
    notes.row("operations", operation=operation.name, asker=asker, requests=len(asked), statuses=sorted(statuses),
              shows="".join(sorted(shown)) or "nothing", alike=sum({OTHERS, NOBODYS} <= set(both) for both in pairs.values()))  # fmt: skip


def _answer(caller: HttpActor, question: Question) -> Answer:
    path = question.path + (f"?{urlencode(question.query)}" if question.query else "")
    how: dict[str, Any] = {}
    if question.body is not None:
        body = question.body if caller.user is None or "email" not in question.body else {"name": question.body["name"]}
        how = {"data": json.dumps(body), "content_type": "application/json"}
    answer = caller.ask(question.method.upper(), path, asked=question.asked, **how)
    if answer.body[:2] == b"PK":  # a ZIP hides its words: look inside
        with zipfile.ZipFile(io.BytesIO(answer.body)) as file:
            inside = b"\n".join(name.encode() + b"\n" + file.read(name) for name in file.namelist())
        answer = Answer(answer.status, answer.headers, _same_times(inside), question.asked)
    elif answer.status == 200 and b'"manifest"' in answer.body[:20]:
        answer = Answer(answer.status, answer.headers, _same_times(answer.body), question.asked)
    elif answer.status == 201:  # what was made is new each time
        answer = Answer(answer.status, answer.headers, MADE.sub(rb"\1", answer.body), question.asked)
    return answer


def _same_times(body: bytes) -> bytes:
    """An export says when it began and ended: no two are alike in that."""
    return re.sub(rb'("(?:began|ended)_at":")[^"]*', rb"\1", body)


def _excerpt(answer: Answer, side: Side) -> str:
    text = answer.text
    place = min((text.find(mark) for mark in side.marks if mark in text), default=0)
    return text[max(0, place - 60) : place + 60]


def _other_methods(world: World, notes: Notes, described: dict[str, Any]) -> None:
    """Methods the document does not name, on every address, by customer A with B's ids: refused, and nothing shown."""
    ids, caller = Ids(world.a, world.b), HttpActor(world.a.user)
    for path, item in described["paths"].items():
        operation = next(entry for entry in operations({"paths": {path: item}}))
        for method in METHODS:
            if method in item:
                continue
            try:
                said = tuple(ids.key(p["name"], OTHERS) for p in operation.placed("path") if "enum" not in p["schema"])
                addresses = _paths(operation, ids, OTHERS)
            except Untried as error:
                notes.check("operations.untried", False, path, f"nobody tried {error}")
                break
            for address in addresses:
                answer = caller.ask(method.upper(), address, asked=said, data="{}", content_type="application/json")
                where = f"{method.upper()} {path} (not in the document)"
                notes.check(
                    "operations.undocumented",
                    answer.status in (400, 403, 404, 405) or method == "options",
                    where,
                    f"answered {answer.status}",
                )
                notes.check("operations.foreign", not answer.shows(world.b), where, "shows what is B's")
