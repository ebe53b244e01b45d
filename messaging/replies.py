"""Replies of people with their categories; those that wait for an answer."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from messaging.choices import Direction
from messaging.models import Message, MessageCategory

SETTLED = ("not_interested", "unsubscribe", "complaint", "wrong_person", "left_company", "out_of_office", "auto_reply")
"""Categories that ask for no answer."""

FIRST = ("meeting", "interested", "question", "objection", "not_now")
"""Whom to answer first; whatever has no category comes last."""

BACK = timedelta(days=14)
"""Older replies are not asked to be answered any more."""

SHOWN = (
    "id", "organization_id", "subject", "reply_text", "body_text", "happened_at", "direction", "is_auto_reply", "step", "variant",
    "email_account", "contact__id", "contact__email", "contact__first_name", "contact__last_name", "contact__company", "campaign__id",
    "campaign__name",
)  # fmt: skip


def replies(messages: "QuerySet[Message]") -> "QuerySet[Message]":
    """Narrow to mails that people wrote to us, with `category` (None before triage), latest first."""
    human = messages.filter(direction=Direction.IN, is_auto_reply=False)
    return with_category(human).select_related("contact", "campaign").only(*SHOWN).order_by("-happened_at", "-id")


def with_category(messages: "QuerySet[Message]") -> "QuerySet[Message]":
    category = MessageCategory.objects.filter(pk=OuterRef("pk")).values("category")
    return messages.annotate(category=Subquery(category))


def unanswered(messages: "QuerySet[Message]", *, now: datetime) -> "QuerySet[Message]":
    """Narrow to the latest reply of each person of the last 14 days, where it asks for an answer and none was written since;
    meetings first, then by age."""
    later = Message.objects.filter(
        organization=OuterRef("organization"), contact=OuterRef("contact"), happened_at__gt=OuterRef("happened_at")
    ).exclude(is_auto_reply=True)
    rank = Case(
        *(When(category=category, then=Value(place)) for place, category in enumerate(FIRST)),
        default=Value(len(FIRST)),
        output_field=IntegerField(),
    )
    recent = replies(messages.filter(happened_at__gt=now - BACK)).filter(~Exists(later))
    recent = recent.filter(
        Q(category__isnull=True) | ~Q(category__in=SETTLED)
    )  # without a category yet: NULL is in no list
    return recent.annotate(_rank=rank).order_by("_rank", "happened_at", "id")


def counts_since(messages: "QuerySet[Message]", since: datetime) -> dict[str | None, int]:
    """Return how many replies came at or after `since`, by category (None: not sorted yet)."""
    found: Any = with_category(
        messages.filter(direction=Direction.IN, is_auto_reply=False, happened_at__gte=since)
    ).order_by()
    return dict(found.values_list("category").annotate(Count("pk")))
