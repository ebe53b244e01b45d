"""The body of a webhook: one flat object, in the shapes captured from the real service.

No envelope, no event id, no lead id, no bounce type, no clicked address. Lead variables are merged at the top level.
What each kind of event carries is the table ``CARRIES``; a custom label looks like a lead status.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..state.clock import iso
from ..state.tables import Row


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What a payload is built from; what does not apply is None."""

    event_type: str
    ms: int
    workspace_id: str
    campaign: Row | None = None
    lead: Row | None = None
    step: int | None = None
    variant: int | None = None
    sender: str | None = None  # as its owner typed it: case is kept
    is_first: bool | None = None
    mail: Row | None = None  # the sent mail
    reply: Row | None = None  # the answer received
    shows_email_id: bool = False


def build(occurrence: Occurrence, *, lead_variables_win: bool = False) -> dict[str, Any]:
    """The body to deliver. Documented keys beat lead variables of the same name unless told otherwise."""
    documented = _head(occurrence)
    for part in CARRIES.get(occurrence.event_type, LEAD_STATUS):
        documented.update(part(occurrence))
    variables = _variables(occurrence.lead)
    if lead_variables_win:
        return {**documented, **variables}
    return {**variables, **documented}


def _variables(lead: Row | None) -> dict[str, Any]:
    """A lead's variables; the usual ones are there also when empty, as captured."""
    if lead is None:
        return {}
    usual = {variable: lead[field] for variable, field in USUAL_VARIABLES.items()}
    return {**usual, **(lead["payload"] or {})}


def _head(o: Occurrence) -> dict[str, Any]:
    body: dict[str, Any] = {
        "timestamp": iso(o.ms),
        "event_type": o.event_type,
        "workspace": o.workspace_id,
        "campaign_id": o.campaign["id"] if o.campaign else None,
        "campaign_name": o.campaign["name"] if o.campaign else None,
    }
    if o.campaign:
        body["unibox_url"] = _unibox_url(o) if o.event_type in ON_REPLY else None
    return body


def _unibox_url(o: Occurrence) -> str | None:
    if not o.reply:
        return None
    return (
        f"https://app.instantly.ai/app/unibox?thread_search=thread:{o.reply['thread_id']}&selected_wks={o.workspace_id}"
    )


def _lead(o: Occurrence) -> dict[str, Any]:
    return {"lead_email": o.lead["email"], "email": o.lead["email"]} if o.lead else {}


def _step(o: Occurrence) -> dict[str, Any]:
    return {"step": o.step, "variant": o.variant} if o.step is not None else {}


def _sender(o: Occurrence) -> dict[str, Any]:
    body: dict[str, Any] = {} if o.sender is None else {"email_account": o.sender}
    return body if o.is_first is None else {**body, "is_first": o.is_first}


def _account(o: Occurrence) -> dict[str, Any]:
    return {"email_account": o.sender}


def _mail(o: Occurrence) -> dict[str, Any]:
    if not o.mail:
        return {}
    body = {"email_subject": o.mail["subject"], "email_html": o.mail["body"].get("html", "")}
    return {**body, "email_id": o.mail["id"]} if o.shows_email_id else body


def _reply_id(o: Occurrence) -> dict[str, Any]:
    return {"email_id": o.reply["id"]} if o.reply else {}


def _reply(o: Occurrence) -> dict[str, Any]:
    if not o.reply:
        return {}
    body = {
        "reply_subject": o.reply["subject"],
        "reply_text_snippet": o.reply["content_preview"],
        "reply_text": o.reply["body"].get("text", ""),
    }
    html = o.reply["body"].get("html")
    return {**body, "reply_html": html} if html else body  # mail programs that write plain text send none


USUAL_VARIABLES = {
    "firstName": "first_name",
    "lastName": "last_name",
    "companyName": "company_name",
    "phone": "phone",
    "website": "website",
    "personalization": "personalization",
}
Part = Callable[[Occurrence], dict[str, Any]]
ON_REPLY = ("reply_received", "auto_reply_received")
LEAD_STATUS: tuple[Part, ...] = (_lead, _step)
CARRIES: Mapping[str, tuple[Part, ...]] = {
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
