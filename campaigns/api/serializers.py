"""API serializer of a campaign."""

from django.db.models import BooleanField, Case, Value, When
from rest_framework import serializers

from accounts.api.serializers import ConnectionBrief, OrganizationBrief
from campaigns.choices import NotSending
from campaigns.models import Campaign
from campaigns.querysets import HEALTHY, TROUBLED


class CampaignSerializer(serializers.ModelSerializer):
    """A campaign, as the provider has it."""

    is_healthy = serializers.SerializerMethodField(
        help_text="False: stopped by a problem (a mailbox, bounces, the provider), or gone at the provider."
    )
    organization_id = serializers.UUIDField()
    status = serializers.CharField()
    not_sending = serializers.CharField(help_text="Why it does not send now; empty: it does, or is not meant to.")
    senders = serializers.ListField(child=serializers.CharField(), help_text="Addresses it sends from.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    class Meta:
        model = Campaign
        fields: tuple[str, ...] = (
            "id", "organization_id", "provider", "provider_id", "name", "status", "status_at", "not_sending", "is_healthy",
            "daily_limit", "open_tracking", "link_tracking", "senders", "assigned_at", "provider_created_at",
            "provider_updated_at", "synced_at", "missing_since", "created_at", "updated_at",
        )  # fmt: skip

    expressions = {
        "is_healthy": Case(When(HEALTHY, then=Value(True)), default=Value(False), output_field=BooleanField())
    }

    def get_is_healthy(self, campaign: Campaign) -> bool:
        troubled = campaign.status in TROUBLED or campaign.not_sending == NotSending.ERROR
        return not troubled and campaign.missing_since is None


class CampaignDetailSerializer(CampaignSerializer):
    """A campaign with its schedule and the texts of its steps, as the provider has them."""

    schedule = serializers.DictField()
    sequences = serializers.ListField(child=serializers.JSONField())

    class Meta(CampaignSerializer.Meta):
        fields: tuple[str, ...] = (*CampaignSerializer.Meta.fields, "schedule", "sequences")


class StaffCampaignSerializer(CampaignSerializer):
    """A campaign for staff: also its organization and its connection."""

    organization = OrganizationBrief()
    connection = ConnectionBrief()

    class Meta(CampaignSerializer.Meta):
        fields: tuple[str, ...] = (*CampaignSerializer.Meta.fields, "organization", "connection")
