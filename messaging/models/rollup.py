"""Model of the daily stats (rollup), written in the transaction of the rows they count."""

from collections.abc import Iterable

from django.db import models

from accounts.models import Organization
from campaigns.models import Campaign
from salesbrain.rls.models import CompositeForeignKey, TenantModel

FROM_MESSAGES = (
    "messages", "sent", "replies", "auto_replies", "bounces", "unique_opens", "unique_clicks", "unique_replies",
    "machine_opens", "machine_clicks", "unique_machine_opens", "unique_machine_clicks",
)  # fmt: skip
"""Counters computed from message rows, as new contribution minus old, so that a mail reported twice counts once."""

FROM_EVENTS = ("opens", "clicks", "unsubscribes", "complaints", "interested", "not_interested", "meetings")
"""Counters computed from events that are new in the log."""

ROLLUP_COUNTERS = FROM_MESSAGES + FROM_EVENTS
"""All counters, each a column of the rollup. The figures shown, with their meaning: messaging.stats.FIGURE_DEFINITIONS."""

COUNTS_SOMETHING = f"({' | '.join(counter for counter in ROLLUP_COUNTERS if counter != 'messages')}) <> 0"
"""SQL condition of rows that count something that is shown; one that is all zeros is treated as absent."""


def sql_list(template: str, counters: Iterable[str] = ROLLUP_COUNTERS) -> str:
    """Return the template repeated for each counter, with its name for `*`, separated by commas: "s.*" -> "s.messages, s.sent, …"."""
    return ", ".join(template.replace("*", counter) for counter in counters)


class DailyStats(TenantModel):
    """Stats per campaign, sender, UTC day, step and variant. `rebuild_stats` recounts them and must find no difference.

    A row may have returned to all zeros by a correction: treat it as absent.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="daily_stats"
    )
    campaign = models.ForeignKey(
        Campaign, null=True, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="daily_stats"
    )
    email_account = models.TextField(default="", blank=True)
    day = models.DateField()
    step = models.IntegerField(default=0)
    variant = models.IntegerField(default=0)
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
        ordering = ["-day", "campaign", "email_account", "step", "variant"]
        verbose_name_plural = "daily stats"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "campaign", "email_account", "day", "step", "variant"],
                name="daily_stats_key",
                nulls_distinct=False,
            ),
            CompositeForeignKey(field="campaign", to="campaigns.Campaign", name="daily_stats_campaign_fk"),
        ]
        indexes = [models.Index(fields=["organization", "day"], name="daily_stats_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.campaign_id}"
