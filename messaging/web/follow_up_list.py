"""`/follow-ups`: page of contacts to write to, each with reason and day, and forms for decisions."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import mails
from accounts.permissions import Permission, RoleTooLow
from accounts.refusals import Refusal
from messaging.follow_ups import decisions, subscriptions
from messaging.follow_ups.decisions import Why
from messaging.follow_ups.listing import MOST, Listed, Row, Show, listed
from messaging.intelligence.next_steps.states import State
from messaging.intelligence.next_steps.suggestions import CASES, KEYS, Decision, SuggestionKind
from messaging.models import Contact
from messaging.web import follow_up_words
from messaging.web.inbox import InboxBase
from salesbrain import rls
from salesbrain.web import organizations
from salesbrain.web.figures import number
from salesbrain.web.lists import Column, ListView

SUBSCRIPTIONS: Mapping[str, Any] = {
    "digest_on": (subscriptions.subscribe, _("You get a digest on working days, if something is to be done.")),
    "digest_off": (subscriptions.unsubscribe, _("You get no further digest.")),
}


class FollowUpFilter(forms.Form):
    show = forms.ChoiceField(
        label=_("Shown"), required=False, choices=[("", Show.OPEN.label), *((each.value, each.label) for each in Show if each != Show.OPEN)]
    )  # fmt: skip
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any state")), *State.choices])
    kind = forms.ChoiceField(
        label=_("Suggestion"), required=False, choices=[("", _("Any suggestion")), *SuggestionKind.choices]
    )


class FollowUpBase(InboxBase):
    navigation_name = "follow_ups"


class FollowUpListView(FollowUpBase, ListView):
    template_name = "messaging/follow_ups.html"
    title = _("Follow-ups")
    form_class = FollowUpFilter
    orders = ("on",)
    file_name = "follow-ups"
    statements = 12
    columns = (
        Column(_("Email"), "contact.email"), Column(_("First name"), "contact.first_name"), Column(_("Last name"), "contact.last_name"),
        Column(_("Company"), "contact.company"), Column(_("State"), "state"), Column(_("Reason"), "reason"),
        Column(_("Suggestion"), "what"), Column(_("On"), "row.on"), Column(_("Their words"), "words"), Column(_("Decision"), "decided"),
    )  # fmt: skip

    def rows(self, filters: dict[str, Any], order: str, offset: int, limit: int) -> Iterable[dict[str, Any]]:
        rows = self.found(filters).rows[offset : offset + limit]
        return [self.in_words(row) for row in rows]

    def count(self, filters: dict[str, Any]) -> int:
        return len(self.found(filters).rows)

    def found(self, filters: Mapping[str, Any]) -> Listed:
        if self._found is None:
            asked = {name: filters.get(name, "") for name in ("state", "kind")}
            show = Show(filters.get("show") or Show.OPEN)
            self._found = listed(self.organizations, now=self.moment, show=show, **asked)
        return self._found

    _found: Listed | None = None

    @cached_property
    def moment(self) -> datetime:
        """Return the current time in the reader's time zone, which decides what day it is."""
        return self.now.astimezone(self.user.zone())

    def in_words(self, row: Row) -> dict[str, Any]:
        shown = follow_up_words.described(row, today=self.moment.date(), texts=not self.user.is_staff)
        shown["may"] = self.may(Permission.FOLLOW_UP, row.contact.organization_id)
        return shown

    def switches(self) -> list[dict[str, Any]]:
        """Return the kinds of suggestions that are switched off, with their number of dismissals."""
        chosen = self._found.preferences if self._found else {}
        return [
            {"kind": kind, "label": kind.label, "dismissed": prefer.dismissed.get(kind, 0), "cases": CASES,
             "organization": organization, "may": self.may(Permission.MANAGE_SUGGESTIONS, organization)}
            for organization, prefer in chosen.items()
            for kind in sorted(prefer.switched_off)
        ]  # fmt: skip

    def digest(self) -> dict[str, Any]:
        """Return the state of the daily digest's switch for the template; nothing without an organization, or where no mails are sent."""
        scope = self.scope
        if scope is None or scope.organization_id is None or not mails.are_sent():
            return {}
        subscribed = subscriptions.is_subscribed(scope, self.user)
        return {
            "shows_digest": subscribed or self.may(Permission.FOLLOW_UP, scope.organization_id),
            "has_digest": subscribed,
        }

    def render(self, context: dict[str, Any] | None = None, *, status: int = 200) -> Any:
        more = {
            "off": self.switches(),
            "is_cut": bool(self._found and self._found.is_cut),
            "older": self._found.older if self._found and not self.request.GET.get("show") else 0,
            "most": number(MOST),
            **self.digest(),
            "reasons": Why.choices,
            "keys": {decision.value: key for decision, key in KEYS.items()},
            "here": self.request.get_full_path(),
            "tomorrow": self.moment.date().isoformat(),
        }
        return super().render({**more, **(context or {})}, status=status)


