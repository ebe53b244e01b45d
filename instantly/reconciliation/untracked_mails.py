"""Mails written by hand or of no campaign, out of Instantly's inbox, as deliveries of our own.

The person of a mail is its lead, else its recipient or sender. Mails between the workspace's own email accounts, scheduled ones (not sent
yet) and those without an address that can be read are left out.

A mail with `ai_agent_id` was sent by Instantly's own AI agent (vendor document, "ID of the AI agent that sent this email"). Which ue_type
such a mail has, and whether a webhook reports it, is not documented: only mails that otherwise count as written by hand are marked.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from accounts.models import EmailAccount, ProviderConnection
from instantly.processing.fields import bounded_id
from instantly.schemas import Email, EmailKind
from messaging.events import AI_AGENT_EMAIL_SENT, EventType
from salesbrain import rls
from salesbrain.kernel.addresses import canonical_or_none

from . import backfill

SENT = {EmailKind.SENT_BY_CAMPAIGN, EmailKind.SENT_MANUALLY}


def deliveries_of(connection: ProviderConnection, mails: Iterable[Email]) -> list[dict[str, Any]]:
    """Return a delivery for each mail exchanged with a person (not between our own mailboxes)."""
    told = [(mail, person) for mail in mails if (person := _person(mail))]
    ours = _own_addresses(connection, {person for _, person in told})
    return [_body(connection, mail, person) for mail, person in told if person not in ours]


def _person(mail: Email) -> str:
    """Return the canonical address of the person a mail was exchanged with, "" if it names none."""
    if mail.ue_type in SENT:
        others: Iterator[str] = iter((mail.to_address_email_list or "").split(","))
    elif mail.ue_type == EmailKind.RECEIVED:
        others = iter([mail.from_address_email or ""])
    else:
        return ""
    addresses = (canonical_or_none(text) for text in (mail.lead or "", *others))
    return next((address for address in addresses if address), "")


def _own_addresses(connection: ProviderConnection, addresses: set[str]) -> set[str]:
    with rls.scope(rls.SYSTEM):
        known = EmailAccount.objects.filter(connection=connection, address__in=addresses)
        return set(known.values_list("address", flat=True))


def _body(connection: ProviderConnection, mail: Email, person: str) -> dict[str, Any]:
    event_type = _type(mail)
    kind = "email" if event_type == EventType.MANUAL_EMAIL_SENT else "reply"
    return {
        "timestamp": backfill.timestamp(mail.timestamp_email or mail.timestamp_created),
        "event_type": AI_AGENT_EMAIL_SENT if kind == "email" and mail.ai_agent_id else event_type.value,
        "workspace": connection.workspace_id,
        "campaign_id": mail.campaign_id,
        "lead_email": person,
        "email_account": canonical_or_none(mail.eaccount or "") or "",
        "email_id": bounded_id(mail.id),
        "unibox_url": f"https://app.instantly.ai/app/unibox?thread_search=thread:{mail.thread_id or ''}",
        f"{kind}_subject": mail.subject or "",
        f"{kind}_html": mail.html,
        f"{kind}_text": mail.text,
    }


def _type(mail: Email) -> EventType:
    if mail.ue_type in SENT:
        return EventType.MANUAL_EMAIL_SENT
    return EventType.UNTRACKED_AUTO_REPLY_RECEIVED if mail.is_auto_reply else EventType.UNTRACKED_REPLY_RECEIVED
