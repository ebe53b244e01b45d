"""Models of daily stats summed over an organization's campaigns, and of the days to sum again."""

from django.db import models

from accounts.models import Organization
from salesbrain.rls.models import TenantModel


class OrganizationDailyStats(TenantModel):
    """Sums of DailyStats per organization, UTC day and tracking of the campaigns. Not valid for a day that StaleStats names.

    `row_count`: daily stats that are summed, those of all zeros left out.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    day = models.DateField()
    tracks_opens = models.BooleanField()
    tracks_links = models.BooleanField()
    row_count = models.IntegerField(default=0, db_default=0)
    messages = models.IntegerField(default=0, db_default=0)
    sent = models.IntegerField(default=0, db_default=0)
    replies = models.IntegerField(default=0, db_default=0)
    auto_replies = models.IntegerField(default=0, db_default=0)
    bounces = models.IntegerField(default=0, db_default=0)
    unique_opens = models.IntegerField(default=0, db_default=0)
    unique_clicks = models.IntegerField(default=0, db_default=0)
    unique_replies = models.IntegerField(default=0, db_default=0)
    machine_opens = models.IntegerField(default=0, db_default=0)
    machine_clicks = models.IntegerField(default=0, db_default=0)
    unique_machine_opens = models.IntegerField(default=0, db_default=0)
    unique_machine_clicks = models.IntegerField(default=0, db_default=0)
    opens = models.IntegerField(default=0, db_default=0)
    clicks = models.IntegerField(default=0, db_default=0)
    unsubscribes = models.IntegerField(default=0, db_default=0)
    complaints = models.IntegerField(default=0, db_default=0)
    interested = models.IntegerField(default=0, db_default=0)
    not_interested = models.IntegerField(default=0, db_default=0)
    meetings = models.IntegerField(default=0, db_default=0)

    class Meta:
        ordering = ["-day", "id"]
        verbose_name_plural = "organization daily stats"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "day", "tracks_opens", "tracks_links"], name="organization_daily_stats_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.organization_id}"


class StaleStats(TenantModel):
    """Note that the sums of an organization's day, or of all its days (NULL), are not valid: triggers write it with the change.

    One row for each change, never one that is there already: two transactions do not wait for each other, and whoever sums a day again
    deletes exactly the notes of the changes it saw.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    day = models.DateField(null=True, help_text="NULL: all days.")

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "stale stats"
        indexes = [models.Index(fields=["organization", "day"], name="stale_stats_organization")]

    def __str__(self) -> str:
        return f"{self.day or 'all days'} {self.organization_id}"
