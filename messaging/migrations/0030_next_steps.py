"""Next steps read from messages, decisions on suggestions, and settings for them."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import salesbrain.kernel.models
import salesbrain.rls.models
from salesbrain.rls.operations import protect
from salesbrain.rls.policies import tenant_policies_2


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0023_provider_names"),
        ("messaging", "0029_messages_by_status"),
    ]

    operations = [
        migrations.CreateModel(
            name="FollowUpSettings",
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
                    "country",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="ISO 3166 code; empty: weekdays alone."
                    ),
                ),
                (
                    "subdivision",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="Part of the country, such as BY."
                    ),
                ),
                (
                    "restarted",
                    models.JSONField(default=dict, help_text="Kind of suggestion -> when it was switched on again."),
                ),
            ],
            options={
                "verbose_name_plural": "follow-up settings",
            },
        ),
        migrations.AddField(
            model_name="messagecategory",
            name="asks",
            field=models.TextField(
                help_text="messaging.intelligence.next_steps.reading; NULL: not read yet.", null=True
            ),
        ),
        migrations.AddField(
            model_name="messagecategory",
            name="asks_address",
            field=models.TextField(db_default="", default="", help_text="Whom to write to instead."),
        ),
        migrations.AddField(
            model_name="messagecategory",
            name="asks_on",
            field=models.DateField(help_text="The weekday asked for, or of the return from an absence.", null=True),
        ),
        migrations.AddField(
            model_name="messagecategory",
            name="asks_words",
            field=models.TextField(db_default="", default="", help_text="The person's words it is read from."),
        ),
        migrations.CreateModel(
            name="SuggestionDecision",
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
                ("key", models.TextField()),
                ("kind", models.TextField(help_text="messaging.intelligence.next_steps.suggestions.SuggestionKind")),
                ("decision", models.TextField(help_text="accepted, changed or dismissed.")),
                ("why", models.TextField(db_default="", default="", help_text="Reason of a dismissal.")),
                ("on", models.DateField(help_text="The day chosen instead, where it was changed.", null=True)),
                ("user_id", models.UUIDField(help_text="Who decided.", null=True)),
                ("user_name", models.TextField(default="", help_text="Their name or address then.")),
                ("decided_at", models.DateTimeField()),
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="messaging.contact",
                    ),
                ),
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
                "ordering": ["-decided_at", "id"],
                "indexes": [
                    models.Index(fields=["organization", "kind", "-decided_at"], name="suggestion_decision_latest")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "contact", "key"), name="suggestion_decided_once"),
                    salesbrain.rls.models.CompositeForeignKey(
                        deferred=True,
                        field="contact",
                        name="suggestion_decision_contact_fk",
                        on_delete="CASCADE",
                        to="messaging.Contact",
                    ),
                ],
            },
        ),
        *protect("FollowUpSettings", tenant_policies_2()),
        *protect("SuggestionDecision", tenant_policies_2()),
    ]
