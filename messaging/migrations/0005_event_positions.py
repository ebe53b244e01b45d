"""A counter for the positions of the event feed, which never gives a number twice.

The highest position there is would not do: moving a campaign takes positions away, and those given out again would lie behind
a reader who has been there.
"""

from django.db import migrations

FORWARDS = """
CREATE SEQUENCE messaging_event_position;
SELECT setval('messaging_event_position', coalesce((SELECT max(position) FROM messaging_event), 0) + 1, false);
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0004_search")]

    operations = [migrations.RunSQL(FORWARDS, "DROP SEQUENCE messaging_event_position")]
