"""Table of staff actions, under row-level security like all tables of staff."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import salesbrain.models
from salesbrain.rls.operations import protect
from salesbrain.rls.policies import staff_policies_2


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_shared_state"),
        ("instantly", "0006_one_index_less"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StaffAction",
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
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("campaign_create", "Make a campaign"),
                            ("campaign_change", "Rename or change"),
                            ("campaign_activate", "Activate"),
                            ("campaign_pause", "Pause"),
                            ("campaign_duplicate", "Duplicate"),
                            ("campaign_delete", "Delete at Instantly"),
                            ("campaign_assign", "Assign to an organization"),
                            ("leads_add", "Add leads"),
                            ("lead_delete", "Delete a lead"),
                            ("account_pause", "Pause"),
                            ("account_resume", "Resume"),
                            ("sync", "Sync now"),
                            ("test", "Test connection"),
                            ("webhook", "Register webhook"),
                            ("drift", "Compare figures with Instantly's"),
                        ]
                    ),
                ),
                (
                    "target_id",
                    models.UUIDField(
                        help_text="Of the campaign or email account; empty: it is about the connection.", null=True
                    ),
                ),
                ("target_name", models.TextField()),
                ("arguments", models.JSONField(blank=True, default=dict)),
                ("actor_name", models.TextField(help_text="Their address then.")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("unknown", "Outcome unknown"),
                        ],
                        default="queued",
                    ),
                ),
                ("outcome", models.TextField(blank=True, default="", help_text="A sentence for people.")),
                ("result", models.JSONField(blank=True, default=dict)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staff_actions",
                        to="accounts.providerconnection",
                    ),
                ),
            ],
            options={
                "verbose_name": "action",
                "ordering": ["-created_at", "-id"],
                "indexes": [models.Index(fields=["-created_at", "-id"], name="staff_action_latest")],
            },
        ),
        *protect("StaffAction", staff_policies_2()),
    ]
