"""API key of Instantly as a value that is sent in one header and redacted everywhere else."""

import base64
import binascii
import unicodedata
from typing import NoReturn
from urllib.parse import quote

import requests.auth
from requests import PreparedRequest

HIDDEN = "[api key]"
SHORTEST_SECRET = 8  # a shorter key is a placeholder; blanking "test" everywhere would damage real answers


class Key(requests.auth.AuthBase):
    """One API key. It adds itself to a request's header and is redacted everywhere else; it can be neither copied nor pickled.

    A requests auth object rather than a session header: with it requests does not look into ``.netrc``, which would replace our header by a
    stored password.
    """

    __slots__ = ("_header", "_forms")

    def __init__(self, key: str) -> None:
        self._header = f"Bearer {key}"
        self._forms = _forms_of(key)

    @classmethod
    def read(cls, text: str) -> "tuple[Key | None, str]":
        """Return (key, "") for a pasted ``text``, or (None, sentence naming the fault).

        Raises nothing, so that no traceback shows the text in its frames.
        """
        key = text.strip()
        fault = _fault_of(key)
        if fault:
            return None, f"The API key {fault}; copy it once more from Instantly, Settings > Integrations > API Keys."
        return cls(key), ""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = self._header
        return request

    def __repr__(self) -> str:
        return HIDDEN

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("An API key is not copied or pickled; store the connection's id and read the key from there.")

    def hide_in(self, text: str) -> str:
        """Return ``text`` with every form of the key redacted."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return text

    def hide_in_bytes(self, body: bytes) -> bytes:
        """Return ``body`` with every form of the key redacted, in case Instantly or a proxy echoes it."""
        for form in self._forms:
            needle = form.encode()
            if needle in body:
                body = body.replace(needle, HIDDEN.encode())
        return body

    def clean(self, text: str, limit: int = 200) -> str:
        """Return foreign text fit for a one-line message: without the key, control or invisible characters, and bounded."""
        shown = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in self.hide_in(text))
        shown = " ".join(shown.split())
        return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _fault_of(key: str) -> str:
    if not key:
        return "is empty"
    if not key.isascii() or not key.isprintable() or " " in key:
        return "contains spaces or characters no key has"
    return ""


def _forms_of(key: str) -> tuple[str, ...]:
    """Return the encodings in which the key may appear in a response, longest first.

    Besides the plain key: without its base64 padding, in a URL, with the escapes JSON writers use, and what the
    base64 stands for (``<uuid>:<secret>``).
    """
    plain = key.rstrip("=")
    forms = {plain, quote(plain, safe=""), quote(plain, safe="").lower(), plain.replace("/", "\\/")}
    forms |= {form.replace("+", escape) for form in tuple(forms) for escape in ("\\u002b", "\\u002B")}
    try:
        inside = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        inside = ""
    if inside.isprintable():
        forms |= {inside, inside.partition(":")[2]}
    return tuple(sorted((form for form in forms if len(form) >= SHORTEST_SECRET), key=len, reverse=True))
