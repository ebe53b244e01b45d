"""API endpoints that read the inbox: list of conversations, one conversation with its mails."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Value
from django.db.models.fields import DateTimeField, UUIDField
from django.db.models.lookups import LessThan
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access_log import record_access
from accounts.choices import AccessAction
from messaging.api.conversation_parameters import ConversationList, ConversationThread
from messaging.api.conversation_serializers import (
    ConversationDetail,
    ConversationSerializer,
    NoteSerializer,
    ThreadMessage,
)
from messaging.api.read_audit import ReadAuditView
from messaging.api.reply_serializers import ReplySerializer
from messaging.inbox import build
from messaging.inbox.seen import newest_event
from messaging.models import Conversation, Event, Message, Note, OutboxMessage
from salesbrain.api import pagination, sqljson
from salesbrain.api.cursors import UnknownCursor, pack, unpack
from salesbrain.api.parameters import as_key
from salesbrain.api.renderers import Answer
from salesbrain.api.responses import Listed

NOTES = 100
REPLIES = 100
BUILDING = {
    "building": {
        "type": ["object", "null"],
        "description": "After an upgrade: conversations are still being built, the list is not complete yet. null: it is.",
        "required": ["built", "total"],
        "properties": {"built": {"type": "integer"}, "total": {"type": "integer"}},
    }
}


class ConversationViewSet(ReadAuditView):
    writes_in_get = ("retrieve",)  # the access log
    tells_texts = ("retrieve",)  # the list holds names and labels, and no text of anybody's mail
    parameters = {"list": ConversationList, "retrieve": ConversationThread}
    shapes = {"list": Listed("conversations", ConversationSerializer, extra=BUILDING), "retrieve": ConversationDetail}

    def list(self, request: Request) -> Response:
        """List conversations, one for each contact who wrote.

        The latest mail first. `lane` narrows to a part of the inbox; `updated_since` with `ordering=updated_at` follows what changes.
        """
        rows, beside = pagination.page(
            request, self.asked, self.asked.filter(self.own(Conversation)), ConversationSerializer
        )
        data: dict[str, Any] = {"conversations": [sqljson.fragment(row) for row in rows], "building": self._building()}
        return Response(Answer(data, beside))

    def retrieve(self, request: Request, conversation_id: str) -> Response:
        """One conversation, with its emails and notes.

        The latest email first; `next` of the answer, sent as `before`, leads on to older ones.
        """
        row = self.one(Conversation, conversation_id)
        self._record_reading(request, row)
        own: dict[str, Any] = {"organization_id": row.organization_id, "contact_id": row.pk}
        messages = Message.objects.filter(**own)
        if self.asked["before"] is not None:
            messages = messages.filter(_older_than(self.asked["before"]))
        limit = self.asked["limit"]
        found = sqljson.page(
            messages, ThreadMessage, order=["-happened_at", "-id"], beside=["happened_at", "id"], limit=limit + 1
        )
        page = found[:limit]
        notes = sqljson.page(Note.objects.filter(**own), NoteSerializer, order=["-created_at", "-id"], limit=NOTES)
        return Response(
            {
                "conversation": self.one_as_json(Conversation, conversation_id, ConversationSerializer),
                "messages": [sqljson.fragment(text) for text, *_ in page],
                "replies": [ReplySerializer(reply).data for reply in self._outbox(row)],
                "notes": [sqljson.fragment(text) for (text,) in notes],
                "seen": newest_event(Event.objects.filter(**own)),
                "next": pack(page[-1][1].isoformat(), str(page[-1][2])) if len(found) > limit else None,
            }
        )

    def _outbox(self, row: Conversation) -> QuerySet[OutboxMessage]:
        return OutboxMessage.objects.of_contact(row.organization_id, row.pk).in_thread()[:REPLIES]

    def _record_reading(self, request: Request, row: Conversation) -> None:
        user: Any = request.user
        record_access(
            organization_id=row.organization_id,
            user=user,
            conversation_id=row.pk,
            action=AccessAction.READ,
            now=timezone.now(),
        )

    def _building(self) -> dict[str, int] | None:
        assert self.scope is not None
        left = build.progress(self.scope.organization_id or self.asked["organization_id"])
        return {"built": left.built, "total": left.total} if left else None


def _older_than(cursor: str) -> Any:
    texts = unpack(cursor, 2)
    try:
        at, id = datetime.fromisoformat(texts[0]), as_key(texts[1])
    except (ValueError, TypeError, OverflowError):
        raise UnknownCursor from None
    if id is None or at.tzinfo is None:
        raise UnknownCursor
    return LessThan(
        pagination.Row(F("happened_at"), F("id")),
        pagination.Row(Value(at, output_field=DateTimeField()), Value(UUID(str(id)), output_field=UUIDField())),
    )
