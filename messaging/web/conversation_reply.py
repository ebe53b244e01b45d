"""`/inbox/<id>/reply`: forms for drafts, sending, undo, retry, decision on an unknown outcome."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext

from accounts.permissions import RoleTooLow
from accounts.refusals import Refusal
from messaging.inbox import outbox
from messaging.inbox.refusals import NewerMail, NoEarlierReply
from messaging.inbox.snooze_words import read_time
from messaging.intelligence.earlier_replies import earlier_reply
from messaging.models import Conversation
from messaging.web import contact_zone_words, inbox_asked
from messaging.web.conversation_page import ConversationView
from messaging.web.inbox import PART
from salesbrain import rls
from salesbrain.web import organizations

Given = dict[str, Any]


class ReplyView(ConversationView):
    """Form of a reply. A script gets the updated conversation, or 409 with mails its reader had not seen; without a script, a redirect."""

    http_method_names = ["post"]
    runs_in_scope = False

    def post(self, request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
        act = ACTIONS.get(request.POST.get("action", ""))
        if act is None:
            raise Http404
        assert self.scope is not None
        with transaction.atomic(), rls.scope(self.scope):
            conversation: Conversation = get_object_or_404(self.own(Conversation), pk=conversation_id)
        given: Given = {"by": self.user, "now": self.now}
        try:
            act(self, self.acting_scope(conversation.organization_id), conversation_id, request.POST, given)
        except NewerMail as newer:
            return self.again(conversation_id, 409, newer=newer.newer, problem=str(newer))
        except (Refusal, RoleTooLow) as refusal:
            return self.again(conversation_id, 422, problem=str(refusal))
        if request.POST["action"] == "draft":
            return HttpResponse(status=204)
        if request.headers.get(PART):
            return self.again(conversation_id, 200)
        return redirect(inbox_asked.address(self.asked, conversation_id))

    def again(self, conversation_id: UUID, status: int, **more: Any) -> HttpResponseBase:
        """Return the conversation's page with the typed text, after a reply that was not sent."""
        typed = self.request.POST if status != 200 else QueryDict()
        assert self.scope is not None
        with transaction.atomic(), rls.scope(self.scope):
            return self.opened(
                conversation_id, status=status, typed=typed.get("text", ""), typed_when=typed.get("when", ""), typed_cc=typed.get("cc", ""),
                undo_seconds=_number(typed.get("undo")) or outbox.UNDO_SECONDS, **more,
            )  # fmt: skip

    def send(self, scope: rls.Scope, id: UUID, post: QueryDict, given: Given) -> None:
        when = post.get("when", "").strip()
        zone = contact_zone_words.zone_of(post.get("zone", ""), self.user.zone())
        send_at: datetime | None = read_time(when, now=self.now, zone=zone) if when else None
        outbox.send(
            scope, conversation_id=id, text=post.get("text", ""), version=_number(post.get("version")), cc=_addresses(post.get("cc", "")),
            send_at=send_at, undo_seconds=_number(post.get("undo")) or outbox.UNDO_SECONDS, anyway="anyway" in post, **given,
        )  # fmt: skip

    def draft(self, scope: rls.Scope, id: UUID, post: QueryDict, given: Given) -> None:
        outbox.save_draft(
            scope, conversation_id=id, text=post.get("text", ""), cc=_addresses(post.get("cc", "")),
            version=_number(post.get("version")) or None, **given,
        )  # fmt: skip

    def earlier(self, scope: rls.Scope, id: UUID, post: QueryDict, given: Given) -> None:
        """Append an earlier reply that led to a meeting to the typed text, and store both as a draft."""
        assert self.scope is not None
        with transaction.atomic(), rls.scope(self.scope):
            _, contact = self.found(id)
            found = earlier_reply(contact)
        if found is None:
            raise NoEarlierReply
        text = "\n\n".join(part for part in (post.get("text", "").strip(), found.text) if part)
        outbox.save_draft(
            scope, conversation_id=id, text=text, cc=_addresses(post.get("cc", "")), version=_number(post.get("version")) or None, **given,
        )  # fmt: skip

    def undo(self, scope: rls.Scope, id: UUID, post: QueryDict, given: Given) -> None:
        if not outbox.undo(scope, outbox_id=_reply_of(post), **given) and not self.request.headers.get(PART):
            messages.error(self.request, gettext("It is being sent already and cannot be taken back."))

    def retry(self, scope: rls.Scope, id: UUID, post: QueryDict, given: Given) -> None:
        outbox.retry(scope, outbox_id=_reply_of(post), version=_number(post.get("version")) or None, **given)

    def resolve(self, scope: rls.Scope, id: UUID, post: QueryDict, given: Given) -> None:
        outbox.resolve_unknown(scope, outbox_id=_reply_of(post), was_sent=post.get("was_sent") == "yes", **given)


ACTIONS: Mapping[str, Callable[[ReplyView, rls.Scope, UUID, QueryDict, Given], None]] = {
    "send": ReplyView.send,
    "draft": ReplyView.draft,
    "earlier": ReplyView.earlier,
    "undo": ReplyView.undo,
    "retry": ReplyView.retry,
    "resolve": ReplyView.resolve,
}


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


def _addresses(text: str) -> list[str]:
    return [one for one in text.replace(";", ",").split(",") if one.strip()]


def _reply_of(post: QueryDict) -> UUID:
    key = organizations.parse(post.get("reply", ""))
    if key is None:
        raise Http404
    return key
