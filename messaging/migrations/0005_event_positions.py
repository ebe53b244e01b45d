"""Counter table that numbers events in the API's feed and never issues a number twice.

The highest existing position would not do: moving a campaign removes positions, and reissued ones would lie behind a reader that
has passed them.
"""

from django.db import migrations

FORWARDS = """
CREATE SEQUENCE messaging_event_position;
SELECT setval('messaging_event_position', coalesce((SELECT max(position) FROM messaging_event), 0) + 1, false);
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0004_search")]

    operations = [migrations.RunSQL(FORWARDS, "DROP SEQUENCE messaging_event_position")]
