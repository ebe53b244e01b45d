"""Connection to a provider's workspace: its encrypted API key, state, and webhook secrets."""

import secrets
from datetime import datetime
from hashlib import sha256

from django.db import models
from django.db.models import Q

from accounts.choices import ConnectionStatus, Provider
from salesbrain.kernel.encryption import EncryptedTextField
from salesbrain.kernel.message_fields import MessageField
from salesbrain.kernel.models import Keyed
from salesbrain.rls.models import StaffModel

from .organization import Organization


def digest(secret: str) -> bytes:
    """Return the SHA-256 of a webhook secret (32 bytes); secrets are compared by it."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


class ConnectionQuerySet(models.QuerySet["ProviderConnection"]):
    def active(self) -> "ConnectionQuerySet":
        return self.filter(is_active=True)


class ProviderConnection(StaffModel, Keyed):
    """One workspace at a provider: dedicated to an organization, or shared (organization NULL), with an organization per campaign."""

    organization = models.ForeignKey(
        Organization,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="connections",
        help_text="Empty: shared.",
    )
    provider = models.TextField(choices=Provider, default=Provider.INSTANTLY)
    name = models.SlugField(unique=True, help_text="What commands call it, for example acme.")
    workspace_id = models.TextField(
        blank=True, default="", help_text="Pinned at connect: a key of another workspace is refused."
    )
    workspace_name = models.TextField(blank=True, default="")
    acts_as_workspace = models.TextField(
        blank=True, default="", help_text="Sub-workspace this admin key acts as (x-as-workspace). Empty: the key's own."
    )
    api_key = EncryptedTextField(blank=True, default="")
    api_key_last4 = models.CharField(max_length=4, blank=True, default="", editable=False)
    is_active = models.BooleanField(default=True)
    status = models.TextField(choices=ConnectionStatus, default=ConnectionStatus.NEW)
    status_detail = MessageField(blank=True, default="")
    last_synced_at = models.DateTimeField(null=True, blank=True)
    raw = models.JSONField(default=dict, blank=True)
    lead_labels = models.JSONField(
        null=True, blank=True, editable=False, help_text="Texts of the workspace's own lead labels. NULL: never read."
    )

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "workspace_id"], condition=~Q(workspace_id=""), name="connection_one_per_workspace"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shared(self) -> bool:
        return self.organization_id is None

    def set_api_key(self, key: str) -> None:
        """Set a new API key without saving. Afterwards only its last four characters are shown to anybody."""
        self.api_key = key.strip()
        self.api_key_last4 = self.api_key[-4:] if len(self.api_key) >= 16 else ""


class WebhookSecretQuerySet(models.QuerySet["WebhookSecret"]):
    def valid(self, now: datetime) -> "WebhookSecretQuerySet":
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), connection__is_active=True)

    def issue(self, connection: ProviderConnection, secret: str | None = None) -> "WebhookSecret":
        """Create an additional secret for a connection; existing ones stay valid until they expire."""
        secret = secret or secrets.token_urlsafe(32)
        return self.create(connection=connection, secret=secret, digest=digest(secret))


class WebhookSecret(StaffModel, Keyed):
    """Secret that a webhook must carry in X-Webhook-Secret. Several may be valid, so that one can be replaced in operation."""

    connection = models.ForeignKey(ProviderConnection, on_delete=models.CASCADE, related_name="webhook_secrets")
    secret = EncryptedTextField()
    digest = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookSecretQuerySet.as_manager()

    class Meta:
        ordering = ["connection", "-created_at"]
        constraints = [models.UniqueConstraint(fields=["digest"], name="webhook_secret_digest")]

    def __str__(self) -> str:
        return f"secret of {self.connection_id} since {self.created_at:%Y-%m-%d}"
