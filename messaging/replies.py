"""Query received human replies with their categories, and count them by category."""

from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery

from messaging.choices import Direction
from messaging.models import Message, MessageCategory

SHOWN = (
    "id", "organization_id", "subject", "reply_text", "body_text", "happened_at", "direction", "is_auto_reply", "step", "variant",
    "email_account", "contact__id", "contact__email", "contact__first_name", "contact__last_name", "contact__company", "campaign__id",
    "campaign__name",
)  # fmt: skip


def replies(messages: "QuerySet[Message]") -> "QuerySet[Message]":
    """Narrow to mails that people (not programs) wrote to us, with `category` (None before triage), latest first."""
    human = messages.filter(direction=Direction.IN, is_auto_reply=False)
    return with_category(human).select_related("contact", "campaign").only(*SHOWN).order_by("-happened_at", "-id")


def with_category(messages: "QuerySet[Message]") -> "QuerySet[Message]":
    category = MessageCategory.objects.filter(pk=OuterRef("pk")).values("category")
    return messages.annotate(category=Subquery(category))


def counts_since(messages: "QuerySet[Message]", since: datetime) -> dict[str | None, int]:
    """Return how many replies came at or after `since`, by category (None: not sorted yet)."""
    found: Any = with_category(
        messages.filter(direction=Direction.IN, is_auto_reply=False, happened_at__gte=since)
    ).order_by()
    return dict(found.values_list("category").annotate(Count("pk")))
