"""Extract mail texts of webhook deliveries, in a child process with a CPU and memory limit.

See salesbrain/kernel/bounded_process.py.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from messaging.events import RECEIVED
from messaging.mail_text.limits import MAX_INPUT
from messaging.mail_text.mails import read_mail
from salesbrain.kernel.bounded_process import BoundedProcess, Broken, Done, NotStarted, OverBudget
from salesbrain.kernel.messages import message

from .fields import text_of
from .vocabulary import event_type

BATCH_SECONDS = 0.3
"""CPU seconds for the mails of one batch, the shortest first; the rest stays pending for the next batch."""

PARTS = "reply_subject", "email_subject", "reply_text", "email_text", "reply_html", "email_html", "reply_text_snippet"

reader = BoundedProcess("messaging.mail_text.mails:read_mail")


class Mail(NamedTuple):
    """Stored texts of a mail. `body_text` and the others are None where the delivery contains no mail."""

    subject: str | None = None
    body_text: str | None = None
    body_html: str | None = None
    reply_text: str | None = None


NONE = Mail()
Unread = OverBudget | NotStarted


def read_mails(payloads: Sequence[dict[str, Any]], *, batch_seconds: float = BATCH_SECONDS) -> list[Mail | Unread]:
    """Return the mail of each delivery, or the reason why its text was not extracted. Call outside a transaction.

    Raises bounded_process.Unavailable if this installation cannot start the child process.
    """
    mails: list[Mail | Unread] = []
    costly: list[tuple[int, int, dict[str, Any]]] = []
    for place, payload in enumerate(payloads):
        part = parts_of(payload)
        if part is None:
            mails.append(NONE)
            continue
        if _is_costly(part):
            costly.append((len(part["text"]) + len(part["html"]), place, part))
        mails.append(_as_it_is(part))
    costly.sort(key=itemgetter(0))
    results = reader.run([part for _, _, part in costly], batch_seconds=batch_seconds) if costly else ()
    for (_, place, part), result in zip(costly, results, strict=True):
        if isinstance(result, Done):
            mails[place] = _mail(part, result.value)
        elif isinstance(result, Broken):
            mails[place] = OverBudget(message("held.text", reason=result.reason))
        else:
            mails[place] = result
    return mails


def read_unbounded(payload: dict[str, Any]) -> Mail:
    """Return a delivery's mail, read in this process without limits: for tests and the fuzzer."""
    part = parts_of(payload)
    return Mail() if part is None else _mail(part, read_mail(part))


def parts_of(payload: dict[str, Any]) -> dict[str, Any] | None:
    """Return the parts of a delivery's mail as `read_mail` takes them; None if it contains none."""
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


def _as_it_is(part: dict[str, Any]) -> Mail:
    return Mail(part["subject"], part["text"], "", "" if part["is_reply"] else None)


def _mail(part: dict[str, Any], read: dict[str, Any]) -> Mail:
    reply = read["reply_text"] if part["is_reply"] else None
    return Mail(part["subject"], read["body_text"], read["body_html"], reply)
