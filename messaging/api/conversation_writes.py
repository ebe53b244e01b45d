"""API endpoints that change conversations: state, assignee, labels, notes, replies."""

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.parameters import InOneOrganization
from accounts.api.team_views import InOrganization
from messaging.api import conversation_bodies as bodies
from messaging.api import errors  # noqa: F401  says how this app's refusals are answered
from messaging.api.conversation_serializers import ConversationSerializer
from messaging.api.reply_serializers import ReplySerializer
from messaging.choices import DoneReason
from messaging.inbox import outbox, services
from messaging.intelligence.triage import conversation_category
from messaging.models import Conversation, OutboxMessage
from salesbrain import rls
from salesbrain.api.idempotency import HEADER, run_once
from salesbrain.api.responses import Made


class ConversationChangeViewSet(InOrganization):
    """Changes of a conversation, one route each. The response is the conversation after the change, also where nothing changed."""

    tag = "Customers"
    rate = "write"
    in_transaction = False
    outside = ("snooze", "done", "reopen", "assign", "label", "unlabel", "note", "category")
    idempotent = outside
    parameters = dict.fromkeys(outside, InOneOrganization)
    bodies = {
        "snooze": bodies.SnoozeBody,
        "done": bodies.DoneBody,
        "reopen": bodies.SeenBody,
        "assign": bodies.AssigneeBody,
        "label": bodies.LabelBody,
        "unlabel": bodies.LabelBody,
        "note": bodies.NoteBody,
        "category": bodies.CategoryBody,
    }
    shapes = dict.fromkeys(outside, ConversationSerializer)
    answers_too = (409,)

    def snooze(self, request: Request, conversation_id: str) -> HttpResponseBase:
        """Put a conversation away until a time, or until the person writes.

        For members and owners.
        """
        return self._changed(request, conversation_id, services.snooze)

    def done(self, request: Request, conversation_id: str) -> HttpResponseBase:
        """Close a conversation.

        For members and owners. A reply that comes after what was `seen` opens it again.
        """
        return self._changed(
            request, conversation_id, services.done, read=lambda body: {**body, "reason": DoneReason(body["reason"])}
        )

    def reopen(self, request: Request, conversation_id: str) -> HttpResponseBase:
        """Put a conversation back among the open ones.

        For members and owners.
        """
        return self._changed(request, conversation_id, services.reopen)

    def assign(self, request: Request, conversation_id: str) -> HttpResponseBase:
        """Assign a conversation to a person, or to nobody.

        For members and owners.
        """
        return self._changed(request, conversation_id, services.assign)

    def label(self, request: Request, conversation_id: str) -> HttpResponseBase:
        """Put a label on a conversation's contact.

        For members and owners.
        """
        return self._changed(request, conversation_id, services.label)

    def unlabel(self, request: Request, conversation_id: str) -> HttpResponseBase:
        """Take a label off a conversation's contact.

        For members and owners.
        """
        return self._changed(request, conversation_id, services.unlabel)

    def note(self, request: Request, conversation_id: str) -> HttpResponseBase:
        """Write a note on a conversation's contact, for colleagues.

        For members and owners.
        """
        return self._changed(request, conversation_id, services.note)

    def category(self, request: Request, conversation_id: str) -> HttpResponseBase:
        """Correct the category that triage gave a reply.

        For members and owners. It holds from then on, and the organization's triage learns from it; it changes neither interest nor
        suppressions.
        """
        return self._changed(request, conversation_id, conversation_category.correct_category)

    def _changed(
        self,
        request: Request,
        conversation_id: str,
        service: Callable[..., bool],
        read: Callable[[dict[str, Any]], dict[str, Any]] = dict,
    ) -> HttpResponseBase:
        scope, user = self.caller
        key, given = self.key(conversation_id), read(self.body(request))

        def work() -> Response:
            service(scope, by=user, conversation_id=key, now=timezone.now(), **given)
            return Response(self.as_json(Conversation, key, ConversationSerializer))

        return run_once(request, work)


class ReplyViewSet(InOrganization):
    """Replies. Their Idempotency-Key is stored in the outbox row too: the table of keys is unlogged, hence empty after a crash."""

    tag = "Customers"
    rate = "write"
    rates = {"retrieve": "default"}
    outside = ("create", "undo", "retry", "resolve")
    idempotent = ("create",)
    parameters = {
        **dict.fromkeys(outside, InOneOrganization),
        "retrieve": InOneOrganization,
    }
    bodies = {"create": bodies.ReplyBody, "retry": bodies.RetryBody, "resolve": bodies.ResolveBody}
    shapes = {
        "create": Made(ReplySerializer),
        "retrieve": ReplySerializer,
        "undo": ReplySerializer,
        "retry": ReplySerializer,
        "resolve": ReplySerializer,
    }
    answers_too = {"create": (409,), "retry": (409,), "resolve": (409,)}

    def create(self, request: Request, conversation_id: str) -> Response:
        """Send a reply, from the email account the person wrote to.

        For members and owners. It is queued, can be undone for `undo_seconds`, and is sent then, or at `send_at`. `newer_mail` (409)
        where something came that whoever wrote it has not seen, or a reply is on its way: `newer` says what. Send it again with the
        `version` from there (and `anyway`, if a reply is on its way) if it is still meant. `cannot_send` (409): `detail` says why.
        """
        scope, user = self.caller
        row = outbox.send(
            scope,
            by=user,
            conversation_id=self.key(conversation_id),
            now=timezone.now(),
            idempotency_key=_idempotency_key(request),
            **self.body(request),
        )
        return Response(ReplySerializer(row).data, status=201)

    def retrieve(self, request: Request, outbox_id: str) -> Response:
        """Return one reply and its state."""
        return Response(ReplySerializer(self.one(OutboxMessage, outbox_id)).data)

    def undo(self, request: Request, outbox_id: str) -> Response:
        """Make a reply a draft again.

        For members and owners. Once sending has begun it is too late: then the answer has another state than `draft`.
        """
        scope, user = self.caller
        outbox.undo(scope, by=user, outbox_id=self.key(outbox_id), now=timezone.now())
        return self._as_it_is(outbox_id)

    def retry(self, request: Request, outbox_id: str) -> Response:
        """Send a failed reply again.

        For members and owners. `newer_mail` and `cannot_send` (409) as with a new one; `cannot_retry` (409): it did not fail.
        """
        scope, user = self.caller
        key = self.key(outbox_id)
        row = outbox.retry(scope, by=user, outbox_id=key, now=timezone.now(), **self.body(request))
        return Response(ReplySerializer(row).data)

    def resolve(self, request: Request, outbox_id: str) -> Response:
        """Decide whether a reply of unknown outcome was sent.

        For members and owners, after a look into the Sent folder. If it was not sent, it is a draft again. `nothing_to_decide` (409):
        the outcome is known by now.
        """
        scope, user = self.caller
        key = self.key(outbox_id)
        row = outbox.resolve_unknown(scope, by=user, outbox_id=key, now=timezone.now(), **self.body(request))
        return Response(ReplySerializer(row).data)

    def _as_it_is(self, outbox_id: str) -> Response:
        assert self.scope is not None
        with rls.scope(self.scope):
            return Response(ReplySerializer(self.one(OutboxMessage, outbox_id)).data)


def _idempotency_key(request: Request) -> str | None:
    given: str | None = request.META.get("HTTP_" + HEADER.upper().replace("-", "_"))
    if given is not None and not 1 <= len(given) <= 255:
        raise ValidationError({HEADER: [_("Give 1 to 255 characters, best a random UUID.")]})
    return given
