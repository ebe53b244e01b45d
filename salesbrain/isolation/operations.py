"""Isolation checks of every API operation, for every actor, with own, foreign and unknown ids."""

import io
import json
import re
import zipfile
from typing import Any
from urllib.parse import urlencode

from django.db import transaction

from accounts.choices import MembershipRole
from salesbrain.isolation.customer_services import rows_of
from salesbrain.isolation.findings import Notes
from salesbrain.isolation.fixtures import Side, World
from salesbrain.isolation.http_client import Answer, HttpActor
from salesbrain.isolation.requests import (
    METHODS,
    NOBODYS,
    OTHERS,
    OWN,
    Ids,
    Operation,
    Question,
    Untried,
    document,
    operations,
    paths_of,
    questions,
)

MADE = re.compile(rb'("(?:token|id|link|created_at|expires_at)":")[^"]*')
WRITTEN = re.compile(rb'("(?:id|created_at|updated_at|queued_at|undo_until|send_at)":")[^"]*')
CUSTOMERS = ("customer_a", "customer_b", "member_a", "observer_a")
OWN_THINGS = ("/api/auth/tokens",)
"""Operations by which an observer may change something: their own tokens, which are read-only."""
TAKEN_BACK = (
    "/api/instantly/admin/actions", "/api/instantly/admin/assignment-rules", "/api/instantly/admin/promotions",
    "/api/instantly/conversations/", "/api/instantly/digest", "/api/instantly/follow-ups", "/api/instantly/goals",
    "/api/instantly/replies/", "/api/instantly/scores", "/api/instantly/snippets", "/api/instantly/triage",
)  # fmt: skip
FEW = 6
"""Requests of an operation that are sent as callers who see nothing or everything."""


def check_operations(world: World, notes: Notes) -> None:
    """Send every request as every actor; fill the matrix operation x actor."""
    described = document()
    everybody = {
        "anonymous": (None, world.a, ()),
        "customer_a": (world.a.user, world.a, (world.a,)),
        "customer_b": (world.b.user, world.b, (world.b,)),
        "member_a": (world.a.members[MembershipRole.MEMBER], world.a, (world.a,)),
        "observer_a": (world.a.members[MembershipRole.OBSERVER], world.a, (world.a,)),
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
                    f"nobody tried {error}: add it to salesbrain/isolation/requests.py",
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
        where = (
            f"{operation.name} as {asker}: {question.path} {dict(question.query) or ''} {question.body or ''}".rstrip()
        )
        answer = _try_request(world, notes, operation, question, caller, me, where)
        statuses.add(answer.status)
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
                not answer.reveals(side.secret),
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
    if asker == "observer_a" and operation.method != "get" and not operation.path.startswith(OWN_THINGS):
        refused = all(400 <= status < 500 for status in statuses) and 403 in statuses
        said = f"answered {sorted(statuses)}, and an observer changes nothing"
        notes.check("operations.observer", refused, operation.name, said)
    if staff_only and asker in (*CUSTOMERS, "no_organization"):
        notes.check(
            "operations.staff_only", statuses <= {403}, f"{operation.name} as {asker}", f"answered {sorted(statuses)}"
        )
    if operation.method == "get" and asker in ("customer_a", "customer_b") and not staff_only:
        said = "shows nothing of the asker's own, so that it proves nothing"
        notes.check("operations.own", me.name in shown, f"{operation.name} as {asker}", said)
    notes.row("operations", operation=operation.name, asker=asker, requests=len(asked), statuses=sorted(statuses),
              shows="".join(sorted(shown)) or "nothing", alike=sum({OTHERS, NOBODYS} <= set(both) for both in pairs.values()))  # fmt: skip


def _try_request(
    world: World, notes: Notes, operation: Operation, question: Question, caller: HttpActor, me: Side, where: str
) -> Answer:
    """Send one request. Changes of conversations, replies and snippets are rolled back afterwards, so that each request finds the initial
    state; a successful one must not have changed rows of the other organization.
    """
    if operation.method == "get" or not operation.path.startswith(TAKEN_BACK):
        return _answer(caller, question)
    other = world.other(me)
    with transaction.atomic():
        before = rows_of(other)
        answer = _answer(caller, question)
        if answer.status < 300 and not (caller.user is not None and caller.user.is_staff):
            notes.check("operations.changed", rows_of(other) == before, where, f"changed rows of {other.name}")
        transaction.set_rollback(True)
    return answer


def _answer(caller: HttpActor, question: Question) -> Answer:
    path = question.path + (f"?{urlencode(question.query)}" if question.query else "")
    how: dict[str, Any] = {}
    if question.body is not None:
        body = (
            question.body if caller.user is None or "password" not in question.body else {"name": question.body["name"]}
        )
        how = {"data": json.dumps(body), "content_type": "application/json"}
    answer = caller.ask(question.method.upper(), path, asked=question.asked, **how)
    if answer.body[:2] == b"PK":  # a ZIP hides its words: look inside
        with zipfile.ZipFile(io.BytesIO(answer.body)) as file:
            inside = b"\n".join(name.encode() + b"\n" + file.read(name) for name in file.namelist())
        answer = Answer(answer.status, answer.headers, _without_times(inside), question.asked)
    elif answer.status == 200 and b'"manifest"' in answer.body[:20]:
        answer = Answer(answer.status, answer.headers, _without_times(answer.body), question.asked)
    elif (
        answer.status < 300 and question.method != "get" and path.startswith(TAKEN_BACK)
    ):  # when is no two times the same
        answer = Answer(answer.status, answer.headers, WRITTEN.sub(rb"\1", answer.body), question.asked)
    elif answer.status == 201:  # what was made is new each time
        answer = Answer(answer.status, answer.headers, MADE.sub(rb"\1", answer.body), question.asked)
    return answer


def _without_times(body: bytes) -> bytes:
    """Remove the times from an export's body, because no two are equal."""
    return re.sub(rb'("(?:began|ended)_at":")[^"]*', rb"\1", body)


def _excerpt(answer: Answer, side: Side) -> str:
    text = answer.text
    place = min((text.find(mark) for mark in side.marks if mark in text), default=0)
    return text[max(0, place - 60) : place + 60]


def _other_methods(world: World, notes: Notes, described: dict[str, Any]) -> None:
    """Try HTTP methods that the document does not name, on every URL, as customer A with B's ids: all must be refused."""
    ids, caller = Ids(world.a, world.b), HttpActor(world.a.user)
    for path, item in described["paths"].items():
        operation = next(entry for entry in operations({"paths": {path: item}}))
        for method in METHODS:
            if method in item:
                continue
            try:
                said = tuple(ids.key(p["name"], OTHERS) for p in operation.placed("path") if "enum" not in p["schema"])
                addresses = paths_of(operation, ids, OTHERS)
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
