"""Findings of staff and daily measurements."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import salesbrain.kernel.models
from salesbrain.rls.operations import protect
from salesbrain.rls.policies import staff_policies_2


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0023_provider_names"),
        ("messaging", "0027_contact_meetings"),
    ]

    operations = [
        migrations.CreateModel(
            name="Measurement",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.TextField(
                        choices=[("warmup_score", "Warm-up score"), ("leads_left", "Leads not contacted yet")]
                    ),
                ),
                ("target_id", models.UUIDField(help_text="Of the email account or campaign.")),
                ("day", models.DateField()),
                ("value", models.FloatField()),
                ("measured_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["kind", "target_id", "-day"],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "target_id", "day"), name="measurement_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["warmup_score", "leads_left"])), name="measurement_kind"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=salesbrain.kernel.models.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now()),
                ),
                ("rule", models.TextField(help_text="Name in the table of rules, messaging/findings/rules.py.")),
                (
                    "severity",
                    models.TextField(choices=[("critical", "Critical"), ("warning", "Warning"), ("notice", "Notice")]),
                ),
                (
                    "target_type",
                    models.TextField(
                        choices=[
                            ("organization", "Organization"),
                            ("campaign", "Campaign"),
                            ("email_account", "Email account"),
                            ("connection", "Connection"),
                            ("user", "User"),
                            ("installation", "Installation"),
                        ]
                    ),
                ),
                ("target_id", models.UUIDField()),
                ("target_name", models.TextField()),
                ("figure", models.FloatField(help_text="What was measured, in the rule's unit.", null=True)),
                ("limit", models.FloatField(help_text="What it was compared with, in the rule's unit.", null=True)),
                ("sample", models.IntegerField(help_text="How many the figure is of.", null=True)),
                ("floor", models.IntegerField(help_text="The rule is silent on smaller samples.", null=True)),
                (
                    "reason",
                    models.TextField(blank=True, default="", help_text="A word of the rule's own, such as a status."),
                ),
                ("detail", models.TextField(blank=True, default="")),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(blank=True, help_text="Empty: open.", null=True)),
                ("snoozed_until", models.DateTimeField(blank=True, null=True)),
                ("snooze_reason", models.TextField(blank=True, default="")),
                ("snoozed_by", models.TextField(blank=True, default="", help_text="Their address then.")),
                (
                    "action_id",
                    models.UUIDField(
                        blank=True, help_text="The staff action after which it was found no more.", null=True
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "ordering": ["-since", "id"],
                "indexes": [
                    models.Index(fields=["-since", "id"], name="finding_latest"),
                    models.Index(fields=["target_type", "target_id", "-since"], name="finding_of_target"),
                    models.Index(fields=["organization", "-since"], name="finding_of_organization"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("rule", "target_type", "target_id"),
                        name="finding_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", ["critical", "warning", "notice"])), name="finding_severity"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "target_type__in",
                                ["organization", "campaign", "email_account", "connection", "user", "installation"],
                            )
                        ),
                        name="finding_target",
                    ),
                ],
            },
        ),
        *protect("Finding", staff_policies_2()),
        *protect("Measurement", staff_policies_2()),
    ]
