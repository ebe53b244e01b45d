"""JSON form of a contact's next step: state, reason, suggestion and decision."""

from typing import Any

from rest_framework import serializers

from messaging.follow_ups.follow_up import FollowUp
from messaging.intelligence.next_steps.states import Reason, State
from messaging.intelligence.next_steps.suggestions import Decision, SuggestionKind


class NextStepSerializer(serializers.Serializer):
    """A contact's next step: the state derived from facts, its reason, and the suggestion."""

    state = serializers.ChoiceField(choices=State.values)
    reason = serializers.ChoiceField(choices=Reason.values, help_text="Why the contact is in this state.")
    since = serializers.DateTimeField(allow_null=True, help_text="When the state began.")
    until = serializers.DateField(allow_null=True, help_text="The day it ends, or fell due; null: none is known.")
    suggestion = serializers.ChoiceField(
        choices=SuggestionKind.values, allow_null=True, help_text="null: nothing is to be done, or nobody may write."
    )
    key = serializers.CharField(
        allow_blank=True, help_text="Distinguishes this suggestion; sent along with a decision."
    )
    on = serializers.DateField(
        allow_null=True, help_text="The day the suggestion is for, or that a person chose instead."
    )
    words = serializers.CharField(allow_blank=True, help_text="The person's words it rests on; empty: on silence.")
    address = serializers.CharField(
        allow_blank=True, help_text="Whom to write to instead, where the reply names somebody."
    )
    decision = serializers.ChoiceField(
        choices=Decision.values, allow_null=True, help_text="What a person decided on it."
    )
    why = serializers.CharField(allow_blank=True, help_text="Reason of a dismissal.")
    decided_at = serializers.DateTimeField(allow_null=True)


def next_step(up: FollowUp) -> dict[str, Any]:
    """Return a contact's next step as the API shows it."""
    suggestion, decision = up.suggestion, up.decision
    on = decision.on if decision and decision.on else suggestion.on if suggestion else None
    return {
        "state": up.state.state.value,
        "reason": up.state.reason.value,
        "since": up.state.since,
        "until": up.state.until,
        "suggestion": suggestion.kind.value if suggestion else None,
        "key": up.key,
        "on": on,
        "words": suggestion.quoted if suggestion else "",
        "address": suggestion.address or "" if suggestion else "",
        "decision": decision.decision if decision else None,
        "why": decision.why if decision else "",
        "decided_at": decision.decided_at if decision else None,
    }
