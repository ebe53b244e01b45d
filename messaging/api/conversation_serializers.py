"""API serializers of conversations, their mails and their notes."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Now
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from messaging.api.reply_serializers import ReplySerializer
from messaging.api.serializers import ContactBrief, MessageSerializer
from messaging.choices import ConversationState, Direction, MessageKind
from messaging.models import Contact, ContactLabel, Conversation, Message, MessageCategory, Note
from salesbrain.api import sqljson

STATE = Case(
    When(state=ConversationState.SNOOZED, snoozed_until__lte=Now(), then=Value(ConversationState.OPEN.value)),
    default=F("state"),
    output_field=CharField(),
)
"""State as of now: a snooze that has ended counts as open, although its row is unchanged."""
LABELS = ArraySubquery(
    ContactLabel.objects.filter(organization_id=OuterRef("organization_id"), contact_id=OuterRef("id"))
    .order_by("name")
    .values("name")
)


class ConversationSerializer(serializers.ModelSerializer):
    """A conversation: everything exchanged with one contact, whose id it shares."""

    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    contact = serializers.SerializerMethodField(help_text="Whose conversation it is.")
    state = serializers.SerializerMethodField(help_text="open, waiting (for the person), snoozed or done.")
    done_reason = serializers.CharField(allow_blank=True, help_text="Why it is done, else empty.")
    category = serializers.CharField(
        allow_null=True, help_text="Of the latest reply: triage's, else what the interest says."
    )
    labels = serializers.SerializerMethodField(help_text="Words that people put on the contact.")
    assignee_id = serializers.UUIDField(allow_null=True, help_text="The user who takes care of it.")

    class Meta:
        model = Conversation
        fields: tuple[str, ...] = (
            "id", "organization_id", "contact", "state", "done_reason", "snoozed_until", "is_unread", "is_untracked", "category",
            "labels", "assignee_id", "waiting_since", "last_inbound_at", "last_human_at", "last_outbound_at", "last_mail_at", "version",
            "created_at", "updated_at",
        )  # fmt: skip

    expressions = {
        "contact": Subquery(
            Contact._base_manager.filter(pk=OuterRef("id"))
            .order_by()
            .annotate(_nested=sqljson._row(ContactBrief))
            .values("_nested")
        ),
        "state": STATE,
        "labels": LABELS,
    }

    @extend_schema_field(ContactBrief)
    def get_contact(self, conversation: Conversation) -> dict[str, Any]:
        return dict(ContactBrief(Contact.objects.get(pk=conversation.pk)).data)

    @extend_schema_field(serializers.ChoiceField(choices=ConversationState.values))
    def get_state(self, conversation: Conversation) -> str:
        until = conversation.snoozed_until
        ended = conversation.state == ConversationState.SNOOZED and until is not None and until <= timezone.now()
        return ConversationState.OPEN.value if ended else conversation.state

    def get_labels(self, conversation: Conversation) -> list[str]:
        labels = ContactLabel.objects.filter(organization=conversation.organization_id, contact=conversation.pk)
        return list(labels.order_by("name").values_list("name", flat=True))


def _of_category(name: str) -> Subquery:
    own = MessageCategory.objects.filter(organization_id=OuterRef("organization_id"), pk=OuterRef("id"))
    return Subquery(own.values(name))


class ThreadMessage(serializers.ModelSerializer):
    """One email of a conversation, of a campaign or written by hand."""

    campaign_id = serializers.UUIDField(allow_null=True)
    direction = serializers.ChoiceField(choices=Direction.values, help_text="out: sent by us; in: received.")
    kind = serializers.ChoiceField(
        choices=MessageKind.values, help_text="manual: written by hand, or of no campaign; in no figure."
    )
    thread_id = serializers.CharField(allow_null=True, help_text="The provider's; null: not told.")
    category = serializers.SerializerMethodField(
        help_text="Triage's, or a person's; null: sent by us, or not read yet."
    )
    category_source = serializers.SerializerMethodField(help_text="staff (a person), fact, rule or model.")
    category_reason = serializers.SerializerMethodField(
        help_text="Why: the rule and the quoted words, or the words and the sentence that weighed most."
    )

    class Meta:
        model = Message
        fields: tuple[str, ...] = (
            "id", "campaign_id", "direction", "kind", "is_auto_reply", "step", "variant", "email_account", "email_id", "thread_id",
            "subject", "body_text", "reply_text", "happened_at", "opened_at", "clicked_at", "bounced_at", "category", "category_source",
            "category_reason",
        )  # fmt: skip

    expressions = {
        "category": _of_category("category"),
        "category_source": _of_category("source"),
        "category_reason": _of_category("reason"),
    }

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_category(self, message: Message) -> str | None:
        return self._of(message, "category")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_category_source(self, message: Message) -> str | None:
        return self._of(message, "source")

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_category_reason(self, message: Message) -> dict[str, Any] | None:
        return self._of(message, "reason")

    def _of(self, message: Message, name: str) -> Any:
        return MessageCategory.objects.filter(pk=message.pk).values_list(name, flat=True).first()


class ExportedMessage(MessageSerializer):
    """One email of an export, with the category of a received one."""

    category = serializers.CharField(allow_null=True, help_text="Triage's, or a person's; null: sent, or not read yet.")
    category_source = serializers.CharField(allow_null=True, help_text="staff (a person), fact, rule or model.")

    class Meta(MessageSerializer.Meta):
        fields: tuple[str, ...] = (*MessageSerializer.Meta.fields, "category", "category_source")

    expressions = {
        **MessageSerializer.expressions,
        "category": _of_category("category"),
        "category_source": _of_category("source"),
    }


class NoteSerializer(serializers.ModelSerializer):
    """A note on a contact, for colleagues."""

    id = serializers.UUIDField()
    author_id = serializers.UUIDField(allow_null=True)

    class Meta:
        model = Note
        fields: tuple[str, ...] = ("id", "text", "author_id", "author_name", "created_at")


class ConversationDetail(serializers.Serializer):
    """A conversation with its emails, latest first, and its notes."""

    conversation = ConversationSerializer()
    messages = ThreadMessage(many=True)
    replies = ReplySerializer(
        many=True, help_text="On their way, failed or unknown: those that are no email yet, oldest first."
    )
    notes = NoteSerializer(many=True)
    seen = serializers.IntegerField(
        help_text="The number of the newest event there is: what somebody who acts on this answer has seen."
    )
    next = serializers.CharField(allow_null=True, help_text="`before` of the next, older part; null: this was all.")
