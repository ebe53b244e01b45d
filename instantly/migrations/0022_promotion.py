"""Table of promotions: moves of customers out of shared workspaces into their own."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import salesbrain.kernel.message_fields
import salesbrain.models
from salesbrain.rls.operations import protect
from salesbrain.rls.policies import staff_policies_2


class Migration(migrations.Migration):
    dependencies = [("accounts", "0025_retention"), ("instantly", "0021_names_in_copies")]

    operations = [
        migrations.CreateModel(
            name="Promotion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=salesbrain.models.RandomUUID(),
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
                ("plan", models.JSONField(default=dict)),
                ("journal", models.JSONField(default=dict)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("running", "Running"),
                            ("stopped", "Stopped"),
                            ("done", "Waits for confirmation"),
                            ("undone", "Undone"),
                            ("confirmed", "Confirmed"),
                        ],
                        default="running",
                    ),
                ),
                (
                    "outcome",
                    salesbrain.kernel.message_fields.MessageField(
                        blank=True, default="", help_text="A sentence for people."
                    ),
                ),
                ("actor_name", models.TextField(help_text="Who began it: their address then, or a command.")),
                (
                    "undo_at",
                    models.DateTimeField(blank=True, help_text="Since when it is being taken back.", null=True),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "admin_connection",
                    models.ForeignKey(
                        blank=True,
                        help_text="Has the key of the workspace group's admin workspace. Empty: no email account moves.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.providerconnection",
                    ),
                ),
                (
                    "destination",
                    models.ForeignKey(
                        help_text="The customer's own.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.providerconnection",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="promotions",
                        to="accounts.organization",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        help_text="The shared workspace.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="promotions",
                        to="accounts.providerconnection",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["running", "stopped", "done"])),
                        fields=("organization",),
                        name="promotion_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["running", "stopped", "done", "undone", "confirmed"])),
                        name="promotion_state",
                    ),
                ],
            },
        ),
        *protect("Promotion", staff_policies_2()),
    ]
