"""Middlewares that API requests skip, and those they must not skip."""

import pytest
from django.test import Client

from tests import factories


@pytest.fixture
def get(customer):
    client = Client(headers={"Authorization": f"Bearer {factories.token(customer)}"})
    return lambda path, **headers: client.get(path, **headers)


@pytest.mark.parametrize(
    "path", ["/api/instantly/me", "/api/instantly/nothing", "/api/auth/tokens", "/api/docs", "/api/none", "/healthz"]
)
def test_every_response_forbids_framing(get, path):
    answer = get(path)
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Request-ID"] if path.startswith("/api/instantly") else True


def test_an_unknown_host_is_refused_on_the_fast_path(get, settings):
    settings.ALLOWED_HOSTS = ["salesbrain.example"]
    assert get("/api/instantly/me").status_code == 400


def test_a_session_does_not_authenticate_api_requests(client, viewer):
    """The session cookie of a logged-in admin user, sent along by a foreign site, does not authenticate API requests."""
    client.force_login(viewer)
    assert client.get("/admin/").status_code == 200
    assert client.get("/api/instantly/me").status_code == 401
    assert client.post("/api/instantly/sync/workspace", {}, content_type="application/json").status_code == 401


def test_an_unknown_api_address_is_404_as_json(get):
    answer = get("/api/instantly/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_address")
