"""Request bodies, responses and query parameters of the API's assignment rules."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from accounts.api.parameters import OfStaff
from accounts.api.serializers import ConnectionBrief, OrganizationBrief
from campaigns.choices import RuleKind
from campaigns.models import AssignmentRule
from campaigns.name_patterns import LONGEST
from campaigns.rule_writes import MOST_LISTED
from salesbrain.api.pagination import ordering
from salesbrain.api.parameters import Boolean, Choices, Parameters
from salesbrain.api.parameters import Key as KeyParameter
from salesbrain.api.request_bodies import Body, Key, StrictBoolean, StrictInteger, Text

MOST_PREVIEWED = 2000
KINDS = (
    "name_prefix, name_contains, name_pattern (* stands for anything, ? for one character), tag, sender_domain, or listed. "
    "All ignore case."
)


class RuleList(OfStaff):
    kind = Choices(choices=RuleKind.values, lookup="kind__in", help_text="One or several, separated by commas.")
    is_active = Boolean(lookup="is_active", help_text="Is it switched on?")
    ordering = ordering("priority", "created_at", "updated_at")


class OfConnection(Parameters):
    provider_connection_id = KeyParameter(required=True, help_text="The workspace: GET admin/connections shows them.")


class RuleChange(Body):
    """The fields of a rule to change. After a change of its condition or organization the rule has no effect until the rules are applied
    again.
    """

    openapi: ClassVar[Mapping[str, Any]] = {"minProperties": 1}

    kind = serializers.ChoiceField(choices=RuleKind.values, required=False, help_text=KINDS)
    value = Text(required=False, min_length=1, max_length=LONGEST, help_text="What is looked for; of a list, its name.")
    listed = serializers.ListField(
        child=Text(min_length=1, max_length=500),
        required=False,
        max_length=MOST_LISTED,
        help_text="Of the kind `listed`: campaigns by our id, the provider's, or their exact name.",
    )
    organization_id = Key(required=False, help_text="Whose the campaigns are.")
    priority = StrictInteger(required=False, min_value=0, max_value=1_000_000, help_text="The lowest that fits wins.")
    is_active = StrictBoolean(required=False)


class RuleBody(RuleChange):
    """A rule to create, for a shared workspace."""

    openapi: ClassVar[Mapping[str, Any]] = {}

    provider_connection_id = Key(help_text="The workspace: GET admin/connections shows them.")
    kind = serializers.ChoiceField(choices=RuleKind.values, help_text=KINDS)
    value = Text(min_length=1, max_length=LONGEST, help_text="What is looked for; of a list, its name.")
    organization_id = Key(help_text="Whose the campaigns are.")


class RuleSerializer(serializers.ModelSerializer):
    """A rule that assigns campaigns of a shared workspace to an organization."""

    organization = OrganizationBrief()
    connection = ConnectionBrief()
    kind = serializers.CharField(help_text=KINDS)
    listed = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="The provider's ids of a list's campaigns."
    )
    applied_at = serializers.DateTimeField(
        allow_null=True, help_text="Since when it assigns new campaigns at each sync. null: it was not applied yet."
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    class Meta:
        model = AssignmentRule
        fields: tuple[str, ...] = (
            "id", "connection", "organization", "kind", "value", "listed", "priority", "is_active", "applied_at", "created_at",
            "updated_at",
        )  # fmt: skip


class RuleName(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    value = serializers.CharField()
    organization = OrganizationBrief()


class Planned(serializers.Serializer):
    """A campaign that matches a rule. Exactly one of `takes`, `stays_by_hand` and `is_there` is true."""

    campaign_id = serializers.UUIDField()
    name = serializers.CharField()
    before = OrganizationBrief(help_text="Whose it is today.")
    rule = RuleName(help_text="The first that fits; its organization gets the campaign.")
    conflicts = RuleName(many=True, help_text="Later rules that would give it to another organization.")
    takes = serializers.BooleanField(help_text="Applying the rules moves it.")
    stays_by_hand = serializers.BooleanField(help_text="It is elsewhere because a person said so, and stays there.")
    is_there = serializers.BooleanField()


class Preview(serializers.Serializer):
    """The campaigns that the active rules would move if they were applied now."""

    takes = serializers.IntegerField(min_value=0)
    stay_by_hand = serializers.IntegerField(min_value=0)
    conflicts = serializers.IntegerField(min_value=0, help_text="Campaigns that rules of several organizations fit.")
    campaigns = Planned(many=True, help_text=f"At most {MOST_PREVIEWED:,}; those that move come first.")
