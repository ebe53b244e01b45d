"""Tables of conversations, their notes, labels and build progress; kind of messages.

Conversations of earlier mails are built afterwards, in batches (`manage.py build_conversations`).
"""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import salesbrain.kernel.models
import salesbrain.rls.models
from salesbrain.rls.operations import protect
from salesbrain.rls.policies import tenant_policies_2

TENANT = ("Conversation", "Note", "ContactLabel", "ConversationBuild")
SCOPE = "SELECT set_config('app.user_role', %s, true)"
TO_BUILD = "INSERT INTO messaging_conversationbuild (organization_id) SELECT id FROM accounts_organization"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_lead_labels"),
        ("messaging", "0019_web_poll"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConversationBuild",
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
                ("after", models.UUIDField(help_text="The last contact looked at.", null=True)),
                ("built", models.IntegerField(db_default=0, default=0)),
                (
                    "total",
                    models.IntegerField(
                        help_text="Contacts with received or hand-written mails, when it began.", null=True
                    ),
                ),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="event",
            name="payload",
            field=models.JSONField(
                editable=False, help_text="Of people's changes: what they changed (messaging.inbox.events).", null=True
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="kind",
            field=models.TextField(
                choices=[("campaign", "Of a campaign"), ("manual", "Written by hand, or of no campaign")],
                db_default="campaign",
                default="campaign",
                help_text="manual: written by hand or of no campaign; in no statistic.",
            ),
        ),
        migrations.CreateModel(
            name="ContactLabel",
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
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="labels",
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
                "ordering": ["name", "id"],
                "indexes": [models.Index(fields=["organization", "name"], name="contact_label_name")],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "contact", "name"), name="contact_label_once"),
                    salesbrain.rls.models.CompositeForeignKey(
                        deferred=True, field="contact", name="contact_label_contact_fk", to="messaging.Contact"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                ("id", models.UUIDField(editable=False, help_text="The contact's.", primary_key=True, serialize=False)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("open", "Open"),
                            ("waiting", "Waiting for the person"),
                            ("snoozed", "Snoozed"),
                            ("done", "Done"),
                        ]
                    ),
                ),
                ("done_reason", models.TextField(blank=True, db_default="", default="")),
                ("snoozed_until", models.DateTimeField(null=True)),
                (
                    "last_inbound_at",
                    models.DateTimeField(help_text="Latest received mail, also an automatic one.", null=True),
                ),
                ("last_human_at", models.DateTimeField(help_text="Latest mail that a person wrote to us.", null=True)),
                ("last_outbound_at", models.DateTimeField(help_text="Latest mail that we wrote by hand.", null=True)),
                ("last_mail_at", models.DateTimeField(help_text="Latest of both; the order of lists.")),
                (
                    "waiting_since",
                    models.DateTimeField(help_text="Open or snoozed: the oldest reply without an answer.", null=True),
                ),
                ("is_unread", models.BooleanField(db_default=False, default=False)),
                (
                    "is_untracked",
                    models.BooleanField(db_default=False, default=False, help_text="No mail of it is of a campaign."),
                ),
                (
                    "category",
                    models.TextField(
                        help_text="Of the latest reply: triage, else the interest, else unknown.", null=True
                    ),
                ),
                ("assignee_id", models.UUIDField(help_text="The user who takes care of it.", null=True)),
                ("version", models.IntegerField(db_default=1, default=1, help_text="Rises with mails and state.")),
                (
                    "chosen_state",
                    models.TextField(
                        choices=[
                            ("open", "Open"),
                            ("waiting", "Waiting for the person"),
                            ("snoozed", "Snoozed"),
                            ("done", "Done"),
                        ],
                        editable=False,
                        null=True,
                    ),
                ),
                ("chosen_reason", models.TextField(db_default="", default="", editable=False)),
                ("chosen_until", models.DateTimeField(editable=False, null=True)),
                ("chosen_at", models.DateTimeField(editable=False, null=True)),
                ("chosen_seen", models.BigIntegerField(editable=False, null=True)),
                ("chosen_replies", models.IntegerField(editable=False, null=True)),
                ("read_at", models.DateTimeField(editable=False, null=True)),
                ("read_seen", models.BigIntegerField(editable=False, help_text="0: marked as unread.", null=True)),
                ("read_replies", models.IntegerField(editable=False, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now()),
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
                "ordering": ["-last_mail_at", "-id"],
                "indexes": [
                    models.Index(fields=["organization", "-last_mail_at", "-id"], name="conversation_latest"),
                    models.Index(fields=["organization", "-updated_at", "-id"], name="conversation_changed"),
                ],
                "constraints": [
                    salesbrain.rls.models.CompositeForeignKey(
                        deferred=True,
                        field="id",
                        name="conversation_contact_fk",
                        on_delete="CASCADE",
                        to="messaging.Contact",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "waiting", "snoozed", "done"])),
                        name="conversation_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
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
                ("text", models.TextField()),
                ("author_id", models.UUIDField(help_text="The user who wrote it.", null=True)),
                ("author_name", models.TextField(blank=True, default="", help_text="Their name or address then.")),
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
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
                "ordering": ["-created_at", "-id"],
                "indexes": [models.Index(fields=["organization", "contact", "-created_at"], name="note_of_contact")],
                "constraints": [
                    salesbrain.rls.models.CompositeForeignKey(
                        deferred=True, field="contact", name="note_contact_fk", to="messaging.Contact"
                    )
                ],
            },
        ),
        *(operation for model in TENANT for operation in protect(model, tenant_policies_2())),
        migrations.RunSQL([(SCOPE, ["sb_admin"])], [(SCOPE, [""])]),
        migrations.RunSQL(TO_BUILD, migrations.RunSQL.noop),
        migrations.RunSQL([(SCOPE, [""])], [(SCOPE, ["sb_admin"])]),
    ]
