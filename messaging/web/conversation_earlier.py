"""`/inbox/<id>/earlier`: an earlier reply that led to a meeting, offered as a draft."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from messaging.intelligence.earlier_replies import earlier_reply
from messaging.web.conversation_page import ConversationView
from messaging.web.reading_audit import record_reading


class EarlierReplyView(ConversationView):
    """View that offers an earlier reply. A script receives only the offer; without a script the page of the conversation is returned, with
    the offer in its composer.

    The offer is a text of another conversation, so the reading of that one is recorded as well.
    """

    statements = 20

    def get(self, request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
        _, contact = self.found(conversation_id)
        earlier = earlier_reply(contact)
        if earlier is not None:
            record_reading(
                request, contact_id=earlier.contact_id, organization_id=contact.organization_id, now=self.now
            )
        offer: dict[str, Any] = {"earlier": earlier, "was_asked": True}
        if request.headers.get("HX-Request"):
            return TemplateResponse(request, "messaging/earlier_reply.html", offer)
        return self.opened(conversation_id, **offer)
