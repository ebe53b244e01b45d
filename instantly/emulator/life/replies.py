"""Replies of leads: the sentence, and the mail around it with the quoted thread, as text and as HTML."""

import html
import random
import re
from dataclasses import dataclass

from ..state.clock import iso

# kind of reply -> (weight, interest value that follows; "label": a custom label; None: neutral)
KINDS: dict[str, tuple[int, float | str | None]] = {
    "interested": (36, 1),
    "meeting": (14, 2),
    "not_interested": (26, -1),
    "wrong_person": (8, -2),
    "neutral": (8, None),
    "label": (8, "label"),
}
# kind -> language -> sentences; "again" is a second reply, "automatic" an out-of-office reply
SENTENCES: dict[str, dict[str, tuple[str, ...]]] = {
    "interested": {
        "en": (
            "Sounds interesting. Can you send me the pricing and a reference in our industry?",
            "Yes, this is on our list for this quarter.\nHow long does a pilot take?",
            "Happy to take a look. Please include my colleague Dana in the invitation.",
        ),
        "de": (
            "Das klingt interessant. Können Sie mir Preise und eine Referenz aus unserer Branche schicken?",
            "Ja, das Thema steht bei uns in diesem Quartal an.\nWie lange dauert ein Pilotprojekt?",
            "Gern. Bitte nehmen Sie meine Kollegin Frau Winter gleich mit dazu.",
        ),
    },
    "meeting": {
        "en": ("Sure, how about Thursday 10am?\nI just booked a slot in your calendar.", "Booked you for Tuesday 2pm."),
        "de": (
            "Gern, Donnerstag um 10 Uhr passt.\nDen Termin habe ich gerade eingetragen.",
            "Dienstag 14 Uhr, gebucht.",
        ),
    },
    "not_interested": {
        "en": (
            "Not for us, thank you.",
            "We have a solution in place. Please do not follow up.",
            "No budget this year.",
        ),
        "de": (
            "Danke, kein Bedarf.",
            "Wir sind versorgt. Bitte keine weiteren Nachrichten.",
            "In diesem Jahr leider kein Budget.",
        ),
    },
    "wrong_person": {
        "en": ("I am not the right person for this, please try procurement.", "I left that team in January."),
        "de": (
            "Dafür bin ich nicht zuständig, bitte wenden Sie sich an den Einkauf.",
            "Ich bin nicht mehr im Vertrieb.",
        ),
    },
    "neutral": {
        "en": ("Who are you exactly?", "Please send me something in writing first."),
        "de": ("Wer sind Sie genau?", "Bitte schicken Sie mir zuerst etwas Schriftliches."),
    },
    "label": {
        "en": ("Ask me again in September, we decide then.", "Next year, please."),
        "de": ("Fragen Sie im September noch einmal, dann entscheiden wir.", "Bitte nächstes Jahr."),
    },
    "again": {
        "en": ("One more thing: do you integrate with our ERP?", "Forgot to ask: where is the data stored?"),
        "de": ("Noch eine Frage: Gibt es eine Schnittstelle zu unserem ERP?", "Wo liegen eigentlich die Daten?"),
    },
    "automatic": {
        "en": (
            "I am out of the office until Monday and will answer then.",
            "Thank you for your message. I am on parental leave; please contact office@{domain}.",
        ),
        "de": (
            "Ich bin bis Montag nicht im Büro und antworte danach.",
            "Vielen Dank für Ihre Nachricht. In dringenden Fällen erreichen Sie info@{domain}.",
        ),
    },
}
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
    sender: str,
    domain: str,
) -> ReplyContent:
    """A reply of ``kind`` to the given mail, quoting it (automatic ones quote nothing)."""
    sentence = rng.choice(SENTENCES[kind][language]).format(domain=domain)
    plain_only = rng.random() < 0.2
    if kind == "automatic":
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
    """The mail's text without HTML tags."""
    return html.unescape(TAG.sub("", re.sub(r"<br\s*/?>", "\n", mail_html))).strip()


def _as_html(sentence: str) -> str:
    return html.escape(sentence, quote=False).replace("\n", "<br>")
