"""`/messages/<id>/body`: HTML of one mail, for a sandboxed frame."""

from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from messaging import mail_documents
from messaging.models import Message
from messaging.web.reading_audit import record_reading
from messaging.web.scoped import OutreachView


class MessageBodyView(OutreachView):
    """HTML of a mail for a sandboxed frame; the protections are described in messaging.mail_documents."""

    writes_in_get = True
    template_name = "web/error.html"  # none is rendered: the document is written by itself
    example_arguments = {"message_id": UUID("00000000-0000-4000-8000-0000000000b1")}

    def get(self, request: HttpRequest, message_id: UUID) -> HttpResponseBase:
        message: Message = self.one(Message, message_id)
        record_reading(request, contact_id=message.contact_id, organization_id=message.organization_id, now=self.now)
        return mail_documents.document(html=message.body_html, text=message.body_text)
