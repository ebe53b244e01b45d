"""Response models of mails in Instantly's inbox, the Unibox.

Source: https://developer.instantly.ai/api-reference/email
"""

from enum import IntEnum
from typing import Annotated, Any

from pydantic import Field

from .base import WHOLE, Answer, Moment, Number, OptionalMoment, Text


class EmailKind(IntEnum):
    SENT_BY_CAMPAIGN = 1
    RECEIVED = 2
    SENT_MANUALLY = 3
    SCHEDULED = 4


class Email(Answer):
    """A mail of Instantly's inbox.

    ``timestamp_created`` is when Instantly stored it (the incremental list goes by that), ``timestamp_email`` the
    mail's own time. Address lists are comma-separated text, ``step`` is text, and what reads like a flag is 0 or 1.
    """

    id: str = Field(min_length=1)
    timestamp_created: Moment
    timestamp_email: OptionalMoment = None
    eaccount: Text = None
    ue_type: Annotated[EmailKind | int | None, Field(union_mode="left_to_right"), WHOLE] = None
    message_id: Text = None
    thread_id: Text = None
    subject: Text = None
    body: dict[str, Any] | str | None = None
    content_preview: Text = None
    from_address_email: Text = None
    to_address_email_list: Text = None
    cc_address_email_list: Text = None
    bcc_address_email_list: Text = None
    reply_to: Text = None
    from_address_json: list[Any] | None = None
    to_address_json: list[Any] | None = None
    cc_address_json: list[Any] | None = None
    lead: Text = None
    lead_id: Text = None
    campaign_id: Text = None
    subsequence_id: Text = None
    list_id: Text = None
    organization_id: Text = None
    step: Text = None
    i_status: Number = None
    is_unread: Number = None
    is_auto_reply: Number = None
    is_focused: Number = None
    ai_interest_value: Number = None
    ai_assisted: Number = None
    ai_agent_id: Text = None
    reminder_ts: OptionalMoment = None
    attachment_json: dict[str, Any] | None = None

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def text(self) -> str:
        return self.body if isinstance(self.body, str) else self._part("text")

    def _part(self, name: str) -> str:
        value = self.body.get(name) if isinstance(self.body, dict) else None
        return value if isinstance(value, str) else ""
