"""API serializers of contacts, messages, events and stats."""

from typing import Any, ClassVar

from django.db.models import F
from django.db.models.functions import Coalesce
from rest_framework import serializers

from messaging import contact_variables, stats
from messaging.api.next_step_serializers import NextStepSerializer
from messaging.api.score_serializers import ScoreSerializer
from messaging.choices import Direction, MessageKind
from messaging.models import Contact, DailyStats, Event, Message, Suppression
from messaging.models.message import STATUS, STATUSES
from messaging.models.rollup import ROLLUP_COUNTERS


class ContactBrief(serializers.ModelSerializer):
    class Meta:
        model = Contact
        fields: tuple[str, ...] = ("id", "email", "first_name", "last_name", "company")

    id = serializers.UUIDField()


class MessageSerializer(serializers.ModelSerializer):
    """One email, sent or received, and its state. `null` means: the provider has not reported it."""

    organization_id = serializers.UUIDField()
    campaign_id = serializers.UUIDField(allow_null=True)
    contact = ContactBrief()
    direction = serializers.ChoiceField(choices=Direction.values, help_text="out: sent by us; in: received.")
    kind = serializers.ChoiceField(
        choices=MessageKind.values, help_text="manual: written by hand, or of no campaign; in no figure."
    )
    status = serializers.ChoiceField(choices=STATUSES, help_text="The furthest it came.")

    class Meta:
        model = Message
        fields: tuple[str, ...] = (
            "id", "organization_id", "campaign_id", "contact", "direction", "kind", "status", "is_auto_reply", "step", "variant",
            "email_account", "email_id", "thread_id", "subject", "body_text", "reply_text", "happened_at", "sent_at",
            "opened_at", "clicked_at", "replied_at", "bounced_at", "open_count", "click_count",
            "machine_open_count", "machine_click_count", "is_unread", "created_at", "updated_at",
        )  # fmt: skip

    expressions: ClassVar[dict[str, Any]] = {"status": STATUS}


class Highlight(serializers.Serializer):
    subject = serializers.CharField(allow_null=True, allow_blank=True)
    body = serializers.CharField(allow_null=True, allow_blank=True)


class FoundMessage(MessageSerializer):
    """An email that was found, with the passages that made it a hit."""

    highlight = Highlight(help_text="HTML, safe to show as it is: everything is escaped but our own <mark>…</mark>.")

    class Meta(MessageSerializer.Meta):
        fields: tuple[str, ...] = (*MessageSerializer.Meta.fields, "highlight")


class ContactSerializer(serializers.ModelSerializer):
    """A person an organization writes to."""

    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    interest = serializers.SerializerMethodField(
        help_text="The latest verdict: an event type such as lead_interested, or a label somebody made up. Staff's beats the provider's."
    )

    class Meta:
        model = Contact
        fields: tuple[str, ...] = (
            "id", "organization_id", "email", "first_name", "last_name", "company", "phone", "website", "interest",
            "first_seen_at", "replied_at", "bounced_at", "unsubscribed_at", "complained_at", "meeting_at", "created_at", "updated_at",
        )  # fmt: skip

    expressions = {"interest": Coalesce(F("staff_interest"), F("interest"))}

    def get_interest(self, contact: Contact) -> str | None:
        return contact.interest if contact.staff_interest is None else contact.staff_interest


class SuppressionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Suppression
        fields: tuple[str, ...] = ("reason", "first_at", "last_at", "lifted_at")

    reason = serializers.CharField()


class EventSerializer(serializers.ModelSerializer):
    """One event. `position` is its place in the feed: it only grows, in the order in which events became visible."""

    organization_id = serializers.UUIDField()
    campaign_id = serializers.UUIDField(allow_null=True)
    contact_id = serializers.UUIDField(allow_null=True)
    message_id = serializers.UUIDField(allow_null=True)
    origin = serializers.CharField(
        help_text="How we know: webhook, backfill (gap repair), derived (seen by a sync), staff, customer, rule (worked out by us)."
    )

    payload = serializers.DictField(
        allow_null=True,
        help_text="Of conversation events: what people changed, and what they had seen; null with all others.",
    )

    class Meta:
        model = Event
        fields: tuple[str, ...] = (
            "id", "organization_id", "position", "type", "detail", "origin", "happened_at", "recorded_at", "campaign_id",
            "contact_id", "message_id", "step", "variant", "email_account", "lead_email", "interest", "payload",
        )  # fmt: skip


class TimelineMessage(serializers.ModelSerializer):
    direction = serializers.ChoiceField(choices=Direction.values)

    class Meta:
        model = Message
        fields: tuple[str, ...] = ("id", "direction", "subject", "body_text", "reply_text", "email_account")


class TimelineEntry(serializers.Serializer):
    """One entry of a contact's timeline: an event, with its email where it has one."""

    at = serializers.DateTimeField()
    type = serializers.CharField(
        help_text="An event type; staff_verdict for what our staff said; reply_category for what a reply was taken for; conversation_… for "
        "what people changed in the inbox; message_sent and message_received for emails no event told of."
    )
    detail = serializers.CharField(allow_blank=True)
    campaign_id = serializers.UUIDField(allow_null=True)
    event_id = serializers.IntegerField(allow_null=True)
    message = TimelineMessage(allow_null=True, help_text="With emails sent and received; null with everything else.")


