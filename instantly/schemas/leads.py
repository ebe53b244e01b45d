"""Response models of leads and lead labels.

Source: https://developer.instantly.ai/api-reference/lead
"""

from enum import IntEnum
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from .base import WHOLE, Answer, Flag, Number, OptionalMoment, Text


class LeadStatus(IntEnum):
    ACTIVE = 1
    PAUSED = 2
    COMPLETED = 3
    BOUNCED = -1
    UNSUBSCRIBED = -2
    SKIPPED = -3


class InterestStatus(IntEnum):
    """Built-in interest statuses of a lead; any other number is a custom label's (``LeadLabel``), none a plain lead."""

    OUT_OF_OFFICE = 0
    INTERESTED = 1
    MEETING_BOOKED = 2
    MEETING_COMPLETED = 3
    WON = 4
    NOT_INTERESTED = -1
    WRONG_PERSON = -2
    LOST = -3
    NO_SHOW = -4


Interest = Annotated[InterestStatus | int | float | None, Field(union_mode="left_to_right"), WHOLE]
Variable = str | int | float | bool | None


class Lead(Answer):
    """One person in one campaign (or list). ``payload`` holds all variables, the custom ones among them."""

    id: str = Field(min_length=1)
    status: Annotated[LeadStatus | int, Field(union_mode="left_to_right"), WHOLE]
    email: Text = None
    campaign: Text = None
    list_id: Text = None
    organization: Text = None
    first_name: Text = None
    last_name: Text = None
    company_name: Text = None
    company_domain: Text = None
    job_title: Text = None
    phone: Text = None
    website: Text = None
    personalization: Text = None
    payload: dict[str, Any] | None = None
    lt_interest_status: Interest = None
    verification_status: Number = None
    enrichment_status: Number = None
    esp_code: Number = None
    esg_code: Number = None
    email_open_count: Number = None
    email_reply_count: Number = None
    email_click_count: Number = None
    email_opened_step: Number = None
    email_opened_variant: Number = None
    email_replied_step: Number = None
    email_replied_variant: Number = None
    email_clicked_step: Number = None
    email_clicked_variant: Number = None
    status_summary: dict[str, Any] | None = None
    status_summary_subseq: dict[str, Any] | None = None
    last_step_from: Text = None
    last_step_id: Text = None
    last_step_timestamp_executed: OptionalMoment = None
    last_contacted_from: Text = None
    subsequence_id: Text = None
    pl_value_lead: Text = None
    uploaded_by_user: Text = None
    upload_method: Text = None
    assigned_to: Text = None
    is_website_visitor: Flag = None
    timestamp_created: OptionalMoment = None
    timestamp_updated: OptionalMoment = None
    timestamp_added_subsequence: OptionalMoment = None
    timestamp_last_contact: OptionalMoment = None
    timestamp_last_open: OptionalMoment = None
    timestamp_last_reply: OptionalMoment = None
    timestamp_last_click: OptionalMoment = None
    timestamp_last_interest_change: OptionalMoment = None
    timestamp_last_touch: OptionalMoment = None


class NewLead(BaseModel):
    """A lead to add. Unknown fields and nested custom variables are refused here, before anything is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    email: Text = None
    first_name: Text = None
    last_name: Text = None
    company_name: Text = None
    job_title: Text = None
    phone: Text = None
    website: Text = None
    personalization: Text = None
    lt_interest_status: int | None = None
    pl_value_lead: Text = None
    assigned_to: Text = None
    custom_variables: dict[str, Variable] | None = None

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return [("fields", sorted(self.model_fields_set))]


class CreatedLead(Answer):
    """A lead that Instantly created; ``index``: its position among the leads given to ``add_leads``, over all chunks."""

    id: str = Field(min_length=1)
    index: int
    email: Text = None
    first_name: Text = None
    last_name: Text = None
    phone: Text = None


def _readable(value: Any) -> Any:
    # The leads are added by now: one odd line of the report is no reason to lose the rest of it.
    if not isinstance(value, list):
        return []
    return [one for one in value if isinstance(one, dict) and isinstance(one.get("index"), int) and one.get("id")]


class LeadsAdded(Answer):
    """Result of adding one chunk of leads. ``remaining_in_plan`` is given for a campaign only."""

    KEY: ClassVar[str] = "status"
    status: Text = None
    total_sent: Number = None
    leads_uploaded: Number = None
    in_blocklist: Number = None
    blocklist_used: Text = None
    duplicated_leads: Number = None
    skipped_count: Number = None
    invalid_email_count: Number = None
    incomplete_count: Number = None
    duplicate_email_count: Number = None
    remaining_in_plan: Number = None
    created_leads: Annotated[list[CreatedLead], BeforeValidator(_readable)] = Field(default_factory=list)


class LeadLabel(Answer):
    """A custom interest label. Its text is the ``event_type`` of the webhook, its number the lead's interest."""

    id: str = Field(min_length=1)
    label: str
    interest_status: Annotated[int | float | None, WHOLE] = None
    interest_status_label: Text = None
    description: Text = None
    use_with_ai: Flag = None
    created_by: Text = None
    organization_id: Text = None
    timestamp_created: OptionalMoment = None
