"""Email account: a mailbox at the provider that sends campaigns, unique by address in its workspace."""

from django.db import models
from django.db.models import Q

from accounts.choices import EmailAccountStatus, MailProvider, WarmupStatus
from salesbrain.kernel.models import Keyed, Mirrored
from salesbrain.rls.models import TenantModel

from .connection import ProviderConnection
from .organization import Organization


class EmailAccountQuerySet(models.QuerySet["EmailAccount"]):
    def healthy(self) -> "EmailAccountQuerySet":
        return self.filter(status=EmailAccountStatus.ACTIVE, missing_since__isnull=True)

    def unhealthy(self) -> "EmailAccountQuerySet":
        return self.exclude(status=EmailAccountStatus.ACTIVE, missing_since__isnull=True)


class EmailAccount(TenantModel, Keyed, Mirrored):
    """A mailbox that sends. In a shared workspace the agency's own organization owns it until it is assigned to a customer.

    Status is the latest by time, from a sync or an event (`status_at`).
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, db_index=False, related_name="email_accounts"
    )
    connection = models.ForeignKey(
        ProviderConnection, on_delete=models.PROTECT, db_index=False, related_name="email_accounts"
    )
    provider = models.TextField(
        default="instantly", help_text="The connection's, kept here: customers cannot see connections."
    )
    address = models.TextField(help_text="Lower case; `provider_id` has it as its owner typed it.")
    first_name = models.TextField(blank=True, default="")
    last_name = models.TextField(blank=True, default="")
    status = models.TextField(choices=EmailAccountStatus, default=EmailAccountStatus.UNKNOWN)
    status_code = models.IntegerField(
        null=True, blank=True, help_text="The provider's number, also where we have no word for it."
    )
    status_at = models.DateTimeField(null=True, blank=True)
    status_reason = models.TextField(blank=True, default="")
    warmup_status = models.TextField(choices=WarmupStatus, default=WarmupStatus.UNKNOWN)
    warmup_status_code = models.IntegerField(null=True, blank=True)
    warmup_limit = models.IntegerField(null=True, blank=True)
    warmup_score = models.FloatField(null=True, blank=True, help_text="0-100, the provider's.")
    daily_limit = models.IntegerField(null=True, blank=True, help_text="Emails a day.")
    sending_gap = models.IntegerField(null=True, blank=True, help_text="Minutes between two emails.")
    mail_provider = models.TextField(choices=MailProvider, default=MailProvider.UNKNOWN)
    mail_provider_code = models.IntegerField(null=True, blank=True)
    smtp_host = models.TextField(blank=True, default="")
    imap_host = models.TextField(blank=True, default="")

    objects = EmailAccountQuerySet.as_manager()

    class Meta:
        ordering = ["address", "id"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "address"], name="email_account_address"),
            models.UniqueConstraint(fields=["organization", "id"], name="email_account_organization"),
            models.CheckConstraint(
                condition=Q(address__regex=r"^[^A-Z]*$"), name="email_account_address_is_lower_case"
            ),
        ]
        indexes = [models.Index(fields=["organization", "address"], name="email_account_list")]

    def __str__(self) -> str:
        return self.address
