"""API rate limits per token or IP address, counted in PostgreSQL for all processes together.

Counted in a statement of its own before the request's transaction: a refused or failed request counts too, and two requests of one
token do not wait for each other.
"""

import random
import re
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext
from rest_framework.exceptions import Throttled

from salesbrain.kernel import db
from salesbrain.kernel.rate_window import FixedWindow, client_prefix

SECONDS = {"second": 1, "minute": 60, "quarter": 900, "hour": 3600}
COUNT = """
INSERT INTO api_throttle AS t (key, began_at, requests) VALUES (%s, clock_timestamp(), 1)
ON CONFLICT (key) DO UPDATE SET
    began_at = CASE WHEN t.began_at < clock_timestamp() - %s * interval '1 second' THEN clock_timestamp() ELSE t.began_at END,
    requests = CASE WHEN t.began_at < clock_timestamp() - %s * interval '1 second' THEN 1 ELSE t.requests + 1 END
RETURNING requests, extract(epoch FROM began_at + %s * interval '1 second' - clock_timestamp())::float AS wait"""
READ = "SELECT requests FROM api_throttle WHERE key = %s AND began_at > clock_timestamp() - %s * interval '1 second'"
FORGET = "DELETE FROM api_throttle WHERE began_at < clock_timestamp() - interval '1 hour'"
FORGET_EVERY = 1000
TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}")
TOKENS_OF_AN_ADDRESS = 10
"""Multiple of one token's limit that an IP address has, because several tokens may share it."""

_windows: dict[int, FixedWindow] = {}


@dataclass(frozen=True, slots=True)
class Rate:
    """Limit of `requests` in `seconds`, counted from the first request on."""

    name: str
    requests: int
    seconds: int

    @classmethod
    def named(cls, name: str) -> "Rate | None":
        """Return the rate of the settings (DEFAULT_THROTTLE_RATES, "600/minute"), None where it is switched off."""
        framework: Any = settings.REST_FRAMEWORK
        text = framework.get("DEFAULT_THROTTLE_RATES", {}).get(name)
        return _rate(name, text) if text else None

    def parameters(self, who: str) -> list[Any]:
        """Return the parameters of the SQL statement COUNT."""
        return [_key(self, who), self.seconds, self.seconds, self.seconds]

    def judge(self, requests: int, wait: float) -> None:
        """Raise Throttled if the result of COUNT exceeds the limit."""
        if requests > self.requests:
            raise Throttled(
                wait,
                gettext("Too many requests: %(requests)s in %(seconds)s seconds are allowed. Try again later.")
                % {"requests": self.requests, "seconds": self.seconds},
            )


@cache
def _rate(name: str, text: str) -> Rate | None:
    match = re.fullmatch(r"(\d+)/(\w+)", text)
    if not match or match[2] not in SECONDS:
        raise ValueError(
            f"DEFAULT_THROTTLE_RATES[{name!r}] is {text!r}: write 600/minute, per one of {', '.join(SECONDS)}."
        )
    return Rate(name, int(match[1]), SECONDS[match[2]]) if int(match[1]) else None


def throttle_key(request: Any) -> str:
    """Return the key a request is counted under: its token's digest, or else the IP address. Never the token itself.

    A malformed token is ignored: otherwise an invented Authorization header per request would count as a new caller each time.
    """
    token = bearer(request)
    return f"token:{token}" if token else f"address:{_address(request)}"


def bearer(request: Any) -> str | None:
    """Return the token in the request's header, None if there is none or it is malformed."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and TOKEN.fullmatch(token) else None


def limit_address(rate_name: str, request: Any) -> None:
    """Count the request for its IP address too, whatever token it carries: invented tokens must not evade the limit.

    In this process, before the database is asked. Raises Throttled.
    """
    rate = Rate.named(rate_name)
    if rate is None:
        return
    window = _windows.setdefault(rate.seconds, FixedWindow(rate.seconds))
    wait = window.hit((rate.name, _address(request)), rate.requests * TOKENS_OF_AN_ADDRESS)
    if wait:
        raise Throttled(wait, gettext("Too many requests from this IP address. Try again later."))


def reset_address_windows() -> None:
    """Reset the windows (tests)."""
    _windows.clear()


def _address(request: Any) -> str:
    return client_prefix(request.META.get("REMOTE_ADDR", ""))


def count(rate_name: str, who: str) -> None:
    """Count one request; raises Throttled, with the seconds to wait, if it exceeds the limit."""
    rate = Rate.named(rate_name)
    if rate is None:
        return
    row = db.first(COUNT, rate.parameters(who))
    assert row is not None
    purge_occasionally()
    rate.judge(*row)


def purge_occasionally() -> None:
    """Delete expired rows, at random in a small share of calls."""
    if random.randrange(FORGET_EVERY) == 0:  # noqa: S311  nothing else depends on it
        db.prepared(FORGET)


def current_usage(rate_name: str, request: HttpRequest) -> dict[str, int | None]:
    """Return the limit, its seconds, and how many requests are left now; None if nothing is limited."""
    rate = Rate.named(rate_name)
    if rate is None:
        return {"allowed": None, "per_seconds": None, "left": None}
    with connection.cursor() as cursor:
        cursor.execute(READ, [_key(rate, throttle_key(request)), rate.seconds])
        row = cursor.fetchone()
    return {
        "allowed": rate.requests,
        "per_seconds": rate.seconds,
        "left": max(0, rate.requests - (row[0] if row else 0)),
    }


def _key(rate: Rate, who: str) -> str:
    return f"{rate.name}:{blake2b(who.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"
