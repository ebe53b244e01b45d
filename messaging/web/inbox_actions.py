"""`/inbox/act`: form that changes one or many conversations (snooze, done, assign …), and its undo.

Many conversations are changed in chunks, each a transaction of its own, so the view enters no RLS scope before it has found the
organizations of the conversations.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.db.models import Max
from django.http import Http404, HttpRequest, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from accounts.permissions import RoleTooLow
from accounts.refusals import Refusal
from messaging.inbox import listing, undoing
from messaging.inbox.bulk import MOST, change_each
from messaging.models import Conversation, Event
from messaging.web import inbox_asked
from messaging.web.inbox import PART, InboxBase
from messaging.web.inbox_changes import (
    ACTIONS,
    FOR_GOOD,
    OF_WHAT_WAS_SEEN,
    TYPED,
    UNDONE_BY_SERVICE,
    Given,
    named_action,
    number_of,
)
from messaging.web.inbox_words import did
from salesbrain import rls
from salesbrain.web import organizations

SALT = "messaging.inbox.undo"


class ActView(InboxBase):
    """View of the form: it names the action, the conversations (or `all` of a lane) and the newest event on the screen (`seen`)."""

    template_name = "web/error.html"  # none is rendered: the answer is an address, or JSON for a script
    http_method_names = ["post"]
    runs_in_scope = False

    def post(self, request: HttpRequest) -> HttpResponseBase:
        action = named_action(request.POST)
        if action == "undo":
            return self.undo(request.POST.get("token", ""))
        if action == TYPED:
            return self.answered(gettext("Nothing was changed."), "")
        if action not in ACTIONS:
            raise Http404
        if action == "read" and self.user.is_staff:
            return self.refused(gettext("What staff look at stays unread for the customer."))
        try:
            change, given = ACTIONS[action](self, request.POST)
            whose, left = self.chosen()
            before = self.positions(whose.values())
            seen = self.seen_in_list(whose) if action in OF_WHAT_WAS_SEEN else {}
            outcome = change_each(
                whose,
                lambda id: change(
                    self.acting_scope(whose[id]), by=self.user, conversation_id=id, now=self.now, **given,
                    **({"seen": seen[id]} if id in seen else {}),
                ),
            )  # fmt: skip
        except (Refusal, RoleTooLow) as refusal:
            return self.refused(str(refusal))
        token = self.token(action, whose, before, given) if outcome.changed and action not in FOR_GOOD else ""
        return self.answered(did(action, outcome, left), token)

    # --- which ones ---------------------------------------------------------------------------------------------------

    def chosen(self) -> tuple[dict[UUID, UUID], int]:
        """Return the conversations with their organizations, and how many more there are than one request changes."""
        post = self.request.POST
        with transaction.atomic(), rls.scope(self._scope):
            if "all" in post:
                asked = inbox_asked.read(QueryDict(post.get("query", "")), user_id=self.user.pk)
                keys = listing.keys(asked, self.organizations, now=self.now, limit=listing.MOST_COUNTED + MOST)
                left = max(len(keys) - MOST, 0)
            else:
                keys, left = [key for text in post.getlist("id")[:MOST] if (key := organizations.parse(text))], 0
            found = self.own(Conversation).filter(pk__in=keys[:MOST]).values_list("pk", "organization_id")
            return dict(found), left

    def seen_in_list(self, whose: Mapping[UUID, UUID]) -> dict[UUID, int]:
        """Return the newest event of each conversation up to the feed position at which the list was rendered; nothing if the form does not
        name that position. A reply recorded after it counts as unseen and opens its conversation again.
        """
        position = number_of(self.request.POST.get("position", ""))
        if position is None:
            return {}
        with transaction.atomic(), rls.scope(self._scope):
            events = Event.objects.filter(
                organization_id__in=set(whose.values()), contact_id__in=list(whose), position__lte=position
            )
            newest = events.order_by().values_list("contact_id").annotate(Max("pk"))
            return {**dict.fromkeys(whose, 0), **dict(newest)}

    @property
    def _scope(self) -> rls.Scope:
        assert self.scope is not None
        return self.scope

    # --- undo ---------------------------------------------------------------------------------------------------------

    def positions(self, whose: Any) -> dict[str, int]:
        """Return the current feed position of each organization; an undo covers the events between the positions before and after an
        action.
        """
        with transaction.atomic(), rls.scope(self._scope):
            return {str(id): listing.choices([id]).position for id in sorted(set(whose))}

    def token(self, action: str, whose: Mapping[UUID, UUID], before: Mapping[str, int], given: Given) -> str:
        """Return a signed token for undoing an action. It holds the feed positions before and after the action, or the conversations if a
        service undoes it, with the key of a decided suggestion.
        """
        ids = [str(id) for id in whose] if action in UNDONE_BY_SERVICE else []
        after = self.positions(whose.values())
        spans = {id: (position, after[id]) for id, position in before.items()}
        named = {"by": str(self.user.pk), "spans": spans, "action": action, "ids": ids, "key": given.get("key", "")}
        return signing.dumps(named, salt=SALT, compress=True)

    def undo(self, token: str) -> HttpResponseBase:
        try:
            named = signing.loads(token, salt=SALT, max_age=undoing.LASTS)
        except signing.BadSignature:
            return self.refused(gettext("It is too late to undo this."))
        if named["by"] != str(self.user.pk):
            raise Http404
        mine = set(self.organizations)
        count = 0
        try:
            for text, (after, until) in named["spans"].items():
                if (id := UUID(text)) in mine:
                    count += self.undone(id, after, until, named)
        except (Refusal, RoleTooLow) as refusal:
            return self.refused(str(refusal))
        return self.answered(gettext("Undone.") if count else gettext("It cannot be undone any more."), "")

    def undone(self, organization_id: UUID, after: int, until: int, named: Mapping[str, Any]) -> int:
        """Undo an action in one organization: by the service that reverts it, else by reverting the events between the two positions."""
        scope = self.acting_scope(organization_id)
        taken_back = 0
        if service := UNDONE_BY_SERVICE.get(named["action"]):
            own, key = [UUID(id) for id in named["ids"]], {"key": named["key"]} if named.get("key") else {}
            taken_back = change_each(
                own, lambda id: service(scope, by=self.user, conversation_id=id, now=self.now, **key)
            ).changed
        with transaction.atomic(), rls.scope(scope):
            events = Event.objects.filter(
                organization=organization_id, position__gt=after, position__lte=until, type__in=undoing.UNDOING,
                payload__by=str(self.user.pk),
            )  # fmt: skip
            first = {contact: event for event, contact in events.order_by("-pk").values_list("pk", "contact_id")}

        def undo_event(id: UUID) -> bool:
            return undoing.undo_change(scope, by=self.user, conversation_id=id, event_id=first[id], now=self.now)

        return max(taken_back, change_each(first, undo_event).changed)

    # --- answers ------------------------------------------------------------------------------------------------------

    def answered(self, text: str, token: str) -> HttpResponseBase:
        if self.request.headers.get(PART):
            return JsonResponse({"text": text, "undo": token})
        messages.success(self.request, text)
        return self.back(token)

    def refused(self, text: str) -> HttpResponseBase:
        if self.request.headers.get(PART):
            return JsonResponse({"text": text, "undo": "", "refused": True}, status=422)
        messages.error(self.request, text)
        return self.back("")

    def back(self, token: str) -> HttpResponseBase:
        """Redirect to the form's `next`, or to the inbox if that is not below it. `token`: identifies the change to undo, or empty."""
        to = self.request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(to, allowed_hosts=None) or not to.startswith(reverse("inbox")):
            to = reverse("inbox")
        if token:
            to += f"{'&' if '?' in to else '?'}undo={token}"
        return redirect(to)
