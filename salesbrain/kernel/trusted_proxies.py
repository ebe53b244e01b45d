"""Determine client address and scheme of a request, believing only proxies named in TRUSTED_PROXIES.

The WSGI application is wrapped once, outermost: behind the wrapper REMOTE_ADDR is the client's address, the scheme is the client's,
and all forwarding headers are removed. Throttles, the login lockout, the audit log and the redirect to https read only those.
"""

import re
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Networks = tuple[IPv4Network | IPv6Network, ...]

PEER = "salesbrain.peer"
UNBELIEVED = "salesbrain.unbelieved_https"
"""Key set in the environ if a peer outside of TRUSTED_PROXIES claimed that the client used https."""
X_FORWARDED, FORWARDED = "x-forwarded-for", "forwarded"
HEADERS = (X_FORWARDED, FORWARDED)
"""Headers that TRUSTED_PROXY_HEADER may name. The application server does not distinguish X-Forwarded-For from X_Forwarded_For, so behind a
proxy that passes underscores a client could choose its address; Forwarded has no underscore form (docs/decisions/0025).
"""

BRACKETED = re.compile(r"\[([^\]]*)\].*")
WITH_PORT = re.compile(r"([0-9.]+):[0-9]+")
CLAIMS = (
    "HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_SSL", "HTTP_X_REAL_IP", "HTTP_CF_CONNECTING_IP", "HTTP_TRUE_CLIENT_IP", "HTTP_X_CLIENT_IP",
)  # fmt: skip
"""Headers with claims about the client. The wrapper removes all of them."""


def with_client_address(application: Application) -> Application:
    """Wrap a WSGI application. Raises ImproperlyConfigured if an entry of TRUSTED_PROXIES is no network."""
    trusted = _networks(settings.TRUSTED_PROXIES)

    def without_claims(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        peer, address = environ.pop(PEER), environ.get("REMOTE_ADDR", "")
        if not _is_address(address) or _is_among(address, trusted):
            environ["REMOTE_ADDR"] = peer  # the chain named no client: every hop is ours, or one is no address
        for name in CLAIMS:
            environ.pop(name, None)
        return application(environ, start_response)

    believed = wrap_wsgi_with_proxy_headers(without_claims, [str(network) for network in trusted])
    by_forwarded = settings.TRUSTED_PROXY_HEADER == FORWARDED

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ[PEER] = environ.get("REMOTE_ADDR", "")
        if by_forwarded:
            _convert_forwarded(environ)
        if environ.get("HTTP_X_FORWARDED_PROTO") == "https" and _is_address(environ[PEER]):
            environ[UNBELIEVED] = not _is_among(environ[PEER], trusted)
        environ.setdefault("HTTP_X_FORWARDED_FOR", environ[PEER])  # granian believes the scheme only beside an address
        return believed(environ, start_response)

    return answer


def _convert_forwarded(environ: Environ) -> None:
    """Convert a Forwarded header (RFC 7239) to X-Forwarded-*, replacing those."""
    addresses, proto = [], ""
    for hop in environ.get("HTTP_FORWARDED", "").split(","):
        pairs = {
            name.strip().lower(): value.strip().strip('"')
            for name, _, value in (part.partition("=") for part in hop.split(";"))
        }
        address = pairs.get("for", "")
        addresses.append(BRACKETED.sub(r"\1", address) if address.startswith("[") else WITH_PORT.sub(r"\1", address))
        proto = pairs.get("proto", proto).lower()
    environ.pop("HTTP_X_FORWARDED_FOR", None)
    environ.pop("HTTP_X_FORWARDED_PROTO", None)
    if any(addresses):
        environ["HTTP_X_FORWARDED_FOR"] = ", ".join(addresses)
    if proto:
        environ["HTTP_X_FORWARDED_PROTO"] = proto


def address_lookup() -> Callable[[Environ], str]:
    """Return a function that finds a request's client address without the wrapper."""
    believed = with_client_address(lambda environ, _: [environ.get("REMOTE_ADDR", "").encode()])
    return lambda environ: b"".join(believed(dict(environ), _ignore)).decode()


def client_address(request: HttpRequest) -> str | None:
    """Return the client's IP address; None if there is none (a unix socket)."""
    address = request.META.get("REMOTE_ADDR", "")
    return address if _is_address(address) else None


def _ignore(*_: object) -> None:
    """Do nothing: a `start_response` for a call whose response is not used."""


def _is_address(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True


def _is_among(address: str, networks: Networks) -> bool:
    return any(ip_address(address) in network for network in networks)


def _networks(texts: Iterable[str]) -> Networks:
    try:
        return tuple(ip_network(text.strip(), strict=False) for text in texts if text.strip())
    except ValueError as error:
        raise ImproperlyConfigured(
            f"TRUSTED_PROXIES: {error}. Give addresses or networks, for example 10.0.0.0/8."
        ) from error
