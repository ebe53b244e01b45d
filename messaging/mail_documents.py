"""Render mail bodies of unknown senders safely: cleaned, sandboxed, nothing loaded from outside.

Three independent protections, each sufficient alone: an allow-list of tags and attributes (`messaging.mail_text.showing`), applied
in a process with a budget; the frame's `sandbox`, without scripts, forms or origin; the document's own Content-Security-Policy,
which loads nothing and repeats the sandbox in case the document is opened directly.
"""

import logging

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from salesbrain.kernel.bounded_process import BoundedProcess, Done

logger = logging.getLogger(__name__)

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
PAGE = """<!doctype html><html><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>{title}</title><style>
body{{margin:12px;font:14px/1.5 system-ui,sans-serif;color:#1d2733;background:#fff;overflow-wrap:anywhere}}
pre{{white-space:pre-wrap;font:inherit;margin:0}} blockquote{{border-left:3px solid #d5dbe3;margin-left:0;padding-left:12px;color:#566}}
table{{max-width:100%}} .none{{color:#6b7785}}
</style></head><body>{body}</body></html>"""


NOTHING = _("Nothing was delivered with this mail.")
TOO_COSTLY = _("Showing the HTML of this mail costs too much. Its text is shown where there is one.")


def clean(html: str) -> str | None:
    """Return harmless HTML for hostile HTML; None if reading it costs too much."""
    with BoundedProcess("messaging.mail_text.showing:show_html") as process:
        result = process.call(html)
    if isinstance(result, Done):
        return str(result.value)
    logger.warning("The HTML of a mail is not shown: %s", getattr(result, "reason", ""))
    return None


def document(*, html: str | None = None, text: str | None = None) -> HttpResponse:
    """Return an HTML page with the cleaned HTML, else the text, else a note that there is neither."""
    plain = f"<pre>{escape(text)}</pre>" if text else ""
    body = (clean(html) or _note(TOO_COSTLY) + plain) if html else (plain or _note(NOTHING))
    response = HttpResponse(PAGE.format(body=body, title=escape(gettext("Message"))))
    response["Content-Security-Policy"] = POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


def _note(words: str | Promise) -> str:
    return f'<p class="none">{escape(str(words))}</p>'
