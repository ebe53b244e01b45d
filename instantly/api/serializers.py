"""What a sync is asked with and answers."""

from rest_framework import serializers

from salesbrain.api.bodies import Body, Key, TrueOrFalse


class SyncBody(Body):
    """Which connection to sync, and what of it."""

    provider_connection_id = Key(help_text="The connection to sync; GET /api/instantly/admin/campaigns shows them.")
    sync_campaigns = TrueOrFalse(default=True)
    sync_email_accounts = TrueOrFalse(default=True)


class SyncProblem(serializers.Serializer):
    kind = serializers.CharField()
    id = serializers.CharField(allow_blank=True, help_text="The provider's; empty where it is not about one object.")
    reason = serializers.CharField()


COUNTS = ("listed", "imported", "updated", "unchanged", "missing")


class SyncResult(serializers.Serializer):
    """What a sync changed: imported + updated + unchanged and what had errors make up listed."""

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
    events_derived = serializers.IntegerField()
    deliveries_released = serializers.IntegerField()
    requests = serializers.IntegerField(help_text="Asked of Instantly.")
    seconds = serializers.FloatField()
    dry_run = serializers.BooleanField()
