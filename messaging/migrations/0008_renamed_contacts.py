"""Queue renamed contacts for search by contact instead of by message.

Two workers deadlocked on each other's queue rows.
"""

from pathlib import Path

from django.db import migrations, models

from salesbrain.rls.operations import protect
from salesbrain.rls.policies import staff_policies_2

FORWARDS = Path(__file__).with_name("sql") / "search_pending_2.sql"
BACKWARDS = """
CREATE OR REPLACE FUNCTION sb_reindex_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.messaging_searchpending (message_id)
    SELECT id FROM public.messaging_message WHERE organization_id = new.organization_id AND contact_id = new.id ORDER BY id
    ON CONFLICT (message_id) DO UPDATE SET message_id = excluded.message_id;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0007_one_index_less")]

    operations = [
        migrations.CreateModel(
            name="RenamedContact",
            fields=[("contact_id", models.UUIDField(primary_key=True, serialize=False))],
            options={"verbose_name_plural": "renamed contacts"},
        ),
        *protect("RenamedContact", staff_policies_2()),
        migrations.RunSQL(FORWARDS.read_text(encoding="utf-8"), BACKWARDS),
    ]
