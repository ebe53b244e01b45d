"""Tables of invitations into an organization, and of password resets."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import salesbrain.kernel.models
from salesbrain.rls.operations import protect
from salesbrain.rls.policies import staff_policies_2, tenant_policies_2

KEYED = [
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
    ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
    ("updated_at", models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now())),
]
DIGEST = models.BinaryField(help_text="NULL: no link was made yet.", max_length=32, null=True)
OPEN = models.Q(("accepted_at__isnull", True), ("revoked_at__isnull", True))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0018_api_caller_roles")]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                *KEYED,
                ("email", models.EmailField(max_length=254)),
                (
                    "role",
                    models.TextField(choices=[("owner", "Owner"), ("member", "Member"), ("observer", "Observer")]),
                ),
                (
                    "language",
                    models.TextField(
                        choices=[("en", "English"), ("de", "Deutsch")],
                        help_text="Of the invitation's text, and of the user it makes.",
                    ),
                ),
                ("digest", DIGEST),
                ("invited_by_name", models.TextField(help_text="Their name or address then.")),
                ("expires_at", models.DateTimeField()),
                (
                    "sent_at",
                    models.DateTimeField(
                        help_text="When the mail server took it. NULL: not sent, or shown instead.", null=True
                    ),
                ),
                ("accepted_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "ordering": ["email", "id"],
                "indexes": [models.Index(fields=["organization", "email", "id"], name="invitation_list")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "email"), condition=OPEN, name="invitation_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "member", "observer"])), name="invitation_role"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["en", "de"])), name="invitation_language"
                    ),
                ],
            },
        ),
        *protect("Invitation", tenant_policies_2()),
        migrations.CreateModel(
            name="PasswordReset",
            fields=[
                *KEYED,
                (
                    "language",
                    models.TextField(
                        choices=[("en", "English"), ("de", "Deutsch")], help_text="Of the page it was asked for on."
                    ),
                ),
                ("digest", DIGEST),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["en", "de"])), name="password_reset_language"
                    )
                ]
            },
        ),
        *protect("PasswordReset", staff_policies_2()),
    ]
