"""Client address and scheme of requests behind trusted and unknown proxies."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.test import RequestFactory

from salesbrain.kernel.trusted_proxies import CLAIMS, client_address, with_client_address


def after(settings: Any, trusted: list[str], peer: str, **headers: Any) -> WSGIRequest:
    """Return the request as the application behind the wrapper sees it."""
    settings.TRUSTED_PROXIES = trusted
    seen: list[WSGIRequest] = []

    def application(environ, start_response):
        seen.append(WSGIRequest(environ))
        return []

    environ = RequestFactory().get("/", REMOTE_ADDR=peer, **headers).META
    with_client_address(application)(environ, lambda *_: None)
    return seen[0]


def test_forwarding_headers_of_an_unknown_peer_are_ignored(settings):
    request = after(settings, [], "203.0.113.9", HTTP_X_FORWARDED_FOR="10.0.0.1", HTTP_X_FORWARDED_PROTO="https")
    assert (client_address(request), request.is_secure()) == ("203.0.113.9", False)


@pytest.mark.parametrize("trusted", ["10.0.0.0/8", "10.0.0.5", "10.0.0.5/8"])
def test_a_named_proxy_is_believed(settings, trusted):
    request = after(
        settings, [trusted], "10.0.0.5", HTTP_X_FORWARDED_FOR="198.51.100.4", HTTP_X_FORWARDED_PROTO="https"
    )
    assert (client_address(request), request.is_secure()) == ("198.51.100.4", True)


def test_a_named_proxy_that_says_only_the_scheme_is_believed(settings):
    request = after(settings, ["10.0.0.0/8"], "10.0.0.5", HTTP_X_FORWARDED_PROTO="https")
    assert (client_address(request), request.is_secure()) == ("10.0.0.5", True)


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        ("1.1.1.1, 198.51.100.4", "198.51.100.4"),  # the first was typed by the client
        ("1.1.1.1, 198.51.100.4, 10.0.0.7", "198.51.100.4"),
        ("2001:db8::1", "2001:db8::1"),
        ("10.0.0.7", "10.0.0.5"),
        ("nonsense", "10.0.0.5"),
        ("198.51.100.4, nonsense", "10.0.0.5"),
        ("", "10.0.0.5"),
    ],
)
def test_the_client_is_the_last_hop_outside_of_our_proxies(settings, chain, client):
    assert client_address(after(settings, ["10.0.0.0/8"], "10.0.0.5", HTTP_X_FORWARDED_FOR=chain)) == client


@pytest.mark.parametrize("name", CLAIMS)
def test_untrusted_forwarding_headers_are_removed(settings, name):
    for trusted in ([], ["10.0.0.0/8"]):
        assert name not in after(settings, trusted, "10.0.0.5", **{name: "198.51.100.4"}).META


def test_a_unix_socket_has_no_address(settings):
    assert client_address(after(settings, [], "")) is None


def test_a_bad_entry_is_named_at_the_start(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/99"]
    with pytest.raises(ImproperlyConfigured, match=r"TRUSTED_PROXIES: '10\.0\.0\.0/99'"):
        with_client_address(lambda environ, start_response: [])


# --- Forwarded ------------------------------------------------------------------------------------------------------


@pytest.fixture
def by_forwarded(settings):
    settings.TRUSTED_PROXY_HEADER = "forwarded"


@pytest.mark.parametrize(
    ("header", "client", "secure"),
    [
        ("for=198.51.100.4;proto=https", "198.51.100.4", True),
        ("For=198.51.100.4; Proto=HTTPS", "198.51.100.4", True),
        ("for=198.51.100.4:4711;proto=http", "198.51.100.4", False),
        ('for="[2001:db8::1]:4711";proto=https', "2001:db8::1", True),
        ("for=1.1.1.1, for=198.51.100.4;proto=https", "198.51.100.4", True),  # the first was typed by the client
        ("for=198.51.100.4, for=10.0.0.7;proto=https", "198.51.100.4", True),
        ("for=unknown", "10.0.0.5", False),
        ("for=_hidden;proto=https", "10.0.0.5", True),
        ("nonsense", "10.0.0.5", False),
        ("", "10.0.0.5", False),
    ],
)
def test_the_client_is_the_one_that_forwarded_names(settings, by_forwarded, header, client, secure):
    request = after(settings, ["10.0.0.0/8"], "10.0.0.5", HTTP_FORWARDED=header)
    assert (client_address(request), request.is_secure()) == (client, secure)


def test_a_header_with_underscores_does_not_choose_the_address(settings, by_forwarded):
    """A client's header named X_Forwarded_For reaches WSGI under the same name as X-Forwarded-For."""
    claims = {"HTTP_X_FORWARDED_FOR": "203.0.113.66", "HTTP_X_FORWARDED_PROTO": "https"}
    request = after(settings, ["10.0.0.0/8"], "10.0.0.5", HTTP_FORWARDED="for=198.51.100.4;proto=http", **claims)
    assert (client_address(request), request.is_secure()) == ("198.51.100.4", False)
    request = after(settings, ["10.0.0.0/8"], "10.0.0.5", **claims)
    assert (client_address(request), request.is_secure()) == ("10.0.0.5", False)


def test_a_forwarded_header_of_an_unknown_peer_is_ignored(settings, by_forwarded):
    request = after(settings, ["10.0.0.0/8"], "203.0.113.9", HTTP_FORWARDED="for=198.51.100.4;proto=https")
    assert (client_address(request), request.is_secure()) == ("203.0.113.9", False)


@pytest.mark.parametrize(
    ("trusted", "path", "status"),
    [
        pytest.param([], "/login", 400, id="a proxy nobody named"),
        pytest.param(["10.0.0.0/8"], "/login", 200, id="a named proxy"),
        pytest.param([], "/healthz", 200, id="a probe, which is never redirected"),
    ],
)
@pytest.mark.django_db
def test_behind_an_unnamed_proxy_there_is_a_sentence_and_no_endless_redirect(settings, caplog, trusted, path, status):
    settings.SECURE_SSL_REDIRECT, settings.TRUSTED_PROXIES = True, trusted
    answers: list[str] = []
    headers: Any = {
        "HTTP_HOST": "testserver",
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_FOR": "198.51.100.4",
    }
    environ = RequestFactory().get(path, REMOTE_ADDR="10.0.0.5", **headers).META
    body = b"".join(with_client_address(WSGIHandler())(environ, lambda status, *_: answers.append(status)))
    assert answers[0].startswith(str(status)), body
    assert ("TRUSTED_PROXIES does not name 10.0.0.5" in caplog.text) == (b"TRUSTED_PROXIES" in body) == (status == 400)
    assert b"10.0.0.5" not in body


@pytest.mark.django_db
def test_plain_http_is_redirected_as_before(settings):
    settings.SECURE_SSL_REDIRECT, settings.TRUSTED_PROXIES = True, []
    answers: list[str] = []
    environ = RequestFactory().get("/login", REMOTE_ADDR="198.51.100.4", HTTP_HOST="testserver").META
    with_client_address(WSGIHandler())(environ, lambda status, *_: answers.append(status))
    assert answers[0].startswith("301")
