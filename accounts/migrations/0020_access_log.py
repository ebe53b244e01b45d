"""Table of the access log, which shows customers who read or answered their conversations."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from salesbrain.rls.operations import protect
from salesbrain.rls.policies import tenant_policies_2


class Migration(migrations.Migration):
    dependencies = [("accounts", "0019_invitations")]

    operations = [
        migrations.CreateModel(
            name="AccessEntry",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("actor_name", models.TextField(help_text="Their name or address then.")),
                ("party", models.TextField(choices=[("agency", "Agency"), ("team", "Team")])),
                ("action", models.TextField(choices=[("read", "Read"), ("answered", "Answered")])),
                ("conversation_id", models.UUIDField()),
                (
                    "actor",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_entries",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "access entries",
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(fields=["organization", "-at", "-id"], name="access_latest"),
                    models.Index(
                        fields=["organization", "conversation_id", "actor", "-at"], name="access_of_conversation"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("party__in", ["agency", "team"])), name="access_party"),
                    models.CheckConstraint(
                        condition=models.Q(("action__in", ["read", "answered"])), name="access_action"
                    ),
                ],
            },
        ),
        *protect("AccessEntry", tenant_policies_2()),
    ]
