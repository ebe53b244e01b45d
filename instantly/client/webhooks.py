"""Client methods for webhook subscriptions and for Instantly's log of its deliveries."""

from collections.abc import Mapping
from typing import Any

from instantly.schemas import (
    Webhook,
    WebhookEvent,
    WebhookEventsDay,
    WebhookEventsSummary,
    WebhookEventType,
    WebhookTest,
)

from . import operations as op
from .calls import Calls
from .listing import Listing
from .values import Day, without_none


class WebhookCalls(Calls):
    def webhooks(self, *, campaign: str | None = None, event_type: str | None = None) -> Listing[Webhook]:
        return self._list(op.WEBHOOKS, Webhook, query=without_none(campaign=campaign, event_type=event_type))

    def webhook(self, webhook_id: str) -> Webhook:
        return self._one(op.WEBHOOK, Webhook, path={"id": webhook_id})

    def create_webhook(
        self,
        target_hook_url: str,
        *,
        event_type: str | None = None,
        name: str | None = None,
        campaign: str | None = None,
        headers: Mapping[str, str] | None = None,
        custom_interest_value: float | None = None,
    ) -> Webhook:
        """Create a subscription. Only ``event_type="all_events"`` includes automatic replies and custom labels."""
        body = without_none(
            target_hook_url=target_hook_url, event_type=event_type, name=name, campaign=campaign,
            headers=None if headers is None else dict(headers), custom_interest_value=custom_interest_value,
        )  # fmt: skip
        return self._one(op.CREATE_WEBHOOK, Webhook, body=body)

    def update_webhook(self, webhook_id: str, **fields: Any) -> Webhook:
        """Change the named fields of a webhook subscription."""
        if not fields:
            raise ValueError("There is nothing to change; name at least one field.")
        return self._one(op.UPDATE_WEBHOOK, Webhook, path={"id": webhook_id}, body=fields)

    def delete_webhook(self, webhook_id: str) -> Webhook:
        """End a subscription; returns it as it was."""
        return self._one(op.DELETE_WEBHOOK, Webhook, path={"id": webhook_id})

    def webhook_event_types(self) -> Listing[WebhookEventType]:
        """Return the event types that this workspace can subscribe to, custom labels included."""
        return self._list(op.WEBHOOK_EVENT_TYPES, WebhookEventType, items="event_types")

    def test_webhook(self, webhook_id: str) -> WebhookTest:
        """Have Instantly deliver a test; a failed delivery is an answer (``success`` False), not an error."""
        return self._one(op.TEST_WEBHOOK, WebhookTest, path={"id": webhook_id})

    def resume_webhook(self, webhook_id: str) -> Webhook:
        """Switch a subscription on again that Instantly switched off."""
        return self._one(op.RESUME_WEBHOOK, Webhook, path={"id": webhook_id})

    def webhook_events(
        self, *, success: bool | None = None, from_date: Day | None = None, to_date: Day | None = None,
        search: str | None = None,
    ) -> Listing[WebhookEvent]:  # fmt: skip
        """List attempts to deliver, days inclusive; ``search`` is exactly a webhook URL or a lead's address."""
        query = {"success": success, "from": from_date, "to": to_date, "search": search}
        return self._list(op.WEBHOOK_EVENTS, WebhookEvent, query=query)

    def webhook_event(self, event_id: str) -> WebhookEvent:
        return self._one(op.WEBHOOK_EVENT, WebhookEvent, path={"id": event_id})

    def webhook_events_summary(
        self, *, from_date: Day | None = None, to_date: Day | None = None
    ) -> WebhookEventsSummary:
        query = {"from": from_date, "to": to_date}
        return self._one(op.WEBHOOK_EVENTS_SUMMARY, WebhookEventsSummary, query=query)

    def webhook_events_by_date(
        self, *, from_date: Day | None = None, to_date: Day | None = None
    ) -> Listing[WebhookEventsDay]:
        """Return numbers of delivery attempts by day."""
        return self._list(op.WEBHOOK_EVENTS_BY_DATE, WebhookEventsDay, query={"from": from_date, "to": to_date})
