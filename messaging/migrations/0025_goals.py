"""Table of organizations' goals by month."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import salesbrain.kernel.models
from salesbrain.rls.operations import protect
from salesbrain.rls.policies import tenant_policies_2


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_lead_labels"),
        ("messaging", "0024_contact_variables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Goal",
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
                ("month", models.DateField(help_text="Its first day.")),
                ("metric", models.TextField(help_text="messaging.goals.METRICS")),
                ("target", models.PositiveIntegerField()),
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
                "ordering": ["month", "metric", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "month", "metric"), name="goal_once"),
                    models.CheckConstraint(condition=models.Q(("month__day", 1)), name="goal_month"),
                    models.CheckConstraint(condition=models.Q(("target__gte", 1)), name="goal_target"),
                ],
            },
        ),
        *protect("Goal", tenant_policies_2()),
    ]
