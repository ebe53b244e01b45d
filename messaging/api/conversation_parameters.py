"""Query parameters of the API's conversation list and of a conversation's mails."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from messaging.choices import Lane
from messaging.models import ContactLabel
from salesbrain.api.pagination import PageParameters, ordering
from salesbrain.api.parameters import Boolean, Choice, Cursor, Integer, Key, Moment, Parameters, Text

LONGEST_PAGE = 200


class ConversationList(PageParameters):
    lane = Choice(
        choices=Lane.values,
        help_text="Each conversation is in one lane. A snooze that has ended counts as open; open ones are told apart by category, and "
        "those that need no answer by their category are among the done ones.",
    )
    category = Text(lookup="category", help_text="Of the latest reply, such as interested.")
    label = Text(help_text="A label that people put on the contact.")  # type: ignore[assignment]  # named as Field.label, which is None
    assignee_id = Key(lookup="assignee_id", help_text="The user who takes care of it.")
    unread = Boolean(lookup="is_unread")
    updated_since = Moment(lookup="updated_at__gte", help_text="Only what changed since then.")
    ordering = ordering("-last_mail_at", "updated_at")

    def filter_lane(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.in_lane(Lane(value), now=timezone.now())  # type: ignore[attr-defined]  # of conversations

    def filter_label(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        labels = ContactLabel.objects.filter(
            organization_id=OuterRef("organization_id"), contact_id=OuterRef("pk"), name=value
        )
        return queryset.filter(Exists(labels))


class ConversationThread(Parameters):
    limit = Integer(min_value=1, max_value=LONGEST_PAGE, default=50, help_text="Emails of the conversation.")
    before = Cursor(help_text="`next` of the part before this one.")
