"""Instantly's OpenAPI document, if it is beside the checkout, and checks of responses against it."""

import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

PATH = Path(__file__).resolve().parents[4] / "shared" / "instantly" / "instantly-openapi.json"
needs_document = pytest.mark.skipif(
    not PATH.exists(), reason="the vendor's OpenAPI document is not beside this checkout (../shared/instantly)"
)
# Contradictions in the document that no response can satisfy: listed accounts have `tags`, but the Account schema
# allows no further field; the prose allows custom interest values, the enumeration does not.
CONTRADICTIONS = re.compile(
    r"Additional properties are not allowed \('tags' was unexpected\)|lt_interest_status: 1\d{4} is not one of"
)


@functools.cache
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(PATH.read_bytes())
    return loaded


def operation(method: str, path: str) -> dict[str, Any]:
    """Return the document's description of an operation; ``path`` as in the emulator's routes."""
    paths = document()["paths"]
    found = paths.get(f"/api/v2{path}") or paths[f"/api/v2{path}/"]
    described: dict[str, Any] = found[method.lower()]
    return described


def schema_errors(schema: dict[str, Any], value: Any) -> list[str]:
    """Return the validation errors of a value as sentences; none if it conforms to the schema."""
    whole = {"components": document()["components"], **schema}
    errors = Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(value)
    found = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in errors]
    return [one for one in found if not CONTRADICTIONS.search(one)]


def response_schema(method: str, path: str, status: int) -> dict[str, Any]:
    """Return the schema of a response. Raises KeyError for an undocumented status."""
    content = operation(method, path)["responses"][str(status)].get("content") or {"": {}}
    schema: dict[str, Any] = next(iter(content.values())).get("schema", {})
    return schema


def body_schema(method: str, path: str) -> dict[str, Any] | None:
    content = operation(method, path).get("requestBody", {}).get("content", {})
    schema: dict[str, Any] | None = content.get("application/json", {}).get("schema")
    return schema


def query_errors(method: str, path: str, query: dict[str, Any]) -> list[str]:
    """Return the errors of a query string: unknown names, invalid values, missing parameters."""
    described = {one["name"]: one for one in operation(method, path).get("parameters", []) if one["in"] == "query"}
    wrong = [f"{name}: not documented" for name in query if name not in described]
    wrong += [f"{name}: missing" for name, one in described.items() if one.get("required") and name not in query]
    for name, value in query.items():
        if name in described:
            wrong += schema_errors(described[name]["schema"], value)
    return wrong
