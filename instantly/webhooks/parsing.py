"""From a delivery's body to a neutral event. Bad values become absent ones; only a body without a time is refused.

Lead variables are merged into the body at top level under any name, so only documented keys are read: a customer's own variable
`campaign` is not the campaign's id. Source: webhooks.md, "Body".
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import orjson

from messaging import mail_text
from messaging.events import EventType, ProviderEvent

from .vocabulary import event_type

MAX_ADDRESS = 320  # RFC 3696 erratum: 64 + 1 + 255
MAX_LINE = 1000
MAX_TEXT = mail_text.MAX_INPUT
REPLIES = {EventType.REPLY_RECEIVED, EventType.AUTO_REPLY_RECEIVED}
EXPLAINED = {EventType.ACCOUNT_ERROR, EventType.ACCOUNT_SUSPENDED}
TOLD = "reply_subject", "email_subject", "reply_text", "email_text", "reply_html", "email_html", "reply_text_snippet"
AHEAD = timedelta(hours=1)
"""So far may Instantly's clock be ahead of ours."""


class Unreadable(ValueError):
    """The body cannot be placed in time, or is gone."""


class NotYet(ValueError):
    """It happens later than now, by its own account."""


class Claimed(NamedTuple):
    """A delivery taken from the queue, with what the database knows of where it belongs."""

    id: int
    text: str | None
    connection_id: UUID
    workspace_id: str
    organization_id: UUID
    campaign_id: UUID | None
    campaign: str
    origin: str
    attempts: int
    is_variant_unsure: bool = False


def load(delivery: Claimed) -> dict[str, Any]:
    """Return the body as stored (cleaned). Raises Unreadable where it was pruned."""
    if delivery.text is None:
        raise Unreadable("its body was pruned")
    return orjson.loads(delivery.text)


def parse(delivery: Claimed, payload: dict[str, Any]) -> ProviderEvent:
    """Return what the delivery means. Raises Unreadable where it has no timestamp that can be read, NotYet where that is to come."""
    name = _text(payload, "event_type")
    type = event_type(name)
    told = any(map(payload.get, TOLD))
    subject = _text(payload, "reply_subject", "email_subject")
    text = _text(payload, "reply_text", "email_text", limit=MAX_TEXT)
    html = _text(payload, "reply_html", "email_html", limit=MAX_TEXT)
    snippet = _text(payload, "reply_text_snippet", limit=MAX_TEXT)
    return ProviderEvent(
        id=delivery.id,
        type=type,
        happened_at=_time(payload.get("timestamp")),
        connection_id=delivery.connection_id,
        organization_id=delivery.organization_id,
        campaign_id=delivery.campaign_id,
        detail=name,
        origin=delivery.origin,
        reason=_text(payload, "error_message", "reason", "message") if type in EXPLAINED else "",
        lead_email=_text(payload, "lead_email", "email", limit=MAX_ADDRESS).strip().lower(),
        email_account=_text(payload, "email_account", limit=MAX_ADDRESS).strip().lower(),
        email_id=_text(payload, "email_id"),
        thread_id=_thread(_text(payload, "unibox_url")),
        step=_small(payload.get("step")),
        variant=_small(payload.get("variant")),
        subject=subject if told else None,
        body_text=mail_text.body_text(text, html, snippet) if told else None,
        body_html=mail_text.sanitize_html(html) if told else None,
        reply_text=mail_text.reply_text(text, html, snippet, subject=subject).text
        if told and type in REPLIES
        else None,
        first_name=_text(payload, "firstName"),
        last_name=_text(payload, "lastName"),
        company=_text(payload, "companyName"),
        phone=_text(payload, "phone"),
        website=_text(payload, "website"),
    )


def _text(payload: dict[str, Any], *keys: str, limit: int = MAX_LINE) -> str:
    """Return the first that says something, as text."""
    for key in keys:
        value = payload.get(key)
        if isinstance(value, str):
            if value:
                return value.replace("\0", "")[:limit]
        # A list, an object or a truth value there says nothing we could know.
        elif value is not None and isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)[:limit]
    return ""


def _time(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value)  # type: ignore[arg-type]
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise Unreadable(f"its timestamp is {value!r:.80}") from error
    if moment > datetime.now(UTC) + AHEAD:  # it would be the latest until then: interest, status, suppression
        raise NotYet(f"its timestamp {value!r:.80} is still to come")
    return moment


def _small(value: object) -> int:
    try:
        number = int(float(value) if isinstance(value, str) and "." in value else value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return 0
    return number if 0 <= number < 32768 else 0


def _thread(unibox_url: str) -> str:
    """Return the thread's id from the link to the inbox: `thread_search=thread:<id>`; older links have an address there."""
    if not unibox_url:
        return ""
    try:
        found = parse_qs(urlsplit(unibox_url).query).get("thread_search", [""])[0]
    except ValueError:
        return ""
    return found.removeprefix("thread:") if found.startswith("thread:") else ""
