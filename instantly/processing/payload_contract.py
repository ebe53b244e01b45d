"""Pydantic models of Instantly's documented webhook payloads, per family of events.

The worker does not read through these models: `parsing` reads leniently, because one bad field must not cost the others. They state what is
documented: tests compare the parser with them, and staff see which fields of a delivery were invalid and what data is lost by that
(`problems`). Fields carry Instantly's names; all others are lead variables and stay in `model_extra`. Source: vendor's guide "Webhook
events", and captured deliveries for what the guide omits (absent steps, null links).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from instantly.schemas.base import WHOLE
from messaging.events import EventType
from salesbrain.kernel.addresses import canonical

from .moments import read_moment
from .vocabulary import event_type


def _none_if_empty(value: Any) -> Any:
    """Return None for an empty text: Instantly writes an unknown value as null, as an empty text, or not at all."""
    return None if value == "" else value


def _moment(value: Any) -> Any:
    """Parse a time given as text; raise ValueError otherwise (a number is a mistake, not seconds since 1970)."""
    try:
        return read_moment(value)
    except ValueError:
        raise ValueError("Should be text like 2026-07-14T07:02:11.482Z") from None


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        raise ValueError("Should be within the years 1 to 9999 in UTC") from None


Moment = Annotated[datetime, AfterValidator(_in_utc), BeforeValidator(_moment)]
Text = Annotated[str | None, BeforeValidator(_none_if_empty)]
Address = Annotated[str, AfterValidator(canonical)]
OptionalAddress = Annotated[Address | None, BeforeValidator(_none_if_empty)]
Position = Annotated[int | None, Field(ge=0, lt=32768), WHOLE, BeforeValidator(_none_if_empty)]


class Payload(BaseModel):
    """Fields of every delivery. `LOST`: by field, a sentence on the data that is lost if the field is missing or invalid."""

    model_config = ConfigDict(
        extra="allow", frozen=True, hide_input_in_errors=True, coerce_numbers_to_str=True, populate_by_name=True
    )
    LOST: ClassVar[Mapping[str, str]] = {
        "timestamp": "the event cannot be placed in time and is given up",
        "event_type": "it is logged as a custom event without a name",
    }

    timestamp: Moment
    event_type: str
    workspace: Text = None


class CampaignPayload(Payload):
    """campaign_completed, and the two we derive: campaign_started, campaign_paused."""

    LOST = {**Payload.LOST, "campaign_id": "no campaign is known: it is logged and nothing else"}

    campaign_id: str
    campaign_name: Text = None


class LeadPayload(CampaignPayload):
    """A lead's status, a custom label, or an unsubscribe. Lead variables are merged at the top level."""

    LOST = {
        **CampaignPayload.LOST,
        "lead_email": "the lead is who `email` says; a delivery that names nobody there either is held",
        "step": "counted under step 0",
        "variant": "counted under variant 0",
        "email_account": "counted without a sender",
    }

    lead_email: Address
    email: OptionalAddress = None
    email_account: OptionalAddress = None
    step: Position = None
    variant: Position = None
    unibox_url: Text = None
    first_name: Text = Field(None, alias="firstName")
    last_name: Text = Field(None, alias="lastName")
    company_name: Text = Field(None, alias="companyName")
    phone: Text = None
    website: Text = None


class MailPayload(LeadPayload):
    """A mail sent, opened, clicked or bounced. email_id names the sent mail and is absent from most deliveries."""

    email_account: Address
    is_first: bool | None = None
    email_id: Text = None
    email_subject: Text = None
    email_html: Text = None
    email_text: Text = None


class ReplyPayload(LeadPayload):
    """A received mail, a human's or a machine's. Texts include the quoted thread and have no bound."""

    email_account: Address
    is_first: bool | None = None
    email_id: Text = None
    reply_subject: Text = None
    reply_text_snippet: Text = None
    reply_text: Text = None
    reply_html: Text = None


