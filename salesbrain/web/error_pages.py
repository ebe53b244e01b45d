"""Error pages (403, 404, 500 …) in both languages, without database, session or static files."""

import base64
import logging
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from salesbrain.kernel.env import BASE_DIR
from salesbrain.rls import self_check

logger = logging.getLogger(__name__)

TEMPLATE = "web/error.html"
STYLE = (BASE_DIR / "templates" / "web" / "error.css").read_text(encoding="utf-8")
"""Style sheet inside the page; the content security policy names its digest, so that no unsafe style is allowed."""

DIGEST = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{DIGEST}'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}

TEXTS: dict[int, tuple[str | Promise, str | Promise]] = {
    400: (
        _("This request cannot be understood"),
        _("Something in the address or the form is malformed. Go back and try again."),
    ),
    403: (
        _("This page is not for you"),
        _("Your account may not open it. Ask whoever manages your team, or log in as somebody else."),
    ),
    404: (_("There is no such page"), _("The address is wrong, or what stood here has moved.")),
    429: (_("Too many attempts"), _("Please wait a little, then try again.")),
    500: (
        _("Something went wrong on our side"),
        _("The error was recorded. Try again; if it stays, tell us when it happened."),
    ),
    503: (_("Salesbrain is briefly unavailable"), _("Nothing is lost. This page tries again by itself.")),
}
CSRF = _("The form was too old, or your browser sent no cookie. Go back, reload the page and try again.")


def page(status: int, *, detail: str | Promise = "", retry_after: int | None = None) -> HttpResponse:
    """Return an error page in the language of the request. `detail` replaces the usual sentence."""
    heading, sentence = TEXTS[status]
    context = {
        "status": status, "heading": heading, "sentence": detail or sentence, "style": STYLE,
        "language": get_language() or "en", "retry_after": retry_after if status == 503 else None,
    }  # fmt: skip
    headers = HEADERS | ({"Retry-After": str(retry_after)} if retry_after is not None else {})
    return HttpResponse(render_to_string(TEMPLATE, context), status=status, headers=headers)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Respond 500 with a page; with a line of text if even the template fails."""
    try:
        return page(500)
    except Exception:
        logger.exception("Could not render the error page")
        return HttpResponse(
            b"Something went wrong on our side.", status=500, content_type="text/plain", headers=HEADERS
        )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(403, detail=CSRF)


class SelfCheckMiddleware(self_check.SelfCheckMiddleware):
    """RLS self-check middleware whose refusal is a page in browsers."""

    def refusal(self, headers: dict[str, str]) -> HttpResponse:
        return page(503, retry_after=int(self_check.INTERVAL))
