"""Search index over every word of a reply: version 2 of the text rules.

Older rows are rewritten after `search.rebuild()`.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")
BEFORE = (SQL / "search_text_1.sql").read_text(encoding="utf-8")
AFTER = (SQL / "search_text_2.sql").read_text(encoding="utf-8")
START = BEFORE.index("CREATE FUNCTION sb_search_vector(")
OLD = BEFORE[START : BEFORE.index("END $$;", START) + len("END $$;")].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0015_phrases")]

    operations = [migrations.RunSQL(AFTER, f"DROP FUNCTION sb_searchable(text, text); {OLD}")]
