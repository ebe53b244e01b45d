"""Findings for staff, and daily measurements that some rules compare with."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Organization
from messaging.choices import FindingTarget, MeasurementKind, Severity
from salesbrain.kernel.message_fields import MessageField
from salesbrain.kernel.models import Keyed
from salesbrain.rls.models import StaffModel


class Finding(StaffModel, Keyed):
    """A finding: what a rule found on an object; open until a run no longer finds it, then kept as history.

    `target_id` is a plain key: a finding outlives its object, and some are about no row (the installation, whose key is zero).
    No customer sees findings: they name workspaces of several customers, and snoozes say why the agency waits.
    """

    rule = models.TextField(help_text="Name in the table of rules, messaging/findings/rules.py.")
    severity = models.TextField(choices=Severity)
    target_type = models.TextField(choices=FindingTarget)
    target_id = models.UUIDField()
    target_name = models.TextField()
    organization = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    figure = models.FloatField(null=True, help_text="What was measured, in the rule's unit.")
    limit = models.FloatField(null=True, help_text="What it was compared with, in the rule's unit.")
    sample = models.IntegerField(null=True, help_text="How many the figure is of.")
    floor = models.IntegerField(null=True, help_text="The rule is silent on smaller samples.")
    reason = models.TextField(blank=True, default="", help_text="A word of the rule's own, such as a status.")
    detail = MessageField(blank=True, default="")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True, help_text="Empty: open.")
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snooze_reason = models.TextField(blank=True, default="")
    snoozed_by = models.TextField(blank=True, default="", help_text="Their address then.")
    action_id = models.UUIDField(null=True, blank=True, help_text="The staff action after which it was found no more.")

    class Meta:
        ordering = ["-since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "target_type", "target_id"], condition=Q(until__isnull=True), name="finding_open_once"
            ),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="finding_severity"),
            models.CheckConstraint(condition=Q(target_type__in=FindingTarget.values), name="finding_target"),
        ]
        indexes = [
            models.Index(fields=["-since", "id"], name="finding_latest"),
            models.Index(fields=["target_type", "target_id", "-since"], name="finding_of_target"),
            models.Index(fields=["organization", "-since"], name="finding_of_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.target_name}"


class Measurement(StaffModel):
    """A value measured on one UTC day, stored because the provider reports only the current one. A later one of the day replaces it."""

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField(choices=MeasurementKind)
    target_id = models.UUIDField(help_text="Of the email account or campaign.")
    day = models.DateField()
    value = models.FloatField()
    measured_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["kind", "target_id", "-day"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "target_id", "day"], name="measurement_once"),
            models.CheckConstraint(condition=Q(kind__in=MeasurementKind.values), name="measurement_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}: {self.value:g}"