class InboxPayload(Payload):
    """A mail of the inbox outside of a campaign's steps. Never sent by a webhook: gap repair writes it (untracked_mails)."""

    LOST = {
        **Payload.LOST,
        "lead_email": "the person is who `email` says; a delivery that names nobody there either is held",
        "email_account": "the message has no mailbox",
    }

    lead_email: Address
    campaign_id: Text = None
    email: OptionalAddress = None
    email_account: OptionalAddress = None
    email_id: Text = None
    unibox_url: Text = None


class ManualMailPayload(InboxPayload):
    """A mail that the customer's people wrote by hand, with or without a campaign."""

    email_subject: Text = None
    email_html: Text = None
    email_text: Text = None


class UntrackedReplyPayload(InboxPayload):
    """A received mail that answers no step of a campaign, a human's or a machine's."""

    reply_subject: Text = None
    reply_html: Text = None
    reply_text: Text = None


class AccountPayload(Payload):
    """A problem of a mailbox; a campaign may be named and often is not."""

    LOST = {**Payload.LOST, "email_account": "no email account is known: it is logged and nothing else"}

    email_account: Address
    campaign_id: Text = None
    error_message: Text = None


class WorkspacePayload(Payload):
    """An operation in the workspace has finished; no campaign and no lead."""

    campaign_id: Text = None


FAMILIES: dict[EventType, type[Payload]] = {
    EventType.EMAIL_SENT: MailPayload,
    EventType.EMAIL_OPENED: MailPayload,
    EventType.EMAIL_CLICKED: MailPayload,
    EventType.EMAIL_BOUNCED: MailPayload,
    EventType.REPLY_RECEIVED: ReplyPayload,
    EventType.AUTO_REPLY_RECEIVED: ReplyPayload,
    EventType.MANUAL_EMAIL_SENT: ManualMailPayload,
    EventType.UNTRACKED_REPLY_RECEIVED: UntrackedReplyPayload,
    EventType.UNTRACKED_AUTO_REPLY_RECEIVED: UntrackedReplyPayload,
    EventType.EMAIL_UNSUBSCRIBED: LeadPayload,
    EventType.EMAIL_SPAM_REPORT: LeadPayload,
    EventType.LEAD_INTERESTED: LeadPayload,
    EventType.LEAD_NOT_INTERESTED: LeadPayload,
    EventType.LEAD_NEUTRAL: LeadPayload,
    EventType.LEAD_MEETING_BOOKED: LeadPayload,
    EventType.LEAD_MEETING_COMPLETED: LeadPayload,
    EventType.LEAD_CLOSED: LeadPayload,
    EventType.LEAD_OUT_OF_OFFICE: LeadPayload,
    EventType.LEAD_WRONG_PERSON: LeadPayload,
    EventType.LEAD_NO_SHOW: LeadPayload,
    EventType.LEAD_COMPLETED: LeadPayload,
    EventType.LEAD_ERROR: LeadPayload,
    EventType.CUSTOM: LeadPayload,
    EventType.CAMPAIGN_STARTED: CampaignPayload,
    EventType.CAMPAIGN_PAUSED: CampaignPayload,
    EventType.CAMPAIGN_COMPLETED: CampaignPayload,
    EventType.ACCOUNT_ERROR: AccountPayload,
    EventType.ACCOUNT_SUSPENDED: AccountPayload,
    EventType.ENRICHMENT_COMPLETED: WorkspacePayload,
}


def family(payload: Mapping[str, Any]) -> type[Payload]:
    """Return the model a body should fit, by its event type."""
    return FAMILIES[event_type(str(payload.get("event_type") or ""))]


def problems(payload: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each documented field that is missing or invalid, naming the data lost; [] if all are valid.

    Shows no values: a body is personal data.
    """
    model = family(payload)
    try:
        model.model_validate(payload)
    except ValidationError as error:
        found: dict[str, str] = {}
        for fault in error.errors(include_url=False, include_input=False, include_context=False):
            why = "is missing" if fault["type"] == "missing" else fault["msg"].removeprefix("Value error, ")
            found.setdefault(str(fault["loc"][0]), why)
        return [f"{field}: {why}; {model.LOST.get(field, 'left out')}" for field, why in found.items()]
    return []
