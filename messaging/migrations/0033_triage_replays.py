"""Replays of the reply lab, and a threshold of triage for each organization."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import salesbrain.kernel.models
from salesbrain.rls.operations import protect
from salesbrain.rls.policies import tenant_policies_2


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0023_provider_names"),
        ("messaging", "0032_scores"),
    ]

    operations = [
        migrations.AddField(
            model_name="triagelearning",
            name="threshold",
            field=models.FloatField(
                help_text="Reliability below which a person decides; NULL: the shipped one.", null=True
            ),
        ),
        migrations.CreateModel(
            name="TriageReplay",
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
                ("threshold", models.FloatField()),
                (
                    "state",
                    models.TextField(
                        db_default="queued", default="queued", help_text="queued, running, done or failed."
                    ),
                ),
                ("user_name", models.TextField(default="", help_text="Who asked for it.")),
                ("replies", models.IntegerField(db_default=0, default=0, help_text="Replayed so far.")),
                (
                    "result",
                    models.JSONField(
                        default=dict, help_text="Changes by category before and after, and how many were right."
                    ),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "indexes": [models.Index(fields=["organization", "-created_at"], name="triage_replay_latest")],
            },
        ),
        *protect("TriageReplay", tenant_policies_2()),
    ]