class LeftOutVariable(serializers.Serializer):
    name = serializers.CharField()
    reason = serializers.ChoiceField(choices=[reason.value for reason in contact_variables.Reason])


class ContactDetail(serializers.Serializer):
    """A contact, its suppressions, and everything that happened, latest first."""

    contact = ContactSerializer()
    score = ScoreSerializer(help_text="As of now, with the rows it is the sum of.")
    next_step = NextStepSerializer(help_text="State from facts, and what is suggested.")
    variables = serializers.DictField(
        help_text="What your list says of the person, by name: texts, numbers, truth values. Read every night; {} before the first."
    )
    variables_left_out = LeftOutVariable(
        many=True,
        help_text="Variables that were not taken over: too many, too long, secret by their name, or no plain value.",
    )
    suppressions = SuppressionSerializer(many=True)
    timeline = TimelineEntry(many=True)
    next = serializers.CharField(allow_null=True, help_text="`before` of the next, older part; null: this was all.")


class DailyStatsSerializer(serializers.ModelSerializer):
    """One row of the rollups, for exports."""

    organization_id = serializers.UUIDField()
    campaign_id = serializers.UUIDField(allow_null=True)

    class Meta:
        model = DailyStats
        fields: tuple[str, ...] = (
            "id",
            "organization_id",
            "campaign_id",
            "email_account",
            "day",
            "step",
            "variant",
            *ROLLUP_COUNTERS,
        )


# --- figures: the fields are the table in messaging.stats ---------------------------------------------------------------


def _figures() -> dict[str, serializers.Field]:
    fields: dict[str, serializers.Field] = {}
    for figure in stats.FIGURE_DEFINITIONS:
        fields[figure.name] = serializers.IntegerField(
            allow_null=bool(figure.tracked_by), min_value=0, help_text=figure.meaning
        )
    for rate in stats.RATES:
        fields[rate.name] = serializers.FloatField(allow_null=True, min_value=0, max_value=1, help_text=rate.meaning)
    for name in ("not_tracked", "partly_tracked"):
        fields[name] = serializers.ListField(child=serializers.CharField(), help_text=stats.RULES[name])
    return fields


Figures = type("Figures", (serializers.Serializer,), {"__doc__": "Figures and their rates.", **_figures()})


class Row(Figures):  # type: ignore[misc, valid-type]
    """Figures of one day, campaign, step or email account; the keys depend on `by`."""

    day = serializers.DateField(required=False)
    campaign_id = serializers.UUIDField(required=False, allow_null=True)
    campaign = serializers.CharField(required=False, allow_null=True, help_text="Its name.")
    step = serializers.IntegerField(required=False)
    variant = serializers.IntegerField(required=False)
    email_account = serializers.CharField(required=False, allow_blank=True)


class Period(serializers.Serializer):
    start = serializers.DateField(allow_null=True)
    end = serializers.DateField(allow_null=True)


class Before(Figures):  # type: ignore[misc, valid-type]
    """Figures of the preceding period of the same length."""

    period = Period()


class Stats(Figures):  # type: ignore[misc, valid-type]
    """Figures of a period, their meaning, and on request those of the preceding period and a breakdown."""

    period = Period()
    before = Before(
        allow_null=True, help_text="With `compare=previous` and a period with start and end; otherwise null."
    )
    by = serializers.CharField(allow_null=True)
    rows = Row(many=True, help_text="With `by`, otherwise empty. What has nothing is left out.")
    definitions = serializers.DictField(child=serializers.CharField(), help_text="What each figure and rate means.")


class Usage(serializers.Serializer):
    sent_today = serializers.IntegerField(help_text="Emails, this UTC day.")
    daily_limit = serializers.IntegerField(allow_null=True, help_text="Emails a day; null: not told.")
    left_today = serializers.IntegerField(allow_null=True)
    sent_last_7_days = serializers.IntegerField()
    sent_last_30_days = serializers.IntegerField()


class Deliverability(serializers.Serializer):
    is_healthy = serializers.BooleanField()
    status = serializers.CharField()
    status_reason = serializers.CharField(allow_blank=True)
    warmup_status = serializers.CharField()
    warmup_score = serializers.FloatField(allow_null=True, help_text="0 to 100, the provider's.")
    bounce_rate = serializers.FloatField(allow_null=True, help_text=stats.DEFINITIONS["bounce_rate"])
    complaint_rate = serializers.FloatField(allow_null=True, help_text=stats.DEFINITIONS["complaint_rate"])
    reply_rate = serializers.FloatField(allow_null=True, help_text=stats.DEFINITIONS["reply_rate"])


class CampaignOfAccount(Figures):  # type: ignore[misc, valid-type]
    campaign_id = serializers.UUIDField(allow_null=True)
    campaign = serializers.CharField(allow_null=True, help_text="Its name.")


class EmailAccountStats(Stats):
    """Figures of one email account, with its usage, its campaigns, and its deliverability."""

    usage = Usage()
    campaigns = CampaignOfAccount(many=True)
    deliverability = Deliverability()
