"""Provider-neutral events (EventType, ProviderEvent) and the changes that handlers derive from them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar, dataclass_transform
from uuid import UUID

Fact = TypeVar("Fact")


@dataclass_transform(frozen_default=True)
def fact(cls: type[Fact]) -> type[Fact]:
    """Decorator of dataclasses that are immutable by convention, checked by the type checker only. Frozen at run time they would set each
    field by a call, which was a quarter of the worker's Python time per event.
    """
    return dataclass(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def sparse_fact(cls: type[Fact]) -> type[Fact]:
    """Decorator as `fact`, for rows of a batch statement: an instance holds what it was given, and the class its defaults.

    As JSON it has what it holds and nothing else. Of a contact's 18 columns an open knows six, and PostgreSQL pays for each name.
    """
    made: Any = dataclass(init=False)(cls)
    made.__init__ = _hold
    return made


def _hold(self: object, **given: object) -> None:
    vars(self).update(given)


class EventType(StrEnum):
    EMAIL_SENT = "email_sent"
    EMAIL_OPENED = "email_opened"
    EMAIL_CLICKED = "email_clicked"
    REPLY_RECEIVED = "reply_received"
    AUTO_REPLY_RECEIVED = "auto_reply_received"  # a machine's: is not a reply in any figure
    EMAIL_BOUNCED = "email_bounced"
    EMAIL_UNSUBSCRIBED = "email_unsubscribed"
    EMAIL_SPAM_REPORT = "email_spam_report"
    LEAD_INTERESTED = "lead_interested"
    LEAD_NOT_INTERESTED = "lead_not_interested"
    LEAD_NEUTRAL = "lead_neutral"
    LEAD_MEETING_BOOKED = "lead_meeting_booked"
    LEAD_MEETING_COMPLETED = "lead_meeting_completed"
    LEAD_CLOSED = "lead_closed"  # won
    LEAD_OUT_OF_OFFICE = "lead_out_of_office"
    LEAD_WRONG_PERSON = "lead_wrong_person"
    LEAD_NO_SHOW = "lead_no_show"
    LEAD_COMPLETED = "lead_completed"  # went through the whole sequence without a reply
    LEAD_ERROR = "lead_error"
    CAMPAIGN_STARTED = "campaign_started"
    CAMPAIGN_PAUSED = "campaign_paused"
    CAMPAIGN_COMPLETED = "campaign_completed"
    ACCOUNT_ERROR = "account_error"
    ACCOUNT_SUSPENDED = "account_suspended"
    ENRICHMENT_COMPLETED = "enrichment_completed"
    MANUAL_EMAIL_SENT = "manual_email_sent"  # by one of us, by hand: from the inbox only
    UNTRACKED_REPLY_RECEIVED = "untracked_reply_received"  # a person's mail of no campaign
    UNTRACKED_AUTO_REPLY_RECEIVED = "untracked_auto_reply_received"
    CUSTOM = "custom"  # a label people made up, or a name we do not know yet (`is_label`); `detail` has its text


AI_AGENT_EMAIL_SENT = "ai_agent_email_sent"
"""`detail` of a MANUAL_EMAIL_SENT that the provider's own AI agent wrote."""

STAFF_VERDICT = "staff_verdict"
"""Staff verdict on a contact, reported by no provider; `interest` is empty where it was cleared."""
STAFF_LABEL = "a label of our own"
"""Placeholder of a text that staff typed, in the audit log and in the log of erased people, which are kept for ever."""

REPLY_CATEGORY = "reply_category"
"""A reply's category changed: `detail` has the new one; origin `rule` for triage, else of the person who corrected it."""

CONVERSATION_SNOOZED = "conversation_snoozed"
CONVERSATION_DONE = "conversation_done"
CONVERSATION_REOPENED = "conversation_reopened"
CONVERSATION_READ = "conversation_read"
CONVERSATION_UNREAD = "conversation_unread"
CONVERSATION_ASSIGNED = "conversation_assigned"
CONVERSATION_LABELLED = "conversation_labelled"
CONVERSATION_UNLABELLED = "conversation_unlabelled"
CONVERSATION_NOTED = "conversation_noted"
STATE_CHANGES = (CONVERSATION_SNOOZED, CONVERSATION_DONE, CONVERSATION_REOPENED)
READ_MARKS = (CONVERSATION_READ, CONVERSATION_UNREAD)
CONVERSATION_EVENTS = (
    *STATE_CHANGES, *READ_MARKS, CONVERSATION_ASSIGNED, CONVERSATION_LABELLED, CONVERSATION_UNLABELLED, CONVERSATION_NOTED,
)  # fmt: skip
"""Types of events by which people or rules change a conversation; messaging.inbox.events defines their payloads."""


