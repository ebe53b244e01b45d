"""API serializers of outbox replies and of snippets."""

from rest_framework import serializers

from messaging.choices import OutboxState
from messaging.models import OutboxMessage, Snippet
from salesbrain.kernel.messages import shown


class ReplySerializer(serializers.ModelSerializer):
    """A reply that a person wrote. With `email_id` it is an email of the conversation."""

    id = serializers.UUIDField()
    conversation_id = serializers.UUIDField(source="contact_id")
    state = serializers.ChoiceField(
        choices=OutboxState.values,
        help_text="draft, queued, sending, sent, failed, or unknown: the connection broke before the provider answered.",
    )
    author_id = serializers.UUIDField()
    cc = serializers.ListField(child=serializers.CharField())
    reason = serializers.SerializerMethodField(help_text="Why it failed, is unknown, or became a draft again.")

    class Meta:
        model = OutboxMessage
        fields: tuple[str, ...] = (
            "id", "conversation_id", "state", "author_id", "author_name", "text", "cc", "subject", "email_account", "version",
            "queued_at", "undo_until", "send_at", "sent_at", "email_id", "reason",
        )  # fmt: skip

    def get_reason(self, row: OutboxMessage) -> str:
        return shown(row.reason)


class SnippetSerializer(serializers.ModelSerializer):
    """A text for replies, with variables in braces."""

    id = serializers.UUIDField()

    class Meta:
        model = Snippet
        fields: tuple[str, ...] = ("id", "name", "text", "created_at", "updated_at")
