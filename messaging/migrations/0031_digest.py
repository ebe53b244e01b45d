"""Subscriptions to the daily digest of follow-ups."""

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
        ("messaging", "0030_next_steps"),
    ]

    operations = [
        migrations.CreateModel(
            name="DigestSubscription",
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
                ("user_id", models.UUIDField()),
                (
                    "looked_on",
                    models.DateField(
                        help_text="The reader's last day on which it was sent or had nothing to say.", null=True
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
                "ordering": ["created_at", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "user_id"), name="digest_subscription_once")
                ],
            },
        ),
        *protect("DigestSubscription", tenant_policies_2()),
    ]
