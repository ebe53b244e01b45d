"""Table of contacts' custom variables; filled by the next nightly listing of leads."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import salesbrain.rls.models
from salesbrain.rls.operations import protect
from salesbrain.rls.policies import tenant_policies_2


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_lead_labels"),
        ("campaigns", "0007_raw_without_what_has_columns"),
        ("messaging", "0023_events_of_leads"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactVariables",
            fields=[
                ("id", models.UUIDField(editable=False, help_text="The contact's.", primary_key=True, serialize=False)),
                (
                    "variables",
                    models.JSONField(default=dict, help_text="Name -> text, number or truth value; bounded."),
                ),
                (
                    "left_out",
                    models.JSONField(default=list, help_text="Names that were not taken over, each with the reason."),
                ),
                ("told_at", models.DateTimeField(help_text="When the lead last changed at the provider.")),
                (
                    "updated_at",
                    models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaign",
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
                "verbose_name_plural": "contact variables",
                "indexes": [models.Index(fields=["campaign"], name="contact_variables_campaign")],
                "constraints": [
                    salesbrain.rls.models.CompositeForeignKey(
                        deferred=True,
                        field="id",
                        name="contact_variables_contact_fk",
                        on_delete="CASCADE",
                        to="messaging.Contact",
                    ),
                    salesbrain.rls.models.CompositeForeignKey(
                        deferred=True, field="campaign", name="contact_variables_campaign_fk", to="campaigns.Campaign"
                    ),
                ],
            },
        ),
        *protect("ContactVariables", tenant_policies_2()),
    ]
