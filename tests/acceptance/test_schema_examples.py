"""Examples in the OpenAPI document: one per operation, valid, and errors returned as documented."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.db import OperationalError
from rest_framework.settings import api_settings

from campaigns.api.views import CampaignViewSet
from instantly.api.errors import ProviderProblem
from instantly.client.errors import InvalidKey
from salesbrain.api.idempotency import Conflict
from salesbrain.api.schema import EXAMPLES
from tests import factories
from tests.acceptance import recorded

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
LIST = "/api/instantly/campaigns"
OPERATIONS = [
    (f"{method} {path}", operation) for path, item in DOCUMENT["paths"].items() for method, operation in item.items()
]


def contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every place of the document that must have an example."""
    for name, operation in OPERATIONS:
        if "requestBody" in operation:
            yield f"{name} body", operation["requestBody"]["content"]
        for status, answer in operation["responses"].items():
            if "content" in answer:
                yield f"{name} {status}", answer["content"]


def test_every_operation_every_body_and_every_error_has_an_example():
    without = [name for name, kinds in contents() if not {"example", "examples"} & set(next(iter(kinds.values())))]
    assert without == [], recorded.HOW


def test_every_example_conforms_to_the_schema():
    for name, kinds in contents():
        content = kinds.get("application/json")
        if content is None:
            continue
        for example in [content["example"]] if "example" in content else content["examples"].values():
            value = example
            if isinstance(example, dict) and "$ref" in example:
                value = DOCUMENT["components"]["examples"][example["$ref"].rpartition("/")[2]]["value"]
            validator = jsonschema.Draft202012Validator({**content["schema"], "components": DOCUMENT["components"]})
            problems = [problem.message for problem in validator.iter_errors(value)]
            assert problems == [], name


def test_no_example_holds_a_token_or_an_address_of_this_machine():
    text = json.dumps(EXAMPLES)
    assert "127.0.0.1" not in text and "localhost" not in text and "customer-password" not in text


Provoke = Callable[[Any, Any, Any], Any]


def _raise(error: Exception) -> Callable[..., Any]:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise error

    return fail


def _of(error: Exception) -> Provoke:
    """Return the response to an error that is hard to provoke, raised inside the operation."""

    def ask(client: Any, monkeypatch: Any, settings: Any) -> Any:
        monkeypatch.setattr(CampaignViewSet, "list", _raise(error))
        return client.get(LIST)

    return ask


def _too_large(client: Any, monkeypatch: Any, settings: Any) -> Any:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    return client.post("/api/auth/tokens", {"name": "CRM" * 10})


def _too_often(client: Any, monkeypatch: Any, settings: Any) -> Any:
    rates = {**api_settings.DEFAULT_THROTTLE_RATES, "default": "1/minute"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    client.get(LIST)
    return client.get(LIST)


def _without_token(client: Any, monkeypatch: Any, settings: Any) -> Any:
    client.credentials()
    return client.get(LIST)


PROVOKED: dict[str, Provoke] = {
    "400": lambda client, *_: client.get(f"{LIST}?limit=0&colour=red"),
    "401": _without_token,
    "403": lambda client, *_: client.get("/api/instantly/admin/campaigns"),
    "404": lambda client, *_: client.get("/api/instantly/campaign/6fa4b3d8-0d43-4f0c-9a3f-3b1f2a7f7c11"),
    "409": _of(
        Conflict("The first request with this Idempotency-Key is still running: ask again later.", code="still_running")
    ),
    "413": _too_large,
    "415": lambda client, *_: client.post("/api/auth/tokens", b"a=b", content_type="text/plain"),
    "429": _too_often,
    "500": _of(RuntimeError("something nobody thought of")),
    "502": _of(ProviderProblem(InvalidKey("Instantly refused the key of the connection acme."))),
    "503": _of(OperationalError("server closed the connection unexpectedly")),
}


def test_every_documented_error_is_provoked():
    documented = {status for _, operation in OPERATIONS for status in operation["responses"] if status >= "400"}
    assert documented == set(PROVOKED)


@pytest.mark.parametrize("status", PROVOKED)
def test_an_error_is_answered_as_the_schema_shows_it(api, customer, acme_connection, monkeypatch, settings, status):
    factories.campaign(acme_connection)
    client = api(customer)
    client.raise_request_exception = False
    answer = PROVOKED[status](client, monkeypatch, settings)
    body = answer.json()
    assert str(answer.status_code) == status, body
    if "request_id" in body:
        assert body.pop("request_id") == answer.headers["X-Request-ID"]
        body["request_id"] = "8f6f0f8e-3c0b-4a41-8f3c-8a6d2a2f6f10"
    recorded.hold("errors", status, body)
    assert recorded.known()["errors"][status]["code"] == body["code"]
