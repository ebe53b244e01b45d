"""Parse a webhook delivery's JSON body into a provider-neutral event.

Invalid values become absent; only a body without a time is refused.

Lead variables are merged into the body at top level under any name, so only documented keys are read: a customer's own variable
`campaign` is not the campaign's id. Source: webhooks.md, "Body".
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import orjson

from messaging.automatic_replies import automatic_reply_rule
from messaging.events import EventType, ProviderEvent
from salesbrain.kernel.addresses import MAX_INPUT, NotAnAddress, canonical, canonical_or_none
from salesbrain.kernel.messages import message

from .fields import id_of, line_of, text_of
from .labels import is_lead_label
from .mails import Mail
from .moments import Implausible, check, read_moment
from .vocabulary import event_type

EXPLAINED = {EventType.ACCOUNT_ERROR, EventType.ACCOUNT_SUSPENDED}
ABOUT_NO_LEAD = EXPLAINED | {
    EventType.CAMPAIGN_STARTED,
    EventType.CAMPAIGN_PAUSED,
    EventType.CAMPAIGN_COMPLETED,
    EventType.ENRICHMENT_COMPLETED,
}


AUTOMATIC = {
    EventType.REPLY_RECEIVED: EventType.AUTO_REPLY_RECEIVED,
    EventType.UNTRACKED_REPLY_RECEIVED: EventType.UNTRACKED_AUTO_REPLY_RECEIVED,
}


class Unreadable(ValueError):
    """Error: the body of a delivery has no valid time, or was pruned."""


class InvalidLeadAddress(Unreadable):
    """Error: the lead's address in the body is invalid."""


class NotYet(ValueError):
    """Error: the reported time is implausible: in the future, before 2015, or before the campaign was created."""


class Claimed(NamedTuple):
    """A delivery taken from the queue, with its connection, campaign and organization."""

    id: int
    connection_id: UUID
    workspace_id: str
    organization_id: UUID
    campaign_id: UUID | None
    campaign: str
    origin: str
    attempts: int
    is_variant_unsure: bool = False
    version: str = ""
    campaign_made_at: datetime | None = None
    is_listed_label: bool | None = None
    has_repaired_leads: bool = False
    is_removed: bool = False


def load(text: str | None) -> dict[str, Any]:
    """Return the body as stored (cleaned). Raises Unreadable where it was pruned."""
    if text is None:
        raise Unreadable(message("held.pruned"))
    return orjson.loads(text)


def parse(delivery: Claimed, payload: dict[str, Any], mail: Mail) -> ProviderEvent:
    """Return the event that a delivery reports; `mail`: its extracted texts.

    Raises Unreadable for a missing or invalid timestamp or an invalid lead address, NotYet for an implausible time.
    """
    name = line_of(payload, "event_type")
    type = _type(event_type(name), mail)
    return ProviderEvent(
        id=delivery.id,
        type=type,
        happened_at=_time(payload.get("timestamp"), delivery.campaign_made_at),
        connection_id=delivery.connection_id,
        organization_id=delivery.organization_id,
        campaign_id=delivery.campaign_id,
        detail=name,
        is_label=type is not EventType.CUSTOM or is_lead_label(name, is_listed=delivery.is_listed_label),
        origin=delivery.origin,
        may_be_repaired=delivery.has_repaired_leads,
        reason=text_of(payload, "error_message", "reason", "message") if type in EXPLAINED else "",
        lead_email=_lead(payload, type),
        email_account=_account(line_of(payload, "email_account")),
        email_id=id_of(payload, "email_id"),
        thread_id=_thread(line_of(payload, "unibox_url")),
        step=_small(payload.get("step")),
        variant=_small(payload.get("variant")),
        subject=mail.subject,
        body_text=mail.body_text,
        body_html=mail.body_html,
        reply_text=mail.reply_text,
        first_name=line_of(payload, "firstName"),
        last_name=line_of(payload, "lastName"),
        company=line_of(payload, "companyName"),
        phone=line_of(payload, "phone"),
        website=line_of(payload, "website"),
    )


@lru_cache(maxsize=1_000)  # a campaign sends from a few accounts
def _account(text: str) -> str:
    """Return the canonical address of one of our accounts, "" if the text is none."""
    return canonical_or_none(text) or ""


def _lead(payload: Mapping[str, Any], type: EventType) -> str:
    """Return the lead's canonical address, "" if the body names none. Raises NobodysAddress if the named one is invalid: otherwise an
    unsubscribe without an address would be lost.
    """
    refused = ""
    for key in ("lead_email", "email"):
        text = text_of(payload, key, limit=MAX_INPUT + 1)
        try:
            if text and not text.isspace():
                return canonical(text)
        except NotAnAddress as error:
            refused = refused or message("held.no_address", field=key, reason=str(error))
    if refused and type not in ABOUT_NO_LEAD:
        raise InvalidLeadAddress(refused)
    return ""


def _type(reported: EventType, mail: Mail) -> EventType:
    """Return the event type: a reply written by a program becomes an automatic one, whatever the provider reported; `detail` keeps the
    provider's value.
    """
    if reported in AUTOMATIC and automatic_reply_rule(mail.subject, mail.reply_text):
        return AUTOMATIC[reported]
    return reported


def _time(value: object, campaign_made_at: datetime | None) -> datetime:
    try:
        moment = read_moment(value)
    except ValueError as error:
        raise Unreadable(message("held.no_timestamp", value=f"{value!r:.80}")) from error
    try:
        check(moment, now=datetime.now(UTC), campaign_made_at=campaign_made_at)
    except Implausible as error:
        raise NotYet(message("held.timestamp", value=f"{value!r:.80}", why=str(error))) from error
    return moment


def _small(value: object) -> int:
    if type(value) is int:
        return value if 0 <= value < 32768 else 0
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
