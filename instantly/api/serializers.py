"""Request bodies and responses of the API's syncs and staff writes."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from salesbrain.api.request_bodies import Body, Key, StrictBoolean, Text


class SyncBody(Body):
    """The connection to sync, and which kinds of objects."""

    provider_connection_id = Key(help_text="The connection to sync; GET /api/instantly/admin/campaigns shows them.")
    sync_campaigns = StrictBoolean(default=True)
    sync_email_accounts = StrictBoolean(default=True)


class SyncProblem(serializers.Serializer):
    kind = serializers.CharField()
    id = serializers.CharField(allow_blank=True, help_text="The provider's; empty where it is not about one object.")
    reason = serializers.CharField()


COUNTS = ("listed", "imported", "updated", "unchanged", "missing")


class SyncResult(serializers.Serializer):
    """Result of a sync: imported + updated + unchanged + errors = listed."""

    connection = serializers.CharField()
    provider_connection_id = serializers.UUIDField()
    sync_run_id = serializers.UUIDField(allow_null=True)
    status = serializers.ChoiceField(choices=["succeeded", "incomplete", "failed"])
    vars().update(
        {
            f"{kind}_{count}": serializers.IntegerField(min_value=0)
            for kind in ("campaigns", "accounts")
            for count in COUNTS
        }
    )
    errors = SyncProblem(many=True)  # type: ignore[assignment]  # the specification's name; a response has no `errors` of its own
    campaigns_assigned = serializers.IntegerField(min_value=0, help_text="By rules, of a shared workspace's new ones.")
    events_derived = serializers.IntegerField()
    deliveries_released = serializers.IntegerField()
    requests = serializers.IntegerField(help_text="Asked of Instantly.")
    seconds = serializers.FloatField()
    dry_run = serializers.BooleanField()


class Whole(serializers.IntegerField):
    """A whole number in JSON; DRF's own field accepts texts as well."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, float) and data.is_integer():
            data = int(data)  # 60.0 is a whole number in JSON
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class CampaignChange(Body):
    """The fields to change, named as in GET campaign/{id}. Lists are replaced, not added to."""

    PROVIDERS: ClassVar[dict[str, str]] = {"schedule": "campaign_schedule", "senders": "email_list"}
    """Instantly's name of a field where it differs from ours."""

    openapi: ClassVar[Mapping[str, Any]] = {"minProperties": 1}

    name = Text(required=False, min_length=1, max_length=200)
    daily_limit = Whole(required=False, min_value=1, max_value=1_000_000, help_text="Emails a day.")
    open_tracking = StrictBoolean(required=False)
    link_tracking = StrictBoolean(required=False)
    senders = serializers.ListField(
        child=Text(min_length=3, max_length=320), required=False, max_length=1000, help_text="Addresses it sends from."
    )
    schedule = serializers.DictField(
        required=False, help_text="When it sends, as the provider has it: GET campaign/{id} shows one."
    )
    sequences = serializers.ListField(
        child=serializers.DictField(), required=False, max_length=10, help_text="Its steps, as the provider has them."
    )

    def fields_for_provider(self) -> dict[str, Any]:
        """Return the submitted fields under Instantly's names."""
        given = {name: value for name, value in self.validated_data.items() if name in CampaignChange().fields}
        return {self.PROVIDERS.get(name, name): value for name, value in given.items()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            fields = {"fields": ", ".join(self.fields)}
            raise serializers.ValidationError(_("Name at least one field to change: %(fields)s.") % fields)
        return attrs


class CampaignBody(CampaignChange):
    """A campaign to create, as a draft. In a shared workspace it belongs to the agency until it is assigned to a customer."""

    provider_connection_id = Key(help_text="The connection whose workspace it is made in.")
    name = Text(min_length=1, max_length=200)
    schedule = serializers.DictField(help_text="When it sends, as the provider has it: GET campaign/{id} shows one.")


class DuplicateBody(Body):
    """Request body of duplicating a campaign: the name of the copy."""

    name = Text(min_length=1, max_length=200, help_text="What the copy is called.")


LEADS_AT_ONCE = 5000
LEAD = {
    "type": "object",
    "required": ["email"],
    "additionalProperties": False,
    "properties": {
        **{
            name: {"type": "string"}
            for name in (
                "email", "first_name", "last_name", "company_name", "job_title", "phone", "website", "personalization",
            )
        },
        "custom_variables": {
            "type": "object",
            "description": "By name; texts, numbers, true, false or null.",
            "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        },
    },
}  # fmt: skip


@extend_schema_field({"type": "array", "minItems": 1, "maxItems": LEADS_AT_ONCE, "items": LEAD})
class Leads(serializers.ListField):
    """List of leads. The service checks each one: an invalid lead is named in the response and does not refuse the others."""


class LeadsBody(Body):
    """Leads to add to a campaign, 5,000 at most."""

    leads = Leads(child=serializers.JSONField(), min_length=1, max_length=LEADS_AT_ONCE)
    dry_run = StrictBoolean(default=False, help_text="Say what would become of them, and send nothing.")


class WrongLead(serializers.Serializer):
    place = serializers.IntegerField(min_value=1, help_text="In the list that was given, from 1.")
    reason = serializers.CharField()


class MadeLead(serializers.Serializer):
    id = serializers.CharField(help_text="Instantly's: DELETE admin/lead/{id} takes it.")
    email = serializers.CharField()


class LeadsResult(serializers.Serializer):
    """Result of adding leads: given = invalid + repeated + suppressed + sent + unsent + uncertain."""

    campaign = serializers.UUIDField()
    given = serializers.IntegerField()
    sent = serializers.IntegerField(help_text="uploaded + skipped + found.")
    uploaded = serializers.IntegerField(help_text="New in the campaign.")
    skipped = serializers.IntegerField(help_text="In the campaign already, or refused by Instantly.")
    found = serializers.IntegerField(help_text="Their answer was lost, and all are in the campaign.")
    unsent = serializers.IntegerField(help_text="Not sent: a dry run, or after an error. They may be given again.")
    uncertain = serializers.IntegerField(
        help_text="Their answer was lost, and not all are in the campaign: look before you give them again."
    )
    repeated = serializers.ListField(child=serializers.CharField(), help_text="Given more than once; sent once.")
    suppressed = serializers.ListField(
        child=serializers.CharField(), help_text="The organization must not write to them."
    )
    invalid = WrongLead(many=True)
    created = MadeLead(many=True)
    remaining_in_plan = serializers.FloatField(allow_null=True)
    error = serializers.CharField(allow_blank=True, help_text="Why it ended early; empty: it did not.")
    dry_run = serializers.BooleanField()


class DeletedLead(serializers.Serializer):
    """The lead that was deleted from the campaign."""

    campaign_id = serializers.UUIDField()
    email = serializers.CharField(allow_blank=True)
