"""Fast path of the API: parts it skips, and parts it must not."""

import pytest
from django.test import Client

from tests import factories


@pytest.fixture
def asked(customer):
    client = Client(headers={"Authorization": f"Bearer {factories.token(customer)}"})
    return lambda path, **headers: client.get(path, **headers)


@pytest.mark.parametrize(
    "path", ["/api/instantly/me", "/api/instantly/nothing", "/api/auth/tokens", "/api/docs", "/api/none", "/healthz"]
)
def test_every_answer_says_that_it_is_no_part_of_another_page(asked, path):
    answer = asked(path)
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Request-ID"] if path.startswith("/api/instantly") else True


def test_a_name_that_is_not_ours_is_refused_all_the_same(asked, settings):
    settings.ALLOWED_HOSTS = ["salesbrain.example"]
    assert asked("/api/instantly/me").status_code == 400


def test_a_session_is_no_way_into_the_api(client, viewer):
    """The cookie of somebody in the admin, as a foreign page would send it along."""
    client.force_login(viewer)
    assert client.get("/admin/").status_code == 200
    assert client.get("/api/instantly/me").status_code == 401
    assert client.post("/api/instantly/sync/workspace", {}, content_type="application/json").status_code == 401


def test_an_address_below_it_that_nothing_answers_is_told_as_json(asked):
    answer = asked("/api/instantly/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_address")
