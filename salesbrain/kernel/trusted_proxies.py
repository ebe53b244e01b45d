"""Whose address a request has. What a caller says about itself is believed only from a proxy named in TRUSTED_PROXIES.

After the middleware REMOTE_ADDR is the client's address and the scheme is the client's; throttles, the login lock, the audit
log and the redirect to https all ask those and nothing else.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from salesbrain.kernel.request_origin import called_from

Networks = tuple[IPv4Network | IPv6Network, ...]
CLAIMS = (
    "HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_SSL", "HTTP_X_REAL_IP", "HTTP_CF_CONNECTING_IP", "HTTP_TRUE_CLIENT_IP", "HTTP_X_CLIENT_IP",
)  # fmt: skip
"""Headers in which somebody says who somebody else is. All of them are gone after the middleware."""


class TrustedProxies:
    """Put the client's address and scheme where Django reads them, from a trusted proxy; take the claims of others away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        _networks(tuple(settings.TRUSTED_PROXIES))  # a bad entry is said at the start, not at the first request

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        claims = {name: request.META.pop(name) for name in CLAIMS if name in request.META}
        trusted = _networks(tuple(settings.TRUSTED_PROXIES))
        if claims and _is_among(request.META.get("REMOTE_ADDR", ""), trusted):
            chain = [part.strip() for part in claims.get("HTTP_X_FORWARDED_FOR", "").split(",")]
            request.META["REMOTE_ADDR"] = _client(chain, trusted) or request.META["REMOTE_ADDR"]
            if claims.get("HTTP_X_FORWARDED_PROTO", "").strip().lower() == "https":
                request.META["wsgi.url_scheme"] = "https"
        with called_from(client_address(request)):
            return self.get_response(request)


def address_in(environ: Mapping[str, Any]) -> str:
    """Return the caller's address for what answers before the middleware; the claims are left where they are."""
    address, trusted = environ.get("REMOTE_ADDR", ""), _networks(tuple(settings.TRUSTED_PROXIES))
    if trusted and _is_among(address, trusted):
        chain = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        return _client(chain, trusted) or address
    return address


def client_address(request: HttpRequest) -> str | None:
    """Return the network address of whoever called, None where there is none (a unix socket)."""
    address = request.META.get("REMOTE_ADDR", "")
    return address if _parsed(address) else None


def _client(chain: Iterable[str], trusted: Networks) -> str | None:
    """Return the last address that is not a proxy of ours: those before it were written by whoever called."""
    for address in reversed(list(chain)):
        if not _parsed(address):
            return None
        if not _is_among(address, trusted):
            return address
    return None


def _parsed(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True


def _is_among(address: str, networks: Networks) -> bool:
    return _parsed(address) and any(ip_address(address) in network for network in networks)


@lru_cache(maxsize=4)
def _networks(texts: tuple[str, ...]) -> Networks:
    try:
        return tuple(ip_network(text.strip(), strict=False) for text in texts if text.strip())
    except ValueError as error:
        raise ImproperlyConfigured(
            f"TRUSTED_PROXIES: {error}. Give addresses or networks, for example 10.0.0.0/8."
        ) from error
