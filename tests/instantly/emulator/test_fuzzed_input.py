"""Arbitrary input to the emulated API, without an internal error."""

import logging
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instantly.emulator import FakeInstantly, in_process_transport
from instantly.emulator.api.routes import ROUTES

from .conftest import BASE
from .openapi_document import body_schema, needs_document, operation
from .request_examples import EXAMPLES, PopulatedWorkspace

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
WRITES = sorted(f"{route.method} {route.path}" for route in ROUTES if route.body is not None)
READS = sorted(f"{route.method} {route.path}" for route in ROUTES if route.query)
few = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def populated() -> PopulatedWorkspace:
    fake = FakeInstantly(seed=3, transport=in_process_transport(lambda url, body, headers: 200))
    populated_workspace = PopulatedWorkspace(fake, fake.add_workspace("acme"))
    fake.set_rate(2)  # objects created from fuzzed input are sent, opened, replied to
    return populated_workspace


FORMATS = {
    "uuid": st.uuids().map(str),
    "email": st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.example", fullmatch=True),
    "date": st.dates().map(str),
    "date-time": st.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"),
    "uri": st.just("https://app.example/fuzz"),
}


def as_described(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that (a small part of) JSON schema allows, approximately."""
    for several in ("anyOf", "oneOf"):
        if several in schema and "properties" not in schema:
            return st.one_of([as_described(one) for one in schema[several]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    return st.one_of([of_kind(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)])


def of_kind(kind: str, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if kind == "object":
        fields, needed = schema.get("properties", {}), schema.get("required", [])
        return st.fixed_dictionaries(
            {name: as_described(fields[name]) for name in needed if name in fields},
            optional={name: as_described(one) for name, one in fields.items() if name not in needed},
        )
    if kind == "array":
        return st.lists(as_described(schema.get("items", {})), min_size=schema.get("minItems", 0), max_size=3)
    simple: dict[str, st.SearchStrategy[Any]] = {
        "null": st.none(),
        "boolean": st.booleans(),
        "integer": st.integers(schema.get("minimum"), schema.get("maximum")),
        "number": st.integers(-100, 20_000) | st.floats(allow_nan=False, allow_infinity=False),
        "string": FORMATS.get(schema.get("format", ""), st.text(max_size=20)),
    }
    return simple[kind]


def send(populated: PopulatedWorkspace, name: str, **options: Any) -> None:
    method, path = name.split(" ")
    for field, value in EXAMPLES[name].path(populated).items():
        path = path.replace(f"{{{field}}}", quote(value, safe=""))
    answer = populated.api.session.request(method, f"{BASE}{path}", timeout=5, **options)
    assert answer.status_code < 500, (name, options, answer.text)
    populated.fake.advance(3)
    if populated.space.webhooks.get(populated.hook["id"]) is None:  # removed by a fuzzed DELETE
        populated.hook = populated.api.post(
            "/webhooks", target_hook_url="https://app.example/hook", event_type="all_events"
        )


@needs_document
@pytest.mark.parametrize("name", WRITES)
def test_documented_body_never_fails(
    populated: PopulatedWorkspace, name: str, caplog: pytest.LogCaptureFixture
) -> None:

    @few
    @given(as_described(body_schema(*name.split(" ")) or {}))
    def run(body: Any) -> None:
        send(populated, name, json=body)

    run()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("name", WRITES)
def test_any_json_never_fails(populated: PopulatedWorkspace, name: str) -> None:
    @few
    @given(JSON)
    def run(body: Any) -> None:
        send(populated, name, json=body)

    run()


@needs_document
@pytest.mark.parametrize("name", READS)
def test_any_query_never_fails(populated: PopulatedWorkspace, name: str) -> None:
    names = [one["name"] for one in operation(*name.split(" ")).get("parameters", []) if one["in"] == "query"]

    @few
    @given(
        st.dictionaries(st.sampled_from(names), st.text(max_size=12) | st.sampled_from(["1", "-1", "true", "&", "%"]))
    )
    def run(query: dict[str, str]) -> None:
        send(populated, name, params=query)

    run()


@pytest.mark.parametrize("body", [b"\xff\xfe", b'{"a": NaN}', b"[" * 5000, b'{"name": "\\ud800"}', b"null", b" "])
def test_bytes_that_are_not_json_never_fail(populated: PopulatedWorkspace, body: bytes) -> None:
    send(populated, "POST /lead-lists", data=body)
