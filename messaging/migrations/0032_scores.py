"""Scores of contacts, and settings of scoring."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import salesbrain.rls.models
from salesbrain.rls.operations import protect
from salesbrain.rls.policies import tenant_policies_2


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0023_provider_names"),
        ("messaging", "0031_digest"),
    ]

    operations = [
        migrations.CreateModel(
            name="ScoringSettings",
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
                    "title",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="Variable that holds the job title."
                    ),
                ),
                (
                    "employees",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="Variable with the number of employees."
                    ),
                ),
                ("employees_from", models.PositiveIntegerField(db_default=0, default=0)),
                ("employees_to", models.PositiveIntegerField(null=True)),
                (
                    "industry",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="Variable that holds the industry."
                    ),
                ),
                (
                    "industries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, help_text="Industries looked for.", size=None
                    ),
                ),
                (
                    "factors",
                    models.JSONField(
                        help_text="Learned factor of each row of the engagement; NULL: the shipped ones.", null=True
                    ),
                ),
                (
                    "version",
                    models.TextField(blank=True, db_default="", default="", help_text="Of the learned factors."),
                ),
                (
                    "contacts",
                    models.PositiveIntegerField(
                        db_default=0, default=0, help_text="Learned from, in the last attempt."
                    ),
                ),
                ("positives", models.PositiveIntegerField(db_default=0, default=0)),
                (
                    "predicts",
                    models.BooleanField(
                        help_text="Does the top band do at least twice as well as all? NULL: unknown.", null=True
                    ),
                ),
                (
                    "outcome",
                    models.JSONField(default=list, help_text="Outcome by band of this quarter and the last one."),
                ),
                ("scored_at", models.DateTimeField(help_text="NULL: due at once.", null=True)),
            ],
            options={
                "verbose_name_plural": "scoring settings",
            },
        ),
        migrations.CreateModel(
            name="ContactScore",
            fields=[
                ("id", models.UUIDField(editable=False, help_text="The contact's.", primary_key=True, serialize=False)),
                (
                    "band",
                    models.TextField(
                        help_text="Fit and engagement, such as B1; engagement alone where no fit is known; empty: none."
                    ),
                ),
                ("points", models.IntegerField(help_text="Of the engagement, in tenths; NULL: excluded.", null=True)),
                ("excluded", models.TextField(db_default="", default="", help_text="Why there is no score.")),
                ("version", models.TextField(help_text="Of the rules and the weights.")),
                ("scored_at", models.DateTimeField()),
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
                "indexes": [
                    models.Index(fields=["organization", "band", "-points"], name="contact_score_band"),
                    models.Index(fields=["organization", "-points", "id"], name="contact_score_points"),
                ],
                "constraints": [
                    salesbrain.rls.models.CompositeForeignKey(
                        deferred=True,
                        field="id",
                        name="contact_score_contact_fk",
                        on_delete="CASCADE",
                        to="messaging.Contact",
                    )
                ],
            },
        ),
        *protect("ContactScore", tenant_policies_2()),
        *protect("ScoringSettings", tenant_policies_2()),
    ]
