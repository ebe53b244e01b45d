"""Texts of the mails in deliveries, read within a budget (see `salesbrain.kernel.bounded_process`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from messaging.events import RECEIVED
from messaging.mail_text.limits import MAX_INPUT
from messaging.mail_text.mails import read_mail
from salesbrain.kernel.bounded_process import BoundedProcess, Broken, Done, NotStarted, OverBudget

from .fields import text_of
from .vocabulary import event_type

BATCH_SECONDS = 1.0
"""CPU seconds for the mails of one batch, the shortest first; what has no turn stays pending for the next one. So much longer may whatever
came with hostile mails have to wait for them."""

PARTS = "reply_subject", "email_subject", "reply_text", "email_text", "reply_html", "email_html", "reply_text_snippet"

reader = BoundedProcess("messaging.mail_text.mails:read_mail")


@dataclass(frozen=True, slots=True)
class Mail:
    """What is stored of a mail. `body_text` and the others are None where the delivery brings no mail at all."""

    subject: str | None = None
    body_text: str | None = None
    body_html: str | None = None
    reply_text: str | None = None


Unread = OverBudget | NotStarted


def read_mails(payloads: Sequence[dict[str, Any]], *, batch_seconds: float = BATCH_SECONDS) -> list[Mail | Unread]:
    """Return the mail of each delivery, or why it was not read. Call outside a transaction.

    Raises bounded_process.Unavailable where this installation cannot read any.
    """
    parts = [parts_of(payload) for payload in payloads]
    costly = sorted(
        (place for place, part in enumerate(parts) if part and _is_costly(part)),
        key=lambda place: len(parts[place]["text"]) + len(parts[place]["html"]),  # type: ignore[index]  # only those there are
    )
    results = iter(reader.run([parts[place] for place in costly], batch_seconds=batch_seconds) if costly else ())
    mails: list[Mail | Unread] = [Mail() if part is None else _mail(part, _as_it_is(part)) for part in parts]
    for place in costly:
        part, result = parts[place], next(results)
        assert part is not None
        if isinstance(result, Done):
            mails[place] = _mail(part, result.value)
        elif isinstance(result, Broken):
            mails[place] = OverBudget(f"its text cannot be read: {result.reason}")
        else:
            mails[place] = result
    return mails


def read_unbounded(payload: dict[str, Any]) -> Mail:
    """Return the mail of a delivery, read in this process: for tests, and for the fuzzer that looks for what is slow."""
    part = parts_of(payload)
    return Mail() if part is None else _mail(part, read_mail(part))


def parts_of(payload: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a delivery says of a mail, as `read_mail` takes it; None where it brings none."""
    if not any(map(payload.get, PARTS)):
        return None
    return {
        "subject": text_of(payload, "reply_subject", "email_subject"),
        "text": text_of(payload, "reply_text", "email_text", limit=MAX_INPUT),
        "html": text_of(payload, "reply_html", "email_html", limit=MAX_INPUT),
        "snippet": text_of(payload, "reply_text_snippet", limit=MAX_INPUT),
        "is_reply": event_type(text_of(payload, "event_type")) in RECEIVED,
    }


def _is_costly(part: dict[str, Any]) -> bool:
    return bool(part["html"] or (part["is_reply"] and (part["text"] or part["snippet"])))


def _as_it_is(part: dict[str, Any]) -> dict[str, Any]:
    return {"body_text": part["text"], "body_html": "", "reply_text": ""}


def _mail(part: dict[str, Any], read: dict[str, Any]) -> Mail:
    reply = read["reply_text"] if part["is_reply"] else None
    return Mail(part["subject"], read["body_text"], read["body_html"], reply)
