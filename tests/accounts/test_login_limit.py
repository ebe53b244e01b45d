"""Login rate limit per IP address, before any other work, as a page or as JSON."""

import json
from typing import Any

import pytest

from accounts.login_lockout import with_login_limit


def ask(
    path: str, *, method: str = "POST", address: str = "192.0.2.1", **environ: str
) -> tuple[int, dict[str, str], bytes]:
    heard: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        heard.update(status=int(status.split()[0]), headers=dict(headers))

    def behind(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"behind"]

    given = {"PATH_INFO": path, "REQUEST_METHOD": method, "REMOTE_ADDR": address} | environ
    body = b"".join(with_login_limit(behind)(given, start_response))
    return heard["status"], heard["headers"], body


@pytest.fixture(autouse=True)
def three(settings):
    settings.LOGINS_OF_AN_ADDRESS = 3


def test_a_login_over_the_limit_gets_a_page():
    assert [ask("/login")[0] for _ in range(4)] == [200, 200, 200, 429]
    _, headers, body = ask("/login")
    assert int(headers["Retry-After"]) > 0 and int(headers["Content-Length"]) == len(body)
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert b"Too many logins from this IP address. Wait" in body and b"<html" in body


def test_a_login_over_the_limit_gets_json_in_the_api():
    for _ in range(3):
        ask("/api/auth/tokens")
    status, headers, body = ask("/api/auth/tokens")
    told = json.loads(body)
    assert (status, told["success"], told["code"]) == (429, False, "too_many_logins") and int(
        headers["Retry-After"]
    ) > 0


def test_page_and_api_logins_count_together_and_other_addresses_apart():
    assert [ask(path)[0] for path in ("/login", "/api/auth/tokens") * 2] == [200, 200, 200, 429]
    assert ask("/login", address="192.0.2.2")[0] == 200


def test_addresses_of_one_network_of_ipv6_count_as_one():
    assert [ask("/login", address=f"2001:db8::{n}")[0] for n in range(4)] == [200, 200, 200, 429]


def test_a_token_may_create_further_tokens():
    assert {ask("/api/auth/tokens", HTTP_AUTHORIZATION="Bearer x")[0] for _ in range(30)} == {200}
    assert ask("/api/auth/tokens", HTTP_AUTHORIZATION="Bearer x")[0] == 429


@pytest.mark.parametrize(
    ("path", "method"), [("/login", "GET"), ("/admin/", "POST"), ("/webhooks/instantly/webhook", "POST")]
)
def test_requests_that_are_not_logins_pass_the_limit(path, method):
    assert {ask(path, method=method)[0] for _ in range(10)} == {200}
