"""Fill in the placeholders of simulated replies: dates, names, months, greeting and signature."""

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from ..state.tables import Row
from . import people, reply_texts_de, reply_texts_en

TEXTS = {"en": reply_texts_en.TEXTS, "de": reply_texts_de.TEXTS}
ANSWERS = {"en": reply_texts_en.ANSWERS, "de": reply_texts_de.ANSWERS}
MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
}
GREETINGS = {"en": ("Hi {sender},\n\n", "Hello {sender},\n\n", ""), "de": ("Guten Tag,\n\n", "Hallo,\n\n", "")}
CLOSINGS = {
    "en": ("\n\nBest regards\n{name}", "\n\n{name}\n{job}\n{company}", "\n\n{first_name}", ""),
    "de": ("\n\nMit freundlichen Grüßen\n{name}", "\n\nViele Grüße\n{name}\n{job}\n{company}", "\n\nGruß\n{name}", ""),
}
SATURDAY = 5
AWAY_DAYS = (2, 16)
"""Range of days from now (end excluded) in which an absence ends."""


def write_sentence(
    rng: random.Random, kind: str, *, language: str, now_ms: int, lead: Row, sender: str, promise_ms: int | None = None
) -> str:
    """Return a whole reply of ``kind`` without the quoted mail: greeting, text, signature. ``sender``: first name of the sender of the mail
    replied to.

    ``promise_ms``: the day of a promise, or the last one of an absence.
    """
    text = rng.choice(TEXTS[language][kind]).format_map(_values(rng, kind, language, now_ms, lead, promise_ms))
    if kind in ("auto_reply", "again"):
        return capitalize(text)
    greeting = rng.choice(GREETINGS[language]).format(sender=sender)
    if not greeting or language == "en":
        text = capitalize(text)
    return f"{greeting}{text}{_closing(rng, language, lead)}"


def write_answer(rng: random.Random, kind: str, *, language: str, sender: str) -> str:
    """Return the answer of the demo customer's people to a reply of ``kind``."""
    texts = ANSWERS[language].get(kind, ANSWERS[language]["other"])
    hello = {"en": "Hello,", "de": "Guten Tag,"}[language]
    bye = {"en": "Best regards", "de": "Viele Grüße"}[language]
    return f"{hello}\n\n{rng.choice(texts) if language == 'de' else capitalize(rng.choice(texts))}\n\n{bye}\n{sender}"


def working_day(day: date) -> date:
    """Return the day itself, or the Monday after it at weekends."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= SATURDAY else day


def capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


def _values(
    rng: random.Random, kind: str, language: str, now_ms: int, lead: Row, promise_ms: int | None
) -> Mapping[str, str]:
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    last = working_day(today + timedelta(days=rng.randrange(*AWAY_DAYS)))
    if kind == "out_of_office" and promise_ms:
        last = datetime.fromtimestamp(promise_ms / 1000, UTC).date()
    later = MONTHS[language][(today.month + 1 + rng.randrange(3)) % 12]
    promised = datetime.fromtimestamp(promise_ms / 1000, UTC).date() if promise_ms else today
    return {
        "first": _spelled(today, language),
        "last": _spelled(last, language),
        "back": _spelled(working_day(last + timedelta(days=1)), language),
        "promise": _spelled(promised, language),
        "later": later,
        "colleague": f"{rng.choice(people.FIRST_NAMES[language])} {rng.choice(people.LAST_NAMES[language])}",
        "domain": lead["company_domain"] or "company.example",
        "ticket": f"{rng.randrange(10_000):04d}",
    }


def _spelled(day: date, language: str) -> str:
    """Return a day in words without its year, as absence notes write it: ``14 August`` or ``14. August``."""
    return f"{day.day}{'.' if language == 'de' else ''} {MONTHS[language][day.month - 1]}"


def _closing(rng: random.Random, language: str, lead: Row) -> str:
    name = " ".join(part for part in (lead["first_name"], lead["last_name"]) if part)
    if not name:
        return ""
    closing = rng.choice(CLOSINGS[language]).format(
        name=name,
        first_name=lead["first_name"] or name,
        job=lead["job_title"] or "",
        company=lead["company_name"] or "",
    )
    return closing.rstrip()
