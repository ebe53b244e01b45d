"""Campaigns, and the rules that assign campaigns of a shared workspace to organizations."""

from django.db import models

from accounts.models import Organization, ProviderConnection
from campaigns.choices import CampaignStatus, NotSending, RuleKind
from campaigns.querysets import CampaignQuerySet
from salesbrain.kernel.models import Keyed, Mirrored
from salesbrain.rls.models import TenantModel


class Campaign(TenantModel, Keyed, Mirrored):
    """A campaign of the provider. In a shared workspace the agency's own organization owns it until it is assigned to a customer.

    Status is the latest by time, from a sync or an event (`status_at`).
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="campaigns")
    connection = models.ForeignKey(
        ProviderConnection, on_delete=models.PROTECT, db_index=False, related_name="campaigns"
    )
    provider = models.TextField(
        default="instantly", help_text="The connection's, kept here: customers cannot see connections."
    )
    name = models.TextField()
    status = models.TextField(choices=CampaignStatus, default=CampaignStatus.UNKNOWN)
    status_code = models.IntegerField(
        null=True, blank=True, help_text="The provider's number, also where we have no word for it."
    )
    status_at = models.DateTimeField(null=True, blank=True)
    not_sending = models.TextField(
        choices=NotSending, blank=True, default="", help_text="Why it does not send, empty: it does."
    )
    daily_limit = models.IntegerField(null=True, blank=True, help_text="Emails a day.")
    open_tracking = models.BooleanField(
        null=True, blank=True, help_text="Off: opens are not tracked, which is not 0 %."
    )
    link_tracking = models.BooleanField(null=True, blank=True)
    schedule = models.JSONField(default=dict, blank=True)
    sequences = models.JSONField(default=list, blank=True)
    senders = models.JSONField(default=list, blank=True, help_text="Addresses it sends from.")
    leads_count = models.IntegerField(
        null=True, blank=True, editable=False, help_text="All leads in it. NULL: not told."
    )
    contacted_count = models.IntegerField(
        null=True, blank=True, editable=False, help_text="Leads whose sequence has started. NULL: not told."
    )
    completed_count = models.IntegerField(
        null=True, blank=True, editable=False, help_text="Leads whose sequence is finished. NULL: not told."
    )
    assigned_at = models.DateTimeField(null=True, blank=True)
    assigned_rule = models.UUIDField(
        null=True,
        blank=True,
        editable=False,
        help_text="Key of the rule that assigned it. NULL beside a time: a person did.",
    )
    tags = models.JSONField(
        null=True,
        blank=True,
        editable=False,
        help_text="Labels of the workspace on it that rules ask about. NULL: never read.",
    )
    is_variant_unsure = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="The provider's inbox told mails of it, and several variants of their step could be what was sent.",
    )
    has_repaired_leads = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Gap repair found events in its list of leads, whose deliveries may still come.",
    )

    removed_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Its organization was removed: what the provider reports of it is recorded no more.",
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "provider_id"], name="campaign_provider_id"),
            models.UniqueConstraint(fields=["organization", "id"], name="campaign_organization"),
        ]
        indexes = [models.Index(fields=["organization", "name", "id"], name="campaign_list")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_assigned_by_hand(self) -> bool:
        """Return whether a person chose the campaign's organization, even the agency's own; rules leave such a campaign alone."""
        return self.assigned_at is not None and self.assigned_rule is None

    @property
    def progress(self) -> float | None:
        """Return the share of leads whose sequence has started, 0 to 1; None where the provider reports no number of leads."""
        if not self.leads_count or self.contacted_count is None:
            return None
        return min(self.contacted_count / self.leads_count, 1.0)


class AssignmentRule(TenantModel, Keyed):
    """Rule that assigns matching campaigns of a shared workspace to an organization (campaigns/assignment_rules.py).

    It has no effect until a person has seen a preview of its campaigns and applied it (`applied_at`). A change of the rule clears
    `applied_at`.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="assignment_rules")
    connection = models.ForeignKey(
        ProviderConnection, on_delete=models.CASCADE, db_index=False, related_name="assignment_rules"
    )
    kind = models.TextField(choices=RuleKind, default=RuleKind.NAME_PREFIX)
    value = models.TextField(help_text="What is looked for; of a list, what it is called.")
    listed = models.JSONField(
        null=True, blank=True, help_text="The provider's ids of the campaigns of a list; other kinds have none."
    )
    priority = models.IntegerField(default=100, help_text="The lowest that fits wins.")
    is_active = models.BooleanField(default=True)
    applied_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When it was applied after a look at what it takes. Empty: without effect.",
    )

    class Meta:
        ordering = ["connection", "priority", "id"]
        constraints = [models.UniqueConstraint(fields=["connection", "kind", "value"], name="assignment_rule_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value!r}"
