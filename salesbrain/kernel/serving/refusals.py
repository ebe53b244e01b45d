"""Prepared responses of a web process that is too busy: status, code and sentence in two languages.

Sent under overload, so they use no translation catalogue, parse no whole header and are not built for each request.
"""

from functools import lru_cache

import orjson

BUSY = (
    "Too many requests are being answered. Please try again in {} seconds.",
    "Gerade werden zu viele Anfragen bearbeitet. Bitte versuchen Sie es in {} Sekunden noch einmal.",
)
TOO_LARGE = (
    "The body is larger than this installation takes ({} bytes).",
    "Der Inhalt der Anfrage ist größer, als diese Installation annimmt ({} Bytes).",
)
UNREADABLE = (
    "The body did not arrive: send the request again.",
    "Der Inhalt der Anfrage kam nicht an: Senden Sie sie noch einmal.",
)
UNKNOWN_CODING = (
    "This Transfer-Encoding is not read here: send the body with a Content-Length, or chunked.",
    "Dieses Transfer-Encoding wird hier nicht gelesen: Senden Sie den Inhalt mit Content-Length oder chunked.",
)
TOO_MANY_STREAMS = (
    "Too many downloads from this IP address are running. Let one end, or try again in {} seconds.",
    "Von dieser IP-Adresse laufen zu viele Downloads. Warten Sie, bis einer endet, oder versuchen Sie es in {} Sekunden noch einmal.",
)
REFUSALS = {
    400: ("Bad Request", "bad_request"),
    413: ("Content Too Large", "too_large"),
    429: ("Too Many Requests", "too_many_downloads"),
    503: ("Service Unavailable", "busy"),
}
ALWAYS_ENGLISH = ("/webhooks/", "/healthz", "/readyz", "/metrics", "/static/", "/poll")
"""Paths read by programs, whose refusals are English like their other responses (salesbrain/web/language.py)."""

Words = tuple[str, str]


def language(path: str, accepted: str) -> str:
    """Return "de" where an Accept-Language header begins with German, else "en": browsers name the first choice first."""
    german = accepted[:2].lower() == "de" and accepted[2:3] in ("", "-", ",", ";", " ")
    return "de" if german and not path.startswith(ALWAYS_ENGLISH) else "en"


@lru_cache(maxsize=256)
def body(words: Words, number: int | None, code: str, language: str, as_json: bool) -> bytes:
    """Return a refusal's body; `number` fills the placeholder of the sentence."""
    text = words[language == "de"].format(number)
    if not as_json:
        return text.encode()
    return orjson.dumps({"success": False, "detail": text, "code": code, "errors": {}})
