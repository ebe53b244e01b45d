"""Model of an organization's goals: targets that it sets for a month."""

from django.db import models
from django.db.models import Q

from accounts.models import Organization
from salesbrain.kernel.models import Keyed
from salesbrain.rls.models import TenantModel


class Goal(TenantModel, Keyed):
    """Target for a stat (messaging.stats) in a calendar month (UTC); owners set it."""

    customer_may = frozenset({"insert", "update", "delete"})

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    month = models.DateField(help_text="Its first day.")
    metric = models.TextField(help_text="messaging.goals.METRICS")
    target = models.PositiveIntegerField()

    class Meta:
        ordering = ["month", "metric", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "month", "metric"], name="goal_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="goal_month"),
            models.CheckConstraint(condition=Q(target__gte=1), name="goal_target"),
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.metric} in {self.month:%Y-%m}"
