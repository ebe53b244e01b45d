"""Idempotency keys: a repeated request gets the first response; a different one is refused."""

from typing import Any

import pytest
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from accounts.models import User
from salesbrain.api.idempotency import Conflict, run_once

pytestmark = pytest.mark.django_db


def asked(user: User, path: str, body: dict[str, Any], key: str = "one") -> Any:
    """Send a request; return its response, which may be a replay."""
    request = Request(
        APIRequestFactory().post(path, body, format="json", headers={"Idempotency-Key": key}), parsers=[JSONParser()]
    )
    request.user = user
    return run_once(request, lambda: Response({"path": path, "body": body}))


def is_replay(answer: Any) -> bool:
    return "Idempotency-Replayed" in answer.headers


def test_the_same_request_is_answered_again(customer):
    first, second = asked(customer, "/x?a=1", {"b": 2}), asked(customer, "/x?a=1", {"b": 2})
    assert (is_replay(first), is_replay(second)) == (False, True)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("/x?a=2", {"b": 2}, id="another query string"),
        pytest.param("/x?a=1&a=1", {"b": 2}, id="a parameter twice"),
        pytest.param("/x", {"b": 2}, id="no query string"),
        pytest.param("/x?a=1", {"b": 3}, id="another body"),
        pytest.param("/x?a=1", {"b": "2"}, id="another type"),
    ],
)
def test_the_same_key_for_another_request_is_a_mistake(customer, path, body):
    asked(customer, "/x?a=1", {"b": 2})
    with pytest.raises(Conflict) as refused:
        asked(customer, path, body)
    assert refused.value.get_codes() == "key_used"


def test_a_key_belongs_to_its_user_and_its_address(customer, operator):
    asked(customer, "/x", {})
    assert not is_replay(asked(operator, "/x", {}))
    assert not is_replay(asked(customer, "/y", {}))