@fact
class ProviderEvent:
    """One event of an organization. Unknown text is "" or None; unknown step and variant are 0."""

    id: int
    type: EventType
    happened_at: datetime
    connection_id: UUID
    organization_id: UUID
    campaign_id: UUID | None
    detail: str = ""
    origin: str = "webhook"
    reason: str = ""
    lead_email: str = ""
    email_account: str = ""
    email_id: str = ""
    mail_key: str = ""  # distinguishes received mails that share an email_id
    thread_id: str = ""
    step: int = 0
    variant: int = 0
    may_be_repaired: bool = False  # gap repair read leads of its campaign, and may have told this event as well
    is_label: bool = True  # of CUSTOM: a word on the lead's interest, and not news of another kind
    subject: str | None = None
    body_text: str | None = None
    body_html: str | None = None
    reply_text: str | None = None
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    phone: str = ""
    website: str = ""

    @property
    def interest(self) -> str | None:
        """Return the interest of the lead that the event reports: a lead status, or the text of a custom label."""
        if self.type is EventType.CUSTOM:
            return self.detail or None if self.is_label else None
        return self.type.value if self.type in INTERESTS else None


REPLIES = {EventType.REPLY_RECEIVED, EventType.AUTO_REPLY_RECEIVED}
UNTRACKED = {EventType.UNTRACKED_REPLY_RECEIVED, EventType.UNTRACKED_AUTO_REPLY_RECEIVED}
RECEIVED = REPLIES | UNTRACKED
CONVERSATION_MAILS = RECEIVED | {EventType.MANUAL_EMAIL_SENT}
"""Events of mails that belong to a conversation: all but those of a campaign's sequence."""

INTERESTS = {
    EventType.LEAD_INTERESTED,
    EventType.LEAD_NOT_INTERESTED,
    EventType.LEAD_NEUTRAL,
    EventType.LEAD_MEETING_BOOKED,
    EventType.LEAD_MEETING_COMPLETED,
    EventType.LEAD_CLOSED,
    EventType.LEAD_OUT_OF_OFFICE,
    EventType.LEAD_WRONG_PERSON,
    EventType.LEAD_NO_SHOW,
}

TOLD_BY_LEADS = INTERESTS | {
    EventType.EMAIL_OPENED,
    EventType.EMAIL_CLICKED,
    EventType.EMAIL_BOUNCED,
    EventType.EMAIL_UNSUBSCRIBED,
    EventType.LEAD_COMPLETED,
    EventType.LEAD_ERROR,
    EventType.CUSTOM,
}
"""Events that gap repair also derives from lists of leads, so that each may be reported twice."""


# --- changes: what a handler says should become true. Each names one row by its identity and carries facts that
# merge in any order (earliest, latest, or a sum that the event log guards); messaging/sql says how. None: no opinion.


@sparse_fact
class ContactChange:
    id: UUID
    organization_id: UUID
    email: str
    seen_at: datetime
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    phone: str | None = None
    website: str | None = None
    named_at: datetime | None = None
    interest: str | None = None
    interest_at: datetime | None = None
    replied_at: datetime | None = None
    bounced_at: datetime | None = None
    unsubscribed_at: datetime | None = None
    complained_at: datetime | None = None
    meeting_at: datetime | None = None
    converses: bool = False  # the conversation with them may change: their row is held until the end of the transaction


@fact
class SuppressionChange:
    organization_id: UUID
    email: str
    reason: str
    at: datetime


@sparse_fact
class MessageChange:
    id: UUID
    organization_id: UUID
    campaign_id: UUID | None
    contact_id: UUID
    direction: str
    happened_at: datetime
    step: int
    variant: int
    email_account: str | None
    kind: str = "campaign"
    is_auto_reply: bool = False
    email_id: str | None = None
    thread_id: str | None = None
    subject: str | None = None
    body_text: str | None = None
    body_html: str | None = None
    reply_text: str | None = None
    text_at: datetime | None = None
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    replied_at: datetime | None = None
    bounced_at: datetime | None = None
    opens: int = 0
    clicks: int = 0


@fact
class CampaignChange:
    id: UUID
    status: str
    status_at: datetime


@fact
class AccountChange:
    """Change of an email account; one not synced yet is created."""

    connection_id: UUID
    address: str
    status: str
    status_at: datetime
    reason: str = ""


Change = ContactChange | SuppressionChange | MessageChange | CampaignChange | AccountChange
