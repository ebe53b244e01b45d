"""Response models of webhook subscriptions and the log of their deliveries.

Source: https://developer.instantly.ai/api-reference/webhook
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field

from .base import MASKED, WHOLE, Answer, Flag, Number, OptionalMoment, Text


class WebhookStatus(IntEnum):
    ACTIVE = 1
    DISABLED = -1  # by Instantly, after deliveries failed; POST …/resume brings it back


class Webhook(Answer):
    """A webhook subscription at Instantly.

    ``headers`` are those Instantly sends with a delivery, our secret among them: readable here, to be compared, and
    masked in ``raw``, which is stored.
    """

    id: str = Field(min_length=1)
    target_hook_url: str
    event_type: Text = None
    name: Text = None
    campaign: Text = None
    headers: dict[str, Any] | None = None
    custom_interest_value: Number = None
    status: Annotated[WebhookStatus | int | None, Field(union_mode="left_to_right"), WHOLE] = None
    organization: Text = None
    timestamp_created: OptionalMoment = None
    timestamp_error: OptionalMoment = None

    @classmethod
    def storable(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        headers = given.get("headers")
        return {**given, "headers": dict.fromkeys(headers, MASKED)} if isinstance(headers, dict) else dict(given)


class WebhookEventType(Answer):
    """An event type to subscribe to; custom lead labels are listed too."""

    id: str = Field(min_length=1)
    label: Text = None
    type: Text = None


class WebhookTest(Answer):
    """Instantly's result of a test delivery to a webhook."""

    KEY: ClassVar[str] = "success"
    success: bool
    message: Text = None
    response_time_ms: Number = None
    status_code: Number = None
    error: Text = None


class WebhookEvent(Answer):
    """One attempt to deliver; ``payload`` is the body that was sent."""

    id: str = Field(min_length=1)
    success: bool
    timestamp_created: OptionalMoment = None
    timestamp_created_date: Text = None
    organization_id: Text = None
    payload: dict[str, Any] | None = None
    retry_count: Number = None
    will_retry: Flag = None
    webhook_url: Text = None
    status_code: Number = None
    error_message: Text = None
    timestamp_next_retry: OptionalMoment = None
    retry_group_id: Text = None
    retry_successful: Flag = None
    lead_email: Text = None
    response_time_ms: Number = None


class _Outcomes(Answer):
    total_events: Number = None
    successful_events: Number = None
    failed_events: Number = None
    success_rate: Number = None


class WebhookEventsSummary(_Outcomes):
    """Deliveries in a window; rates are percentages."""

    KEY: ClassVar[str] = "total_events"
    failure_rate: Number = None


class WebhookEventsDay(_Outcomes):
    """Deliveries of one day, without the failure rate."""

    KEY: ClassVar[str] = "date"
    date: str
