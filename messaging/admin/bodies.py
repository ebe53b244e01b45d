"""Showing a mail that a stranger wrote. It is hostile: cleaned, in a sandbox of its own, with nothing loaded from outside.

Three walls, each enough alone: nh3 keeps an allow-list of tags and attributes; the frame's `sandbox` has no scripts, forms or
origin; the document's own Content-Security-Policy loads nothing and repeats the sandbox for whoever opens it directly.
"""

import nh3
from django.http import HttpResponse
from django.utils.html import escape

from messaging.mail_text import Policy, sanitize_html

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "center", "cite", "code", "dd", "del", "div", "dl", "dt", "em", "font",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "ol", "p", "pre", "q", "s", "small", "span", "strike",
    "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "wbr",
}  # fmt: skip
"""No img (a picture tells its sender that we read), no form, nothing that frames, embeds or runs."""

ATTRIBUTES = {
    "*": {"style", "dir", "lang", "title"},
    "a": {"href"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign"},
    "ol": {"start", "type"},
    "font": {"color", "size"},
}
STYLES = {
    "color", "background-color", "font-size", "font-style", "font-weight", "line-height", "margin", "margin-bottom",
    "margin-left", "margin-right", "margin-top", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top",
    "text-align", "text-decoration", "vertical-align", "white-space",
}  # fmt: skip
"""None of them takes an address or moves a thing over another."""

SHOWN = Policy(
    tags=TAGS,
    attributes=ATTRIBUTES,
    cleaner=nh3.Cleaner(
        tags=TAGS,
        clean_content_tags={"script", "style", "title", "noscript", "template", "textarea", "xmp"},
        attributes=ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        filter_style_properties=STYLES,
        strip_comments=True,
    ),
)

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
PAGE = """<!doctype html><html><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Message</title><style>
body{{margin:12px;font:14px/1.5 system-ui,sans-serif;color:#1d2733;background:#fff;overflow-wrap:anywhere}}
pre{{white-space:pre-wrap;font:inherit;margin:0}} blockquote{{border-left:3px solid #d5dbe3;margin-left:0;padding-left:12px;color:#566}}
table{{max-width:100%}} .none{{color:#6b7785}}
</style></head><body>{body}</body></html>"""


def clean(html: str) -> str:
    """Return hostile HTML as harmless HTML: links only to http(s), opened apart and without a trace; no pictures."""
    return sanitize_html(html, SHOWN)


def document(*, html: str | None = None, text: str | None = None) -> HttpResponse:
    """Return a whole page with the cleaned HTML, else the text, else a word saying that there is neither."""
    if html:
        body = clean(html)
    elif text:
        body = f"<pre>{escape(text)}</pre>"
    else:
        body = '<p class="none">Nothing was delivered with this mail.</p>'
    response = HttpResponse(PAGE.format(body=body))
    response["Content-Security-Policy"] = POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response
