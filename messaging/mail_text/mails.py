"""Compute all stored texts of a mail in one call inside a bounded process: JSON in, JSON out."""

from typing import Any

from .replies import body_text, reply_text
from .sanitizing import sanitize_html


def read_mail(parts: dict[str, Any]) -> dict[str, Any]:
    """Return the texts of a mail that are stored.

    In: `text`, `html`, `snippet`, `subject` (texts, may be missing or empty), `is_reply`, and `has_body`: the caller has the mail's
    whole text already. Out: `body_text` (made from the HTML where there is no text; None with `has_body`), `body_html` (harmless), and
    `reply_text`, the person's own words, None where it is no reply.
    """
    text, html = parts.get("text") or "", parts.get("html") or ""
    snippet, subject = parts.get("snippet") or "", parts.get("subject") or ""
    return {
        "body_text": None if parts.get("has_body") else body_text(text, html, snippet),
        "body_html": sanitize_html(html),
        "reply_text": reply_text(text, html, snippet, subject=subject).text if parts.get("is_reply") else None,
    }
