"""Extract mail texts of webhook deliveries, in a child process with a CPU and memory limit.

See salesbrain/kernel/bounded_process.py.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from messaging.events import RECEIVED
from messaging.mail_text.limits import MAX_INPUT
from messaging.mail_text.mails import read_mail
from messaging.mail_text.replies import plain_body
from salesbrain.kernel.bounded_process import BoundedProcess, Broken, Done, NotStarted, OverBudget
from salesbrain.kernel.messages import message

from .fields import line_of, text_of
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
"""Why the text of a mail was not extracted."""


class Parts(NamedTuple):
    """Texts of a delivery's mail as the delivery has them, "" where it lacks one. `body`: the text part, if anything of it can be seen."""

    subject: str
    text: str
    html: str
    snippet: str
    is_reply: bool
    body: str

    @property
    def is_costly(self) -> bool:
        """Return whether somebody's markup or quotes have to be read. Everything else is stored as it came."""
        return bool(self.html or (self.is_reply and (self.text or self.snippet)))

    @property
    def size(self) -> int:
        return len(self.text) + len(self.html)

    def asked(self) -> dict[str, Any]:
        """Return what `read_mail` is asked: of a mail that is no reply and has a text, only to make its HTML harmless."""
        if self.body and not self.is_reply:
            return {"html": self.html, "has_body": True}
        asked = {"text": self.text, "html": self.html, "snippet": self.snippet, "subject": self.subject}
        return {**asked, "is_reply": self.is_reply, "has_body": bool(self.body)}

    def unread(self) -> Mail:
        return Mail(self.subject, self.text, "", "" if self.is_reply else None)

    def read(self, texts: dict[str, Any]) -> Mail:
        """Return the mail with the texts that `read_mail` answered."""
        reply = texts["reply_text"] if self.is_reply else None
        return Mail(self.subject, self.body or texts["body_text"], texts["body_html"], reply)


def read_mails(payloads: Sequence[dict[str, Any]], *, batch_seconds: float = BATCH_SECONDS) -> list[Mail | Unread]:
    """Return the mail of each delivery, or the reason why its text was not extracted. Call outside a transaction.

    Raises bounded_process.Unavailable if this installation cannot start the child process.
    """
    mails: list[Mail | Unread] = []
    costly: list[tuple[int, int, Parts]] = []
    for place, payload in enumerate(payloads):
        parts = parts_of(payload)
        if parts is None:
            mails.append(NONE)
            continue
        mails.append(parts.unread())
        if parts.is_costly:
            costly.append((parts.size, place, parts))
    costly.sort(key=itemgetter(0))
    results = reader.run([parts.asked() for _, _, parts in costly], batch_seconds=batch_seconds) if costly else ()
    for (_, place, parts), result in zip(costly, results, strict=True):
        if isinstance(result, Done):
            mails[place] = parts.read(result.value)
        elif isinstance(result, Broken):
            mails[place] = OverBudget(message("held.text", reason=result.reason))
        else:
            mails[place] = result
    return mails


def read_unbounded(payload: dict[str, Any]) -> Mail:
    """Return a delivery's mail, read in this process without limits: for tests and the fuzzer."""
    parts = parts_of(payload)
    if parts is None:
        return NONE
    return parts.read(read_mail(parts.asked())) if parts.is_costly else parts.unread()


def parts_of(payload: dict[str, Any]) -> Parts | None:
    """Return the parts of a delivery's mail; None if it contains none."""
    if not any(map(payload.get, PARTS)):
        return None
    text = text_of(payload, "reply_text", "email_text", limit=MAX_INPUT)
    return Parts(
        subject=text_of(payload, "reply_subject", "email_subject"),
        text=text,
        html=text_of(payload, "reply_html", "email_html", limit=MAX_INPUT),
        snippet=text_of(payload, "reply_text_snippet", limit=MAX_INPUT),
        is_reply=event_type(line_of(payload, "event_type")) in RECEIVED,
        body=plain_body(text),
    )
