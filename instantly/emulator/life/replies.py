"""Compose a simulated lead's reply: its sentence, and the quoted thread below, as text and HTML."""

import html
import random
import re
from dataclasses import dataclass

from ..state.clock import iso
from ..state.tables import Row
from . import reply_words

# kind of reply -> (weight, interest value that follows; "label": a custom label; None: neutral)
KINDS: dict[str, tuple[int, float | str | None]] = {
    "interested": (20, 1),
    "meeting": (11, 2),
    "question": (14, 1),
    "objection": (9, None),
    "not_now": (9, "label"),
    "promise": (4, "label"),  # says when they write again, and does
    "not_interested": (20, -1),
    "unsubscribe": (4, -1),
    "complaint": (1, -1),
    "wrong_person": (5, -2),
    "left_company": (3, -2),
}
POSITIVE = ("interested", "meeting", "question")
PROMISED = {"interested": 3, "meeting": 2, "not_interested": 1}
"""Kinds of the later reply of a lead who promised one, with their weights."""
AUTOMATIC = ("out_of_office", "auto_reply")
AUTOMATIC_SUBJECT = {"en": "Automatic reply: {subject}", "de": "Automatische Antwort: {subject}"}
WROTE = {"en": "On {when}, {sender} wrote:", "de": "Am {when} schrieb {sender}:"}
TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class ReplyContent:
    """Subject and body of a reply. ``html`` is None for plain-text mail programs."""

    subject: str
    snippet: str
    text: str
    html: str | None


def write(
    rng: random.Random,
    kind: str,
    *,
    language: str,
    subject: str,
    mail_html: str,
    mail_ms: int,
    now_ms: int,
    sender: str,
    sender_name: str,
    lead: Row,
    promise_ms: int | None = None,
) -> ReplyContent:
    """Return a reply of ``kind`` by ``lead`` to the given mail, quoting it (automatic ones quote nothing)."""
    sentence = reply_words.write_sentence(
        rng, kind, language=language, now_ms=now_ms, lead=lead, sender=sender_name, promise_ms=promise_ms
    )
    plain_only = rng.random() < 0.2
    if kind in AUTOMATIC:
        shown = f"<div>{_as_html(sentence)}</div>"
        subject = AUTOMATIC_SUBJECT[language].format(subject=subject)
        return ReplyContent(subject, sentence[:100], f"{sentence}\n", None if plain_only else shown)
    wrote = WROTE[language].format(when=iso(mail_ms)[:16].replace("T", " "), sender=f"<{sender}>")
    quoted = "\n".join(f"> {line}" for line in as_text(mail_html).splitlines())
    shown = (
        f'<div dir="auto">{_as_html(sentence)}</div><br><div class="gmail_quote gmail_quote_container">'
        f'<div class="gmail_attr">{html.escape(wrote)}</div>'
        f'<blockquote class="gmail_quote">{mail_html}</blockquote></div>\n'
    )
    return ReplyContent(
        subject if subject.lower().startswith("re:") else f"Re: {subject}",
        sentence[:100],
        f"{sentence}\n\n{wrote}\n\n{quoted}\n",
        None if plain_only else shown,
    )


def as_text(mail_html: str) -> str:
    """Return the mail's text without HTML tags."""
    return html.unescape(TAG.sub("", re.sub(r"<br\s*/?>", "\n", mail_html))).strip()


def _as_html(sentence: str) -> str:
    return html.escape(sentence, quote=False).replace("\n", "<br>")
