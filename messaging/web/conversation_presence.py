"""`/inbox/<id>/presence`: record that a user has a conversation open or types; return the other users."""

from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext

from accounts.permissions import Permission
from messaging.inbox import presence
from messaging.models import Conversation
from messaging.web.inbox import InboxBase
from salesbrain import rls


class PresenceView(InboxBase):
    """View of presence. Observers, and staff without a writing role, see others but are not shown themselves."""

    template_name = "web/error.html"  # none is rendered: the answer is JSON
    http_method_names = ["post"]
    runs_in_scope = False

    def post(self, request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
        assert self.scope is not None
        with transaction.atomic(), rls.scope(self.scope):
            conversation: Conversation = get_object_or_404(self.own(Conversation), pk=conversation_id)
        scope, now = self.acting_scope(conversation.organization_id), self.now
        with transaction.atomic():
            if self.may(Permission.SHOW_PRESENCE, conversation.organization_id):
                writing = request.POST.get("writing") == "1"
                presence.present(scope, by=self.user, conversation_id=conversation_id, writing=writing, now=now)
            others = presence.others(scope, by=self.user, conversation_id=conversation_id, now=now)
        return JsonResponse({"text": " · ".join(_words(other) for other in others)})


def _words(other: presence.Present) -> str:
    text = gettext("%(who)s is writing") if other.is_writing else gettext("%(who)s is looking at this")
    return text % {"who": other.name}
