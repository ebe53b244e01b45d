"""API serializers of the caller's own data, tokens, email accounts and connections."""

from django.db.models import BooleanField, Case, Q, Value, When
from rest_framework import serializers

from accounts.choices import EmailAccountStatus
from accounts.models import EmailAccount, Organization, ProviderConnection
from salesbrain.api.request_bodies import Body, StrictBoolean, Text

HEALTHY = Q(status=EmailAccountStatus.ACTIVE, missing_since__isnull=True)


class OrganizationBrief(serializers.ModelSerializer):
    class Meta:
        model = Organization
        fields: tuple[str, ...] = ("id", "name")


class ConnectionBrief(serializers.ModelSerializer):
    class Meta:
        model = ProviderConnection
        fields: tuple[str, ...] = ("id", "name", "workspace_name")


class EmailAccountSerializer(serializers.ModelSerializer):
    """An email account: a mailbox that sends."""

    is_healthy = serializers.SerializerMethodField(help_text="Active, and still there at the provider.")

    class Meta:
        model = EmailAccount
        fields: tuple[str, ...] = (
            "id", "organization_id", "provider", "address", "first_name", "last_name", "status", "status_at", "status_reason",
            "is_healthy", "warmup_status", "warmup_limit", "warmup_score", "daily_limit", "sending_gap", "mail_provider",
            "provider_created_at", "synced_at", "missing_since", "created_at", "updated_at",
        )  # fmt: skip

    organization_id = serializers.UUIDField()
    status = serializers.CharField()
    warmup_status = serializers.CharField()
    mail_provider = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    expressions = {
        "is_healthy": Case(When(HEALTHY, then=Value(True)), default=Value(False), output_field=BooleanField())
    }

    def get_is_healthy(self, account: EmailAccount) -> bool:
        return account.status == EmailAccountStatus.ACTIVE and account.missing_since is None


class StaffEmailAccountSerializer(EmailAccountSerializer):
    """An email account for staff: also its organization and its connection."""

    organization = OrganizationBrief()
    connection = ConnectionBrief()

    class Meta(EmailAccountSerializer.Meta):
        fields: tuple[str, ...] = (*EmailAccountSerializer.Meta.fields, "organization", "connection")


class MyUser(serializers.Serializer):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField(allow_blank=True)


class MyOrganization(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    role = serializers.CharField()


class MyToken(serializers.Serializer):
    id = serializers.CharField(help_text="How the token begins: enough to recognise and revoke it, not to use it.")
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    is_current = serializers.BooleanField(help_text="The one this request was made with.")
    read_only = serializers.BooleanField(  # type: ignore[assignment]  # a field, not what the library calls so
        help_text="It changes nothing, whatever its user's role."
    )


class MyRequests(serializers.Serializer):
    allowed = serializers.IntegerField(allow_null=True, help_text="null: not limited.")
    per_seconds = serializers.IntegerField(allow_null=True)
    left = serializers.IntegerField(allow_null=True)


class MyLimits(serializers.Serializer):
    page = serializers.IntegerField(help_text="Most rows a page.")
    requests = MyRequests(help_text="Of this token, searches and exports apart.")
    searches = MyRequests()
    exports = MyRequests()


class Me(serializers.Serializer):
    """The caller: user, organizations they may access, token, and what is left of its rate limits."""

    user = MyUser()
    role = serializers.CharField(help_text="customer, sb_viewer, sb_operator or sb_admin.")
    organizations = MyOrganization(many=True)
    token = MyToken()
    limits = MyLimits()


class TokenBody(Body):
    """A token to create: its name and limits; `email` and `password` if the caller has no token yet."""

    name = Text(max_length=100, help_text="What it is for, for example `CRM`.")
    days = serializers.IntegerField(
        required=False, min_value=1, max_value=365, help_text="Valid for so many days; otherwise 90."
    )
    read_only = StrictBoolean(  # type: ignore[assignment]  # as above
        required=False, help_text="true: it changes nothing. false needs an owner, or staff."
    )
    email = Text(required=False, max_length=254)
    password = Text(required=False, max_length=200, trim_whitespace=False)


class NewToken(serializers.Serializer):
    """A new token; this is the only response that shows it."""

    token = serializers.CharField(help_text="Shown once.")
    id = serializers.CharField()
    name = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    read_only = serializers.BooleanField()  # type: ignore[assignment]  # as above
