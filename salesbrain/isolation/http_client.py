"""HTTP client of the isolation proof: calls the product in this process and checks each response."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.test import Client, override_settings
from django_otp import DEVICE_ID_SESSION_KEY
from knox.models import get_token_model

from accounts.models import Authenticator, User
from salesbrain.isolation.fixtures import Side

VOLATILE_HEADERS = {"X-Request-ID", "Date"}
"""Headers that differ between any two answers."""

WITHOUT_THROTTLING = {
    "default": "0/minute",
    "search": "0/minute",
    "export": "0/minute",
    "sync": "0/minute",
    "write": "0/minute",
    "login": "0/quarter",
    "mail": "0/hour",
    "mail_origin": "0/hour",
}


@contextmanager
def as_in_production() -> Iterator[None]:
    """Context with the settings of the proof: this process's own, with the test host name allowed, without throttling (a refused request
    proves nothing), and without access to Instantly.
    """
    logging.disable(logging.CRITICAL)  # thousands of refusals are what is wanted here
    try:
        with _settings():
            yield
    finally:
        logging.disable(logging.NOTSET)


def _settings() -> override_settings:
    return override_settings(
        ALLOWED_HOSTS=["testserver"],
        REST_FRAMEWORK={**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": WITHOUT_THROTTLING},
        INSTANTLY_BASE_URL="http://127.0.0.1:1",
    )


@dataclass(frozen=True)
class Answer:
    """Status, headers and body of a response; `asked`: texts of the request, which the response may repeat."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    asked: tuple[str, ...] = field(default=())

    @property
    def text(self) -> str:
        """Return the response as text, without texts that the request itself contained."""
        whole = (
            "\n".join(f"{name}: {value}" for name, value in self.headers.items())
            + "\n"
            + self.body.decode("utf-8", "replace")
        )
        return _without(whole, self.asked)

    def shows(self, side: Side) -> bool:
        text = self.text
        return any(mark in text for mark in side.marks)

    def reveals(self, secret: str) -> bool:
        return secret in self.text

    def comparable(self) -> tuple[Any, ...]:
        """Return the parts of a response that must be equal, byte for byte, for another organization's id and for an unknown one. ETag and
        length are left out if the body repeats the request, because they depend on the body.
        """
        body = _without(self.body.decode("utf-8", "replace"), self.asked)
        echoed = body != self.body.decode("utf-8", "replace")
        if echoed:  # where a list is in order, what was asked stands before or behind other words by chance
            body = WORDS.sub(lambda found: f"[{','.join(sorted(found[1].split(',')))}]", body)
        left_out = VOLATILE_HEADERS | ({"ETag", "Content-Length"} if echoed else set())
        return (
            self.status,
            {name: _without(value, self.asked) for name, value in self.headers.items() if name not in left_out},
            body,
        )


WORDS = re.compile(r'\[("[^"\\]*"(?:,"[^"\\]*")*)\]')
"""A list of texts in JSON."""


def _without(text: str, asked: tuple[str, ...]) -> str:
    for said in asked:
        text = text.replace(said, "<asked>")
    return text


class HttpActor:
    """A caller with an HTTP client: with a token, with a session, or with neither."""

    def __init__(self, user: User | None = None, *, session: bool = False) -> None:
        self.client = Client(raise_request_exception=False)
        self.user, self.headers = user, {}
        if user is not None and session:
            self._log_in(user)
        elif user is not None:
            self.headers = {"Authorization": f"Bearer {get_token_model().objects.create(user)[1]}"}

    def _log_in(self, user: User) -> None:
        self.client.force_login(user)
        device = Authenticator.objects.create(user=user, name="proof", confirmed=True)
        session = self.client.session
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        session.save()

    def ask(
        self,
        method: str,
        path: str,
        *,
        asked: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
        **how: Any,
    ) -> Answer:
        """Send a request, read the body to its end (also a streamed one), and return the response."""
        secure = bool(getattr(settings, "SECURE_SSL_REDIRECT", False))
        response = self.client.generic(method, path, headers={**self.headers, **(headers or {})}, secure=secure, **how)
        body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
        cookies = {f"Set-Cookie {name}": morsel.OutputString() for name, morsel in response.cookies.items()}
        return Answer(response.status_code, {**response.headers, **cookies}, body, asked)
