"""Query parameters of the API's lists of contacts, messages, events and stats."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from messaging import stats
from messaging.choices import Direction
from messaging.events import CONVERSATION_EVENTS, REPLY_CATEGORY, STAFF_VERDICT, EventType
from messaging.models.message import STATUSES
from salesbrain.api.pagination import MAX_LIMIT, PageParameters, ordering
from salesbrain.api.parameters import (
    Address,
    Boolean,
    Choice,
    Choices,
    Cursor,
    Day,
    Integer,
    Key,
    Moment,
    Parameters,
    Text,
)

BIGGEST = 2**63 - 1


class MessageList(PageParameters):
    direction = Choice(choices=Direction.values, lookup="direction", help_text="out: sent by us; in: received.")
    status = Choices(choices=STATUSES, help_text="One or several, separated by commas.")
    category = Text(help_text="The contact's latest verdict, such as lead_interested.")
    step = Integer(min_value=0, max_value=10_000, lookup="step")
    variant = Integer(min_value=0, max_value=10_000, lookup="variant")
    email_account = Address(lookup="email_account", help_text="The address of the mailbox on our side.")
    unread = Boolean(lookup="is_unread", help_text="Received and unread, or read, in the inbox; not known of all.")
    contact_id = Key(lookup="contact_id")
    since = Moment(lookup="happened_at__gte", help_text="At or after.")
    until = Moment(lookup="happened_at__lt", help_text="Before.")
    updated_since = Moment(lookup="updated_at__gte", help_text="Only what changed since then.")
    ordering = ordering("-happened_at", "created_at", "updated_at")

    def filter_status(self, queryset: Any, value: list[str]) -> QuerySet[Any]:
        return queryset.with_status(*value)

    def filter_category(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.alias(_verdict=Coalesce("contact__staff_interest", "contact__interest")).filter(_verdict=value)


class ContactList(PageParameters):
    query = Text(help_text="Part of the address, the name or the company.")
    interest = Text(help_text="The latest verdict, such as lead_interested.")
    band = Text(help_text="Score such as B1, as stored every six hours; one letter or digit: all bands with it.")
    campaign_id = Key(help_text="People of this campaign.")
    replied = Boolean(help_text="true: those who ever answered.")
    bounced = Boolean(help_text="true: those whose address ever bounced.")
    unsubscribed = Boolean(help_text="true: those who unsubscribed.")
    suppressed = Boolean(help_text="true: those who must not be written to.")
    since = Moment(lookup="first_seen_at__gte", help_text="First seen at or after.")
    until = Moment(lookup="first_seen_at__lt", help_text="First seen before.")
    updated_since = Moment(lookup="updated_at__gte", help_text="Only what changed since then.")
    ordering = ordering("email", "updated_at", "created_at", "first_seen_at")

    def filter_query(self, queryset: Any, value: str) -> QuerySet[Any]:
        return queryset.matching(value)

    def filter_band(self, queryset: Any, value: str) -> QuerySet[Any]:
        return queryset.in_band(value.upper())

    def filter_interest(self, queryset: Any, value: str) -> QuerySet[Any]:
        return queryset.with_interest(value)

    def filter_campaign_id(self, queryset: Any, value: Any) -> QuerySet[Any]:
        return queryset.of_campaign(value)

    def filter_replied(self, queryset: QuerySet[Any], value: bool) -> QuerySet[Any]:
        return queryset.filter(replied_at__isnull=not value)

    def filter_bounced(self, queryset: QuerySet[Any], value: bool) -> QuerySet[Any]:
        return queryset.filter(bounced_at__isnull=not value)

    def filter_unsubscribed(self, queryset: QuerySet[Any], value: bool) -> QuerySet[Any]:
        return queryset.filter(unsubscribed_at__isnull=not value)

    def filter_suppressed(self, queryset: Any, value: bool) -> QuerySet[Any]:
        return queryset.suppressed(value)


class SearchParameters(Parameters):
    query = Text(
        required=True,
        help_text='Words, German or English, in any form; "a phrase"; -without; a OR b; the last word may be unfinished. '
        "Up to 200 characters, 12 words.",
    )
    limit = Integer(min_value=1, max_value=MAX_LIMIT, default=50, help_text=f"Rows a page, 1 to {MAX_LIMIT}.")
    cursor = Cursor(help_text="From `next` of the page before.")
    sort = Choice(
        choices=["newest", "relevance"], default="newest", help_text="relevance: ranked among the newest 500 hits."
    )
    campaign_id = Key()
    contact_id = Key()
    direction = Choice(choices=Direction.values, help_text="out: sent by us; in: received.")
    since = Moment(help_text="At or after.")
    until = Moment(help_text="Before.")


class ContactTimeline(Parameters):
    limit = Integer(min_value=1, max_value=MAX_LIMIT, default=100, help_text="Entries of the timeline.")
    before = Cursor(help_text="`next` of the part before this one.")


class EventFeed(Parameters):
    since = Integer(
        min_value=0,
        max_value=BIGGEST,
        default=0,
        help_text="`cursor` of the last answer; 0 begins with the oldest. Nothing is ever skipped or repeated.",
    )
    limit = Integer(min_value=1, max_value=MAX_LIMIT, default=100, help_text=f"Events, 1 to {MAX_LIMIT}.")
    type = Choices(
        choices=[*(kind.value for kind in EventType), STAFF_VERDICT, REPLY_CATEGORY, *CONVERSATION_EVENTS],
        lookup="type__in",
        help_text="One or several, separated by commas.",
    )
    campaign_id = Key(lookup="campaign_id")
    contact_id = Key(lookup="contact_id")


class StatsParameters(Parameters):
    start = Day(
        help_text="First UTC day, included. With `end`: the days between both, in whichever order they are given."
    )
    end = Day(help_text="Last UTC day, included.")
    compare = Choice(
        choices=["previous"],
        help_text="previous: also the period of the same length just before; of a period with `start` and `end`.",
    )
    by = Choice(choices=list(stats.BY), help_text="Break the figures down.")


class OfOneCampaign(StatsParameters):
    by = Choice(choices=[name for name in stats.BY if name != "campaign"], help_text="Break the figures down.")
