"""Search of contacts by a part of their name, over trigrams; search rows written with the contacts.

The contacts without a search row, who have no mail, get theirs here.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")
BEFORE = (SQL / "search_pending_2.sql").read_text(encoding="utf-8")
START = BEFORE.index("CREATE OR REPLACE FUNCTION sb_reindex_contact()")
OLD = BEFORE[START : BEFORE.index("END $$;", START) + len("END $$;")]
DROP = f"""DROP TRIGGER contact_searchable ON messaging_contact; DROP FUNCTION sb_index_contacts();
DROP FUNCTION app_search_contacts(text, int, uuid); {OLD}"""
SCOPE = "SELECT set_config('app.user_role', %s, true)"
MISSING = """INSERT INTO messaging_contactsearch (id, organization_id, who)
    SELECT c.id, c.organization_id, sb_who(concat_ws(' ', c.first_name, c.last_name, c.company), c.email) FROM messaging_contact c
    WHERE NOT EXISTS (SELECT FROM messaging_contactsearch s WHERE s.id = c.id) ON CONFLICT DO NOTHING"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0033_triage_replays")]

    operations = [
        migrations.RunSQL((SQL / "search_contacts_1.sql").read_text(encoding="utf-8"), DROP),
        migrations.RunSQL([(SCOPE, ["sb_admin"])], [(SCOPE, [""])]),
        migrations.RunSQL(MISSING, migrations.RunSQL.noop),
        migrations.RunSQL([(SCOPE, [""])], [(SCOPE, ["sb_admin"])]),
    ]
