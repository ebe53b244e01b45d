"""API endpoints of an organization's follow-ups: states, suggestions, and decisions on them."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.parameters import InOneOrganization
from accounts.api.team_views import InOrganization
from messaging.api import errors  # noqa: F401  says how this app's refusals are answered
from messaging.api.next_step_serializers import NextStepSerializer, next_step
from messaging.follow_ups import decisions
from messaging.follow_ups.decisions import Why
from messaging.follow_ups.listing import Row, Show, listed
from messaging.intelligence.next_steps.states import State
from messaging.intelligence.next_steps.suggestions import Decision, SuggestionKind
from salesbrain import rls
from salesbrain.api.parameters import Choice, Integer
from salesbrain.api.request_bodies import Body, Text

LONGEST_LIST = 1_000
LONGEST_KEY = 100


class FollowUpParameters(InOneOrganization):
    show = Choice(
        choices=Show.values,
        help_text="open (default): to do. old: to do for more than 30 days. decided: dismissed or put off. all: also who needs nothing.",
    )
    state = Choice(choices=State.values, help_text="Only contacts in this state.")
    kind = Choice(choices=SuggestionKind.values, help_text="Only suggestions of this kind.")
    limit = Integer(
        min_value=1, max_value=LONGEST_LIST, default=100, help_text="Contacts in the answer, 100 by default."
    )


class FollowUpContact(serializers.Serializer):
    id = serializers.UUIDField()
    email = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    company = serializers.CharField(allow_blank=True)
    category = serializers.CharField(allow_null=True, help_text="Of the latest reply; null: not sorted yet.")


class FollowUpSerializer(NextStepSerializer):
    """A contact and its next step."""

    contact = FollowUpContact()


class FollowUpsSerializer(serializers.Serializer):
    """Follow-ups in order of their day; due ones by urgency, then the latest first."""

    organization_id = serializers.UUIDField(help_text="Whose they are.")
    count = serializers.IntegerField(min_value=0, help_text="Contacts that fit; the answer holds up to `limit`.")
    is_cut = serializers.BooleanField(
        help_text="true: there are more conversations than are looked at, the latest 5,000."
    )
    older = serializers.IntegerField(
        min_value=0, help_text="Contacts that fit but for their age: what has been open for more than 30 days."
    )
    switched_off = serializers.ListField(
        child=serializers.ChoiceField(choices=SuggestionKind.values),
        help_text="Kinds dismissed in more than 10 of the last 20 cases; they are not suggested.",
    )
    follow_ups = FollowUpSerializer(many=True)


class DecisionBody(Body):
    key = Text(max_length=LONGEST_KEY, help_text="`key` of the suggestion.")
    decision = serializers.ChoiceField(choices=Decision.values)
    on = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="With changed: the day instead."
    )
    why = serializers.ChoiceField(
        choices=["", *Why.values], required=False, default="", help_text="With dismissed: the reason."
    )


class KeyBody(Body):
    key = Text(max_length=LONGEST_KEY, help_text="`key` of the suggestion.")


class KindBody(Body):
    kind = serializers.ChoiceField(choices=SuggestionKind.values)


class Decided(serializers.Serializer):
    changed = serializers.BooleanField(help_text="false: it was so already.")


class FollowUpViewSet(InOrganization):
    tag = "Customers"
    outside = ("decide", "take_back", "switch_on")
    rates = dict.fromkeys(outside, "write")
    parameters = {"retrieve": FollowUpParameters, **dict.fromkeys(outside, InOneOrganization)}
    bodies = {"decide": DecisionBody, "take_back": KeyBody, "switch_on": KindBody}
    shapes = {"retrieve": FollowUpsSerializer, **dict.fromkeys(outside, Decided)}
    answers_too = {"decide": (409,)}

    def retrieve(self, request: Request) -> Response:
        """List whom to write to, why and when.

        States follow from facts alone: ours (to answer), awaiting, due (three business days without an answer), cold (was interested,
        silent for a week), away, promised, never (declined, unsubscribed, complained or suppressed). Nothing is ever sent.
        """
        scope, user = self.caller
        asked = self.asked
        with rls.scope(scope):
            found = listed(
                [scope.organization], now=timezone.now().astimezone(user.zone()), show=Show(asked["show"] or Show.OPEN),
                state=asked["state"] or "", kind=asked["kind"] or "",
            )  # fmt: skip
        rows = [_row(row) for row in found.rows[: asked["limit"]]]
        return Response(
            {
                "organization_id": str(scope.organization),
                "count": len(found.rows),
                "is_cut": found.is_cut,
                "older": found.older,
                "switched_off": sorted(found.preferences[scope.organization].switched_off),
                "follow_ups": rows,
            }
        )

    def decide(self, request: Request, contact_id: str) -> Response:
        """Accept a suggestion, postpone it, or dismiss it with a reason.

        For members and owners. A day after today puts the conversation away until then. `old_suggestion` (409): something happened
        meanwhile, so that another suggestion holds, or none.
        """
        return self._changed(decisions.decide, request, contact_id=self.key(contact_id))

    def take_back(self, request: Request, contact_id: str) -> Response:
        """Take a decision back, so that the suggestion is open again.

        For members and owners.
        """
        return self._changed(decisions.take_back, request, contact_id=self.key(contact_id))

    def switch_on(self, request: Request) -> Response:
        """Switch a kind of suggestion on again.

        For owners. What was dismissed before then no longer counts.
        """
        return self._changed(decisions.switch_on, request)

    def _changed(self, service: Any, request: Request, **named: Any) -> Response:
        scope, user = self.caller
        return Response({"changed": service(scope, by=user, now=timezone.now(), **named, **self.body(request))})


def _row(row: Row) -> dict[str, Any]:
    contact = row.contact
    about = {
        "id": str(contact.contact_id), "email": contact.email, "name": contact.name, "company": contact.company,
        "category": contact.category,
    }  # fmt: skip
    return {"contact": about, **next_step(row.follow_up)}
