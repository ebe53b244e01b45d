"""Payloads of emulated webhook deliveries: flat JSON objects as captured from the real service.

They have no envelope, event id, lead id, bounce type or clicked URL; lead variables are merged at the top level.
``PARTS`` lists the fields of each event type; a custom label has those of a lead status.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from ..state.clock import iso
from ..state.tables import Row


@dataclass(frozen=True, slots=True)
class EventContext:
    """The input of a payload; None where something does not apply."""

    event_type: str
    ms: int
    workspace_id: str
    campaign: Row | None = None
    lead: Row | None = None
    step: int | None = None
    variant: int | None = None
    sender: str | None = None  # as entered: letter case is kept
    is_first: bool | None = None
    mail: Row | None = None  # the sent mail
    reply: Row | None = None  # the reply received
    include_email_id: bool = False
    own_thread_id: bool = True  # replies link to a thread by another id than the API's


def build_payload(event: EventContext, *, lead_variables_win: bool = False) -> dict[str, Any]:
    """Return the body of a delivery. Documented fields override lead variables of the same name unless ``lead_variables_win``."""
    documented = _common(event)
    for part in PARTS.get(event.event_type, LEAD_STATUS):
        documented.update(part(event))
    variables = _variables(event.lead)
    if lead_variables_win:
        return {**documented, **variables}
    return {**variables, **documented}


def _variables(lead: Row | None) -> dict[str, Any]:
    """Return a lead's variables; the standard ones are present even if empty, as captured."""
    if lead is None:
        return {}
    standard = {variable: lead[field] for variable, field in STANDARD_VARIABLES.items()}
    return {**standard, **(lead["payload"] or {})}


def _common(event: EventContext) -> dict[str, Any]:
    body: dict[str, Any] = {
        "timestamp": iso(event.ms),
        "event_type": event.event_type,
        "workspace": event.workspace_id,
        "campaign_id": event.campaign["id"] if event.campaign else None,
        "campaign_name": event.campaign["name"] if event.campaign else None,
    }
    if event.campaign:
        body["unibox_url"] = _unibox_url(event) if event.event_type in REPLY_EVENTS else None
    return body


def _unibox_url(event: EventContext) -> str | None:
    if not event.reply:
        return None
    thread = event.reply["thread_id"]
    if event.own_thread_id:
        thread = f"f1-{urlsafe_b64encode(blake2b(thread.encode(), digest_size=18).digest()).decode()}"
    search = f"thread_search=thread:{thread}&selected_wks={event.workspace_id}"
    return f"https://app.instantly.ai/app/unibox?{search}"


def _lead(event: EventContext) -> dict[str, Any]:
    return {"lead_email": event.lead["email"], "email": event.lead["email"]} if event.lead else {}


def _step(event: EventContext) -> dict[str, Any]:
    return {"step": event.step, "variant": event.variant} if event.step is not None else {}


def _sender(event: EventContext) -> dict[str, Any]:
    body: dict[str, Any] = {} if event.sender is None else {"email_account": event.sender}
    return body if event.is_first is None else {**body, "is_first": event.is_first}


def _account(event: EventContext) -> dict[str, Any]:
    return {"email_account": event.sender}


def _mail(event: EventContext) -> dict[str, Any]:
    if not event.mail:
        return {}
    body = {"email_subject": event.mail["subject"], "email_html": event.mail["body"].get("html", "")}
    return {**body, "email_id": event.mail["id"]} if event.include_email_id else body


def _reply_id(event: EventContext) -> dict[str, Any]:
    return {"email_id": event.reply["id"]} if event.reply else {}


def _reply(event: EventContext) -> dict[str, Any]:
    if not event.reply:
        return {}
    body = {
        "reply_subject": event.reply["subject"],
        "reply_text_snippet": event.reply["content_preview"],
        "reply_text": event.reply["body"].get("text", ""),
    }
    html = event.reply["body"].get("html")
    return {**body, "reply_html": html} if html else body  # plain-text mail programs send none


STANDARD_VARIABLES = {
    "firstName": "first_name",
    "lastName": "last_name",
    "companyName": "company_name",
    "phone": "phone",
    "website": "website",
    "personalization": "personalization",
}
Part = Callable[[EventContext], dict[str, Any]]
REPLY_EVENTS = ("reply_received", "auto_reply_received")
LEAD_STATUS: tuple[Part, ...] = (_lead, _step)
PARTS: Mapping[str, tuple[Part, ...]] = {
    "email_sent": (_sender, _lead, _step, _mail),
    "email_opened": (_lead, _step, _sender),
    "link_clicked": (_lead, _step, _sender),
    "email_bounced": (_lead, _step, _sender),
    "lead_unsubscribed": (_lead, _step, _account),
    "reply_received": (_sender, _lead, _step, _reply_id, _reply),
    "auto_reply_received": (_sender, _lead, _step, _reply_id, _reply),
    "lead_interested": (_lead, _step, _reply),
    "lead_not_interested": (_lead,),  # its capture has neither step nor sender
    "campaign_completed": (),
    "account_error": (_account,),
    "supersearch_enrichment_completed": (),
}
