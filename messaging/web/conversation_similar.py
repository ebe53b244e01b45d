"""`/inbox/<id>/similar`: the most similar judged replies, as a reason for a category."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from messaging.choices import Direction
from messaging.intelligence.triage.neighbours import nearest
from messaging.models import Contact, Message
from messaging.web.conversation_page import ConversationView
from messaging.web.reading_audit import record_reading


class SimilarRepliesView(ConversationView):
    """View of similar replies. A script, which requests them when somebody opens the list, receives only the list; without a script the
    page of the conversation is returned, with the list open.
    """

    statements = 26

    def get(self, request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
        _, contact = self.found(conversation_id)
        message = self.judged(contact)
        found = nearest(message) if message else []
        for each in {each.contact_id for each in found} - {contact.pk}:
            record_reading(request, contact_id=each, organization_id=contact.organization_id, now=self.now)
        offer: dict[str, Any] = {"similar": found, "asked_similar": True}
        if request.headers.get("HX-Request"):
            return TemplateResponse(request, "messaging/similar_replies.html", offer)
        return self.opened(conversation_id, **offer)

    def judged(self, contact: Contact) -> Message | None:
        """Return the mail that decides the conversation's category: a person's latest, else a machine's."""
        received = Message.objects.filter(
            organization=contact.organization_id, contact=contact.pk, direction=Direction.IN
        )
        return received.order_by("is_auto_reply", "-happened_at", "-id").first()
