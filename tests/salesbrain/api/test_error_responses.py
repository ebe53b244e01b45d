"""Conventions of every API operation: envelope, errors, unknown parameters, caching, request ids."""

import re
from uuid import uuid4

import pytest

from messaging.models import Contact
from salesbrain import rls
from tests import factories

LIST = "/api/instantly/campaigns"
NOBODY = "6fa4b3d8-0d43-4f0c-9a3f-3b1f2a7f7c11"


@pytest.fixture
def client(api, customer):
    return api(customer)


def test_the_envelope_is_the_specifications(client, acme_connection):
    factories.campaign(acme_connection, "One")
    body = client.get(LIST).json()
    assert list(body) == ["success", "data", "count", "limit", "offset", "next", "previous"]
    assert (body["success"], body["count"], body["limit"], body["offset"]) == (True, 1, 100, 0)
    assert [campaign["name"] for campaign in body["data"]["campaigns"]] == ["One"]


def test_times_are_utc_with_six_digits(client, acme_connection):
    factories.campaign(acme_connection, status_at=factories.NOON)
    assert client.get(LIST).json()["data"]["campaigns"][0]["status_at"] == "2026-07-10T12:00:00.000000Z"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("colour=red", "colour"),
        ("limit=1&limit=2", "limit"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=ten", "limit"),
        ("limit=１", "limit"),
        ("limit=1.0", "limit"),
        ("offset=-1", "offset"),
        ("offset=99999999999999999999", "offset"),
        ("cursor=a!", "cursor"),
        ("status=asleep", "status"),
        ("status=active,asleep", "status"),
        ("status=", "status"),
        ("health=maybe", "health"),
        ("ordering=owner", "ordering"),
        ("ordering=organization__name", "ordering"),
        ("updated_since=yesterday", "updated_since"),
        ("updated_since=2026-13-01", "updated_since"),
        ("organization_id=1", "organization_id"),
        ("query=%00", "query"),
        ("organization__name=Acme", "organization__name"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(client, query, name):
    answer = client.get(f"{LIST}?{query}")
    body = answer.json()
    assert answer.status_code == 400 and body["success"] is False and body["code"] == "invalid"
    assert list(body["errors"]) == [name] and name in body["detail"]


def test_words_come_with_commas_or_one_by_one(client, acme_connection):
    for status in ("active", "paused", "completed"):
        factories.campaign(acme_connection, status, status=status)
    for query in ("status=active,paused", "status=active&status=paused"):
        assert [row["name"] for row in client.get(f"{LIST}?{query}").json()["data"]["campaigns"]] == [
            "active",
            "paused",
        ]
    assert list(client.get(f"{LIST}?status=active&status=asleep").json()["errors"]) == ["status"]


def test_all_wrong_parameters_are_named_at_once(client):
    assert set(client.get(f"{LIST}?limit=0&colour=red&health=maybe").json()["errors"]) == {"limit", "colour", "health"}


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/instantly", "/api/instantly/campaigns/", "/api/instantly/nothing", "/api/x/y"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_address_below_api_is_answered_in_json(client, path, method):
    answer = getattr(client, method)(path)
    assert (answer.status_code, answer.json()["code"], answer.json()["success"]) == (404, "no_such_address", False)


@pytest.mark.parametrize("key", ["5", "nothing", NOBODY.replace("-", ""), f"{{{NOBODY}}}", NOBODY, NOBODY.upper()])
def test_an_unknown_id_is_not_found(client, key):
    answer = client.get(f"/api/instantly/campaign/{key}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_unsupported_method_lists_the_allowed_ones(client):
    answer = client.post(LIST)
    assert (answer.status_code, answer.json()["code"], answer.headers["Allow"]) == (
        405,
        "method_not_allowed",
        "GET, HEAD, OPTIONS",
    )


@pytest.mark.parametrize(
    "token",
    [
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer nonsense",
        "Bearer sb_" + "a" * 64,
        "Bearer \xff\xfe" * 9,
        "Basic eDp5",
    ],
)
def test_an_invalid_token_gets_401(api, db, token):
    client = api()
    client.credentials(HTTP_AUTHORIZATION=token)
    answer = client.get(LIST)
    assert (answer.status_code, answer.headers["WWW-Authenticate"], answer.json()["success"]) == (401, "Bearer", False)


def test_an_expired_token_gets_401_and_stays_in_its_owners_list(api, customer):
    client = api(customer)
    customer.auth_token_set.update(expiry=factories.NOON.replace(year=2020))
    assert client.get(LIST).status_code == 401
    assert customer.auth_token_set.count() == 1


def test_an_answer_that_has_not_changed_is_304(client, acme_connection):
    factories.campaign(acme_connection, "One")
    first = client.get(LIST)
    again = client.get(LIST, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    factories.campaign(acme_connection, "Two")
    assert client.get(LIST, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_responses_with_personal_data_are_not_cached_by_proxies(client):
    assert client.get("/api/instantly/contacts").headers["Cache-Control"] == "private, no-store"
    assert client.get("/api/instantly/stats").headers["Cache-Control"] == "private, no-cache"


def test_a_long_answer_is_compressed_where_the_client_can(client, acme_connection):
    for number in range(5):
        factories.campaign(acme_connection, f"Campaign {number}")
    answer = client.get(LIST, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in answer.headers["Vary"]


def test_the_callers_request_id_comes_back(client):
    assert client.get(LIST, headers={"X-Request-ID": "abc-123"}).headers["X-Request-ID"] == "abc-123"


def test_a_request_id_that_could_forge_a_log_line_is_replaced(client):
    given = client.get(LIST, headers={"X-Request-ID": "abc\tERROR all is lost"}).headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f-]{32,36}", given)


def test_head_answers_like_get_without_a_body(client):
    head, get = client.head(LIST), client.get(LIST)
    assert head.status_code == 200 and head.headers["ETag"] == get.headers["ETag"]


def test_options_lists_the_allowed_methods(client):
    answer = client.options(LIST)
    assert (answer.status_code, answer.headers["Allow"]) == (200, "GET, HEAD, OPTIONS")


def test_no_other_site_may_read_the_api_from_a_browser(client):
    assert "Access-Control-Allow-Origin" not in client.get(LIST, headers={"Origin": "https://evil.example"}).headers


@pytest.fixture
def friend(settings) -> str:
    settings.CORS_ALLOWED_ORIGINS = ["https://app.customer.example"]
    return "https://app.customer.example"


def test_a_site_that_is_named_may_read_the_api_from_a_browser(api, client, friend):
    asked = {
        "Origin": friend,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    before = api().options(LIST, headers=asked)
    assert (before.status_code, before.headers["Access-Control-Allow-Origin"]) == (200, friend)
    assert "authorization" in before.headers["Access-Control-Allow-Headers"]
    answer = client.get(LIST, headers={"Origin": friend})
    assert answer.headers["Access-Control-Allow-Origin"] == friend and "origin" in answer.headers["Vary"].lower()
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://app.customer.example.evil.example"])
def test_a_site_that_is_not_named_may_not_even_when_another_is(api, client, friend, origin):
    assert "Access-Control-Allow-Origin" not in client.get(LIST, headers={"Origin": origin}).headers
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    assert "Access-Control-Allow-Origin" not in api().options(LIST, headers=asked).headers


class Deliberate(Exception):
    pass


def test_a_failed_request_is_rolled_back(api, operator, acme, monkeypatch):
    """DRF turns an exception into a response before the transaction sees it, so the product itself must roll back."""
    from rest_framework.exceptions import ValidationError

    from campaigns.api.views import CampaignViewSet

    def write_and_fail(self, request):
        Contact.objects.create(
            id=uuid4(), organization=acme, email="half@written.example", first_seen_at=factories.NOON
        )
        raise ValidationError({"field": ["too late"]})

    monkeypatch.setattr(CampaignViewSet, "list", write_and_fail)
    assert api(operator).get(LIST).status_code == 400
    with rls.scope(rls.SYSTEM):
        assert not Contact.objects.filter(email="half@written.example").exists()


def test_an_unexpected_error_shows_only_its_request_id(api, customer, monkeypatch):
    from campaigns.api.views import CampaignViewSet

    def fail(self, request):
        raise Deliberate("secret detail")

    monkeypatch.setattr(CampaignViewSet, "list", fail)
    client = api(customer)
    client.raise_request_exception = False
    answer = client.get(LIST)
    assert answer.status_code == 500 and answer.json()["request_id"] == answer.headers["X-Request-ID"]
    assert "secret" not in answer.content.decode()


def test_a_database_that_does_not_answer_is_503_with_a_time_to_come_back(api, customer, monkeypatch):
    from django.db import OperationalError

    from campaigns.api.views import CampaignViewSet

    def fail(self, request):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(CampaignViewSet, "list", fail)
    answer = api(customer).get(LIST)
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "unavailable", "5")


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"", b'{"a": NaN}', b'{"a": "\\ud800"}', b"\xff"])
def test_a_body_that_is_not_a_json_object_is_refused(api, operator, body):
    answer = api(operator).post("/api/instantly/sync/workspace", body, content_type="application/json")
    assert (answer.status_code, answer.json()["success"]) == (400, False)


def test_a_body_of_another_type_is_refused(api, operator):
    answer = api(operator).post(
        "/api/instantly/sync/workspace", b"a=b", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 415
