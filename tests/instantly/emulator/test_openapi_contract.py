"""Every answer is held against the vendor's own OpenAPI document, operation by operation."""

from typing import Any
from urllib.parse import quote

import pytest
import requests

from instantly.emulator import FakeInstantly, in_process_transport
from instantly.emulator.api.api_keys import SCOPES
from instantly.emulator.api.routes import ROUTER, ROUTES
from instantly.emulator.api.routing import Route
from instantly.emulator.state.vocabulary import SUBSCRIPTIONS
from instantly.timezones import TIMEZONES

from .conftest import BASE, Api
from .openapi_document import answer_schema, body_schema, document, faults, needs_document, operation, query_faults
from .request_examples import EXAMPLES, Example, World

pytestmark = needs_document
PLAYED = {f"{route.method} {route.path}": route for route in ROUTES}


@pytest.fixture(scope="module")
def world() -> World:
    fake = FakeInstantly(seed=3, transport=in_process_transport(lambda url, body, headers: 200))
    return World(fake, fake.add_workspace("acme"))


def send(world: World, name: str, example: Example) -> requests.Response:
    """The example's request, built from the document alone: path, query and JSON body as documented."""
    method, template = name.split(" ")
    path = template
    for field, value in example.path(world).items():
        path = path.replace(f"{{{field}}}", quote(value, safe=""))
    query = example.query(world)
    assert query_faults(method, template, query) == []
    options: dict[str, Any] = {}
    if example.body is not None:
        options["json"] = example.body(world)
        schema = body_schema(method, template)
        if schema:  # some clients send {} where the document has no body at all
            assert faults(schema, options["json"]) == []
    shown = {key: str(value).lower() if isinstance(value, bool) else value for key, value in query.items()}
    return world.api.session.request(method, f"{BASE}{path}", params=shown, timeout=5, **options)


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_an_answer_is_as_documented(world: World, name: str) -> None:
    method, path = name.split(" ")
    answer = send(world, name, EXAMPLES[name])
    assert answer.status_code == EXAMPLES[name].status, answer.text
    schema = answer_schema(method, path, answer.status_code)
    if answer.status_code == 204:
        assert answer.content == b""
    elif answer.headers["Content-Type"].startswith("application/json"):
        assert faults(schema, answer.json()) == []
        assert EXAMPLES[name].check(answer.json()), answer.text[:300]
    else:
        assert faults(schema, answer.text) == []


def test_every_operation_that_is_played_has_an_example() -> None:
    assert set(EXAMPLES) == set(PLAYED)


def test_every_documented_operation_has_a_route_and_no_other_one_exists() -> None:
    documented = {(method.upper(), path) for path, methods in document()["paths"].items() for method in methods}
    known = {(route.method, f"/api/v2{route.path}") for route in ROUTER.routes}
    assert known == {(method, path.rstrip("/")) for method, path in documented}


@pytest.mark.parametrize("route", ROUTES, ids=list(PLAYED))
def test_a_route_asks_for_the_documented_scope(route: Route) -> None:
    described = operation(route.method, route.path).get("description") or ""
    if "Requires one of the following scopes" in described:
        assert f"scopes: `{route.scope}`" in described
    else:
        assert route.scope is None


@pytest.mark.parametrize("name", [name for name in EXAMPLES if not name.startswith("DELETE /workspaces")])
def test_without_a_key_every_operation_answers_the_documented_401(world: World, name: str) -> None:
    method, path = name.split(" ")
    answer = requests_without_key(world, method, path)
    assert answer.status_code == 401
    assert faults(answer_schema(method, path, 401), answer.json()) == []


def requests_without_key(world: World, method: str, path: str) -> requests.Response:
    api = Api(world.fake, "unused")
    del api.session.headers["Authorization"]
    return api.session.request(method, f"{BASE}{path}", timeout=5)


ODD_ABOUT_UNKNOWN_IDS = {
    "POST /campaigns/{id}/from-export": "documented to answer 403 with a message alone",
    "POST /emails/threads/{thread_id}/mark-as-read": "an unknown thread has nothing to mark",
}


@pytest.mark.parametrize("name", [name for name in EXAMPLES if "{" in name and name not in ODD_ABOUT_UNKNOWN_IDS])
def test_something_that_is_not_there_is_answered_as_documented(world: World, name: str) -> None:
    method, path = name.split(" ")
    missing = "nobody@nowhere.example" if "{email}" in path else "00000000-0000-4000-8000-000000000000"
    for field in ("id", "email", "thread_id"):
        path = path.replace(f"{{{field}}}", missing)
    body = EXAMPLES[name].body
    answer = world.api.session.request(method, f"{BASE}{path}", json=body(world) if body else None, timeout=5)
    template = name.split(" ")[1]
    documented = answer_schema(method, template, answer.status_code)
    assert answer.status_code == 400 if template.endswith(("/activate",)) else answer.status_code in (400, 404)
    assert answer.json()["statusCode"] == 404
    assert faults(documented, answer.json()) == []


def test_a_workspace_without_a_plan_gets_the_documented_402(world: World) -> None:
    world.fake.set_plan(world.access.id, active=False)
    try:
        answer = world.api.call("GET", "/campaigns", expect=402)
    finally:
        world.fake.set_plan(world.access.id, active=True)
    assert faults(answer_schema("GET", "/campaigns", 402), answer) == []


def test_a_rate_limit_is_answered_as_documented(world: World) -> None:
    world.fake.faults.add("status", status=429)
    answer = world.api.call("GET", "/campaigns", expect=429)
    assert faults(answer_schema("GET", "/campaigns", 429), answer) == []


def test_the_closed_lists_are_the_documents() -> None:
    schemas = document()["components"]["schemas"]
    schedule = schemas["Campaign"]["properties"]["campaign_schedule"]["properties"]["schedules"]["items"]["properties"]
    assert set(schedule["timezone"]["enum"]) == TIMEZONES
    assert set(schemas["APIKey"]["properties"]["scopes"]["items"]["enum"]) == SCOPES
    assert set(schemas["Webhook"]["properties"]["event_type"]["enum"]) - {None} == set(SUBSCRIPTIONS)


@pytest.mark.parametrize("route", ROUTES, ids=list(PLAYED))
def test_a_route_takes_every_documented_field(route: Route) -> None:
    """What the document lets a client send is not dropped on the way in."""
    described = operation(route.method, route.path)
    query = {one["name"] for one in described.get("parameters", []) if one["in"] == "query"}
    assert query - set(route.query) == set()
    schema = body_schema(route.method, route.path) or {}
    fields = set(schema.get("properties", {}))
    taken = set((route.body.fields or {}) if route.body else {})
    assert fields - taken == set()
    assert taken - fields == set()
    required = set(schema.get("required", []))
    assert (
        {name for name, rule in (route.body.fields or {}).items() if rule.required} == required if route.body else True
    )
