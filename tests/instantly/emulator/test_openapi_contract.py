"""Conformance of every emulated response to Instantly's OpenAPI document."""

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
from .openapi_document import (
    body_schema,
    document,
    needs_document,
    operation,
    query_errors,
    response_schema,
    schema_errors,
)
from .request_examples import EXAMPLES, Example, PopulatedWorkspace

pytestmark = needs_document
SUPPORTED = {f"{route.method} {route.path}": route for route in ROUTES}


@pytest.fixture(scope="module")
def populated() -> PopulatedWorkspace:
    fake = FakeInstantly(seed=3, transport=in_process_transport(lambda url, body, headers: 200))
    return PopulatedWorkspace(fake, fake.add_workspace("acme"))


def send(populated: PopulatedWorkspace, name: str, example: Example) -> requests.Response:
    """Send the example's request, after checking that path, query and JSON body are documented."""
    method, template = name.split(" ")
    path = template
    for field, value in example.path(populated).items():
        path = path.replace(f"{{{field}}}", quote(value, safe=""))
    query = example.query(populated)
    assert query_errors(method, template, query) == []
    options: dict[str, Any] = {}
    if example.body is not None:
        options["json"] = example.body(populated)
        schema = body_schema(method, template)
        if schema:  # some clients send {} where no body is documented
            assert schema_errors(schema, options["json"]) == []
    shown = {key: str(value).lower() if isinstance(value, bool) else value for key, value in query.items()}
    return populated.api.session.request(method, f"{BASE}{path}", params=shown, timeout=5, **options)


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_response_matches_the_document(populated: PopulatedWorkspace, name: str) -> None:
    method, path = name.split(" ")
    answer = send(populated, name, EXAMPLES[name])
    assert answer.status_code == EXAMPLES[name].status, answer.text
    schema = response_schema(method, path, answer.status_code)
    if answer.status_code == 204:
        assert answer.content == b""
    elif answer.headers["Content-Type"].startswith("application/json"):
        assert schema_errors(schema, answer.json()) == []
        assert EXAMPLES[name].check(answer.json()), answer.text[:300]
    else:
        assert schema_errors(schema, answer.text) == []


def test_every_supported_operation_has_an_example() -> None:
    assert set(EXAMPLES) == set(SUPPORTED)


def test_every_documented_operation_has_a_route_and_no_other_one_exists() -> None:
    documented = {(method.upper(), path) for path, methods in document()["paths"].items() for method in methods}
    known = {(route.method, f"/api/v2{route.path}") for route in ROUTER.routes}
    assert known == {(method, path.rstrip("/")) for method, path in documented}


@pytest.mark.parametrize("route", ROUTES, ids=list(SUPPORTED))
def test_route_requires_the_documented_scope(route: Route) -> None:
    described = operation(route.method, route.path).get("description") or ""
    if "Requires one of the following scopes" in described:
        assert f"scopes: `{route.scope}`" in described
    else:
        assert route.scope is None


@pytest.mark.parametrize("name", [name for name in EXAMPLES if not name.startswith("DELETE /workspaces")])
def test_without_a_key_every_operation_answers_the_documented_401(populated: PopulatedWorkspace, name: str) -> None:
    method, path = name.split(" ")
    answer = requests_without_key(populated, method, path)
    assert answer.status_code == 401
    assert schema_errors(response_schema(method, path, 401), answer.json()) == []


def requests_without_key(populated: PopulatedWorkspace, method: str, path: str) -> requests.Response:
    api = Api(populated.fake, "unused")
    del api.session.headers["Authorization"]
    return api.session.request(method, f"{BASE}{path}", timeout=5)


NO_404_FOR_UNKNOWN_IDS = {
    "POST /campaigns/{id}/from-export": "documented to answer 403 with a message alone",
    "POST /emails/threads/{thread_id}/mark-as-read": "an unknown thread has nothing to mark",
}


@pytest.mark.parametrize("name", [name for name in EXAMPLES if "{" in name and name not in NO_404_FOR_UNKNOWN_IDS])
def test_missing_object_returns_the_documented_error(populated: PopulatedWorkspace, name: str) -> None:
    method, path = name.split(" ")
    missing = "nobody@nowhere.example" if "{email}" in path else "00000000-0000-4000-8000-000000000000"
    for field in ("id", "email", "thread_id"):
        path = path.replace(f"{{{field}}}", missing)
    body = EXAMPLES[name].body
    answer = populated.api.session.request(method, f"{BASE}{path}", json=body(populated) if body else None, timeout=5)
    template = name.split(" ")[1]
    documented = response_schema(method, template, answer.status_code)
    assert answer.status_code == 400 if template.endswith(("/activate",)) else answer.status_code in (400, 404)
    assert answer.json()["statusCode"] == 404
    assert schema_errors(documented, answer.json()) == []


def test_a_workspace_without_a_plan_gets_the_documented_402(populated: PopulatedWorkspace) -> None:
    populated.fake.set_plan(populated.access.id, active=False)
    try:
        answer = populated.api.call("GET", "/campaigns", expect=402)
    finally:
        populated.fake.set_plan(populated.access.id, active=True)
    assert schema_errors(response_schema("GET", "/campaigns", 402), answer) == []


def test_a_rate_limit_is_answered_as_documented(populated: PopulatedWorkspace) -> None:
    populated.fake.faults.add("status", status=429)
    answer = populated.api.call("GET", "/campaigns", expect=429)
    assert schema_errors(response_schema("GET", "/campaigns", 429), answer) == []


def test_enumerations_match_the_document() -> None:
    schemas = document()["components"]["schemas"]
    schedule = schemas["Campaign"]["properties"]["campaign_schedule"]["properties"]["schedules"]["items"]["properties"]
    assert set(schedule["timezone"]["enum"]) == TIMEZONES
    assert set(schemas["APIKey"]["properties"]["scopes"]["items"]["enum"]) == SCOPES
    assert set(schemas["Webhook"]["properties"]["event_type"]["enum"]) - {None} == set(SUBSCRIPTIONS)


@pytest.mark.parametrize("route", ROUTES, ids=list(SUPPORTED))
def test_route_accepts_every_documented_field(route: Route) -> None:
    """Documented fields are not dropped by the validation."""
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
