"""Tables of the outbox of replies, of snippets, and of users who have a conversation open."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import salesbrain.kernel.models
import salesbrain.rls.models
from salesbrain.rls.operations import protect
from salesbrain.rls.policies import tenant_policies_2

TENANT = ("OutboxMessage", "Snippet", "ConversationPresence")
UNLOGGED = "ALTER TABLE messaging_conversationpresence SET UNLOGGED"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0022_forget_what_was_typed"),
        ("messaging", "0021_received_messages"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConversationPresence",
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
                ("conversation_id", models.UUIDField()),
                ("user_id", models.UUIDField()),
                ("user_name", models.TextField(blank=True, default="")),
                ("is_writing", models.BooleanField(db_default=False, default=False)),
                ("seen_at", models.DateTimeField()),
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
                "verbose_name_plural": "presences",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "conversation_id", "user_id"), name="presence_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="OutboxMessage",
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
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("draft", "Draft"),
                            ("queued", "Waiting to be sent"),
                            ("sending", "Being sent"),
                            ("sent", "Sent"),
                            ("failed", "Not sent"),
                            ("unknown", "Unknown whether it was sent"),
                        ],
                        db_default="draft",
                        default="draft",
                    ),
                ),
                ("author_id", models.UUIDField(help_text="The user who wrote it.")),
                (
                    "author_name",
                    models.TextField(blank=True, db_default="", default="", help_text="Their name or address then."),
                ),
                ("text", models.TextField(blank=True, db_default="", default="")),
                (
                    "cc",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, db_default=[], default=list, size=None
                    ),
                ),
                (
                    "version",
                    models.IntegerField(
                        db_default=0, default=0, help_text="Of the conversation, as its author saw it."
                    ),
                ),
                ("mails_seen", models.IntegerField(db_default=0, default=0, editable=False)),
                ("connection_id", models.UUIDField(help_text="The workspace it is sent from.", null=True)),
                (
                    "email_account",
                    models.TextField(blank=True, db_default="", default="", help_text="Address it is sent from."),
                ),
                ("answered_id", models.UUIDField(help_text="The message answered.", null=True)),
                (
                    "answered_email_id",
                    models.TextField(db_default="", default="", help_text="The provider's id of that mail."),
                ),
                (
                    "thread_id",
                    models.TextField(db_default="", default="", help_text="The provider's, told when sending began."),
                ),
                ("subject", models.TextField(blank=True, db_default="", default="")),
                (
                    "idempotency_key",
                    models.TextField(editable=False, help_text="Of the request that sent it.", null=True),
                ),
                ("queued_at", models.DateTimeField(null=True)),
                ("undo_until", models.DateTimeField(null=True)),
                ("send_at", models.DateTimeField(null=True)),
                ("sending_at", models.DateTimeField(help_text="When the provider was about to be asked.", null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("email_id", models.TextField(help_text="The provider's id of the sent mail.", null=True)),
                (
                    "reason",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="Why it failed, came back or is unknown."
                    ),
                ),
                (
                    "attempts",
                    models.IntegerField(
                        db_default=0, default=0, help_text="How often the provider refused before doing it."
                    ),
                ),
                (
                    "lookups",
                    models.IntegerField(
                        db_default=0, default=0, help_text="How often an unknown one was looked for at the provider."
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outbox",
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
                "verbose_name_plural": "outbox messages",
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(fields=["organization", "contact", "-created_at"], name="outbox_of_contact"),
                    models.Index(
                        condition=models.Q(("state__in", ("queued", "sending", "unknown"))),
                        fields=["state", "send_at"],
                        name="outbox_under_way",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "idempotency_key"), name="outbox_idempotency_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "draft")),
                        fields=("organization", "contact", "author_id"),
                        name="outbox_one_draft",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "queued", "sending", "sent", "failed", "unknown"])),
                        name="outbox_state",
                    ),
                    salesbrain.rls.models.CompositeForeignKey(
                        deferred=True, field="contact", name="outbox_contact_fk", to="messaging.Contact"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Snippet",
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
                ("name", models.TextField()),
                ("text", models.TextField()),
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
                "ordering": ["name", "id"],
                "constraints": [models.UniqueConstraint(fields=("organization", "name"), name="snippet_once")],
            },
        ),
        *(operation for model in TENANT for operation in protect(model, tenant_policies_2())),
        migrations.RunSQL(UNLOGGED, UNLOGGED.replace("SET UNLOGGED", "SET LOGGED")),
    ]