class FollowUpActView(FollowUpBase):
    """View that takes one decision, takes it back, or switches a kind on again; then redirects."""

    template_name = "web/error.html"  # none is rendered
    http_method_names = ["post"]
    runs_in_scope = False

    def post(self, request: HttpRequest) -> HttpResponseBase:
        action = request.POST.get("action", "")
        try:
            if action == "switch_on":
                return self.switched_on()
            if action in SUBSCRIPTIONS:
                return self.subscribed(action)
            contact = self.contact()
            if action == "take_back":
                key = request.POST.get("key", "")
                done = decisions.take_back(
                    self.acting_scope(contact.organization_id), by=self.user, contact_id=contact.pk, key=key, now=self.now
                )  # fmt: skip
                return self.back(gettext("The suggestion is open again.") if done else gettext("Nothing was changed."))
            return self.decided(contact, action)
        except (Refusal, RoleTooLow) as refusal:
            messages.error(request, str(refusal))
            return self.back()

    def decided(self, contact: Contact, decision: str) -> HttpResponseBase:
        post = self.request.POST
        day = _day(post.get("on", "")) if decision == Decision.CHANGED else None
        decisions.decide(
            self.acting_scope(contact.organization_id), by=self.user, contact_id=contact.pk, key=post.get("key", ""),
            decision=decision, now=self.now, on=day, why=post.get("why", "") if decision == Decision.DISMISSED else "",
        )  # fmt: skip
        if decision == Decision.ACCEPTED and "is_later" not in post:
            return redirect("conversation", conversation_id=contact.pk)
        return self.back(gettext("Decided."))

    def contact(self) -> Contact:
        """Return the contact named in the request, if the reader may see it. Raises Http404."""
        key = organizations.parse(self.request.POST.get("contact", ""))
        assert self.scope is not None
        with transaction.atomic(), rls.scope(self.scope):
            found: Contact | None = self.own(Contact).filter(pk=key).first() if key else None
        if found is None:
            raise Http404
        return found

    def switched_on(self) -> HttpResponseBase:
        named: UUID | None = organizations.parse(self.request.POST.get("whose", ""))
        if named not in self.organizations:
            raise Http404
        kind = self.request.POST.get("kind", "")
        decisions.switch_on(self.acting_scope(named), by=self.user, kind=kind, now=self.now)
        return self.back(gettext("It is suggested again."))

    def subscribed(self, action: str) -> HttpResponseBase:
        assert self.scope is not None
        if self.scope.organization_id is None:  # staff who look at all organizations
            return self.back()
        service, text = SUBSCRIPTIONS[action]
        service(self.scope, by=self.user, now=self.now)
        return self.back(str(text))

    def back(self, text: str = "") -> HttpResponseBase:
        if text:
            messages.success(self.request, text)
        to = self.request.POST.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(to, allowed_hosts=None) and to.startswith(
            (reverse("follow_ups"), reverse("contacts"))
        )
        return redirect(to if is_ours else reverse("follow_ups"))


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:
        return None
