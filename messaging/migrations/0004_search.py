"""Full-text search: SQL functions for text and queries, and the queue of rows to index."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models
from django_rls.migration_operations import CreatePolicy

import salesbrain.models
from salesbrain.rls.operations import protect
from salesbrain.rls.policies import definer_policies, tenant_policies

SQL = Path(__file__).with_name("sql")

DROP_TEXT = """
DROP FUNCTION sb_search_query(text, text), sb_search_term(text, boolean), sb_search_vector(text, text, text, text), sb_who(text, text);
DROP FUNCTION sb_address(text), sb_unquote(text), sb_umlaut(text), sb_extra(text), sb_norm(text);
DROP TEXT SEARCH CONFIGURATION sb_de; DROP TEXT SEARCH CONFIGURATION sb_en; DROP TEXT SEARCH CONFIGURATION sb_simple;
DROP TEXT SEARCH DICTIONARY sb_stop_de; DROP TEXT SEARCH DICTIONARY sb_stop_en; DROP TEXT SEARCH DICTIONARY sb_word;
"""
DROP_FUNCTIONS = """
DROP FUNCTION app_search_people(text, int, uuid);
DROP FUNCTION app_search_ranked(text, int, int, timestamptz, uuid, text, timestamptz, timestamptz, uuid, uuid, int);
DROP FUNCTION app_search_messages(text, int, timestamptz, uuid, uuid, text, timestamptz, timestamptz, uuid, uuid, text, int);
DROP FUNCTION sb_search_where(boolean, boolean, boolean, boolean, boolean, boolean, boolean); DROP FUNCTION sb_search_scope(uuid);
DROP INDEX message_search_campaign, message_search_contact, message_search_staff, contact_search_who;
REVOKE ALL (id, organization_id, campaign_id, contact_id, direction, sent_at, search) ON messaging_messagesearch FROM sb_definer;
REVOKE ALL (id, organization_id, who) ON messaging_contactsearch FROM sb_definer;
"""
DROP_TRIGGERS = """
DROP TRIGGER contact_renamed ON messaging_contact; DROP FUNCTION sb_reindex_contact();
DROP TRIGGER message_of_another_contact ON messaging_message; DROP FUNCTION sb_reindex_message();
"""


def sql(name: str) -> str:
    return (SQL / name).read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_storage")]

    operations = [
        migrations.CreateModel(
            name="ContactSearch",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
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
                ("who", models.TextField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="contactsearch",
            constraint=salesbrain.models.CompositeForeignKey(
                deferred=True, field="id", name="contact_search_contact_fk", on_delete="CASCADE", to="messaging.Contact"
            ),
        ),
        *protect("ContactSearch", tenant_policies()),
        *(
            CreatePolicy(model, policy)
            for model in ("MessageSearch", "ContactSearch")
            for policy in definer_policies("SELECT")
        ),
        migrations.RunSQL(sql("search_text_1.sql"), DROP_TEXT),
        migrations.RunSQL(sql("search_functions_1.sql"), DROP_FUNCTIONS),
        migrations.RunSQL(sql("search_pending_1.sql"), DROP_TRIGGERS),
    ]
