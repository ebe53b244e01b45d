"""Tables of reply categories, their corrections, learned weights, and messages to categorize."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import salesbrain.models
from salesbrain.rls.operations import protect
from salesbrain.rls.policies import staff_policies_2, tenant_policies_2

TENANT = ("MessageCategory", "CategoryCorrection", "TriageLearning")
EARLY = (
    "ALTER TABLE messaging_triagepending SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)"
)
LATE = "ALTER TABLE messaging_triagepending RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_digest"),
        ("messaging", "0016_whole_replies"),
    ]

    operations = [
        migrations.CreateModel(
            name="TriageLearning",
            fields=[
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.organization",
                    ),
                ),
                (
                    "is_due",
                    models.BooleanField(
                        db_default=True, default=True, help_text="There is something new to learn from."
                    ),
                ),
                (
                    "differences",
                    models.BinaryField(help_text="float32 arrays added to the shipped ones; NULL: none.", null=True),
                ),
                (
                    "base",
                    models.TextField(blank=True, default="", help_text="Version of the model they were learned for."),
                ),
                ("version", models.TextField(blank=True, default="")),
                (
                    "corrections",
                    models.IntegerField(db_default=0, default=0, help_text="Learned from, in the last attempt."),
                ),
                (
                    "held_back",
                    models.IntegerField(db_default=0, default=0, help_text="Replies both models were judged by."),
                ),
                ("errors_before", models.IntegerField(db_default=0, default=0)),
                ("errors_after", models.IntegerField(db_default=0, default=0)),
                (
                    "is_adopted",
                    models.BooleanField(db_default=False, default=False, help_text="Was the challenger better?"),
                ),
                ("learned_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name_plural": "triage learning",
            },
        ),
        migrations.CreateModel(
            name="TriagePending",
            fields=[
                ("message_id", models.UUIDField(primary_key=True, serialize=False)),
                ("taken_at", models.DateTimeField(null=True)),
                ("tries", models.SmallIntegerField(db_default=0, default=0)),
            ],
            options={
                "verbose_name_plural": "triage pending",
            },
        ),
        migrations.AlterField(
            model_name="event",
            name="origin",
            field=models.TextField(
                choices=[
                    ("webhook", "Webhook"),
                    ("backfill", "Gap repair from the provider's log"),
                    ("derived", "Derived from a state change seen by a sync"),
                    ("staff", "Our staff"),
                    ("customer", "The organization's people"),
                    ("rule", "Worked out by us"),
                ],
                default="webhook",
            ),
        ),
        migrations.CreateModel(
            name="CategoryCorrection",
            fields=[
                ("id", models.UUIDField(editable=False, help_text="The message's.", primary_key=True, serialize=False)),
                ("category", models.TextField()),
                ("predicted", models.TextField(help_text="What the engine had said.")),
                ("corrected_at", models.DateTimeField()),
                ("user_id", models.UUIDField(help_text="Who, as the audit log has it.", null=True)),
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
                "indexes": [models.Index(fields=["organization", "-corrected_at"], name="category_correction_latest")],
                "constraints": [
                    salesbrain.models.CompositeForeignKey(
                        deferred=True,
                        field="id",
                        name="category_correction_message_fk",
                        on_delete="CASCADE",
                        to="messaging.Message",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MessageCategory",
            fields=[
                ("id", models.UUIDField(editable=False, help_text="The message's.", primary_key=True, serialize=False)),
                ("category", models.TextField(help_text="messaging.intelligence.triage.classes, or unsure.")),
                ("predicted", models.TextField()),
                ("p", models.FloatField(help_text="Calibrated probability of `predicted`, 0 to 1.")),
                (
                    "candidates",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), help_text="What is plausible, likeliest first.", size=None
                    ),
                ),
                ("source", models.TextField(help_text="staff, fact, rule or model.")),
                ("rule", models.TextField(blank=True, default="")),
                ("version", models.TextField(help_text="Of the model, with what was learned for the organization.")),
                ("reason", models.JSONField(default=dict)),
                ("decided_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                "verbose_name_plural": "message categories",
                "indexes": [
                    models.Index(fields=["organization", "category", "-decided_at"], name="message_category_latest")
                ],
                "constraints": [
                    salesbrain.models.CompositeForeignKey(
                        deferred=True,
                        field="id",
                        name="message_category_message_fk",
                        on_delete="CASCADE",
                        to="messaging.Message",
                    )
                ],
            },
        ),
        *(operation for model in TENANT for operation in protect(model, tenant_policies_2())),
        *protect("TriagePending", staff_policies_2()),
        migrations.RunSQL(EARLY, LATE),
    ]
