"""Search function: look for phrases of common words in the newest rows first.

Further back than for single words.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")
BEFORE, AFTER = ((SQL / f"search_functions_{n}.sql").read_text(encoding="utf-8") for n in (1, 2))
HEAD, DROP, OWN = AFTER.index("DROP FUNCTION"), AFTER.index("CREATE FUNCTION"), AFTER.index("-- Any other order")
FIRST = BEFORE[BEFORE.index("CREATE FUNCTION app_search_messages(") : BEFORE.index("-- By relevance")]


class Migration(migrations.Migration):
    dependencies = [("messaging", "0014_unsure_variants")]

    operations = [migrations.RunSQL(AFTER, AFTER[HEAD:DROP] + FIRST + AFTER[OWN:])]
