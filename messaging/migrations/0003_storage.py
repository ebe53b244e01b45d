"""Storage parameters of tables that change often: fill factor, early vacuuming.

No row is touched.
"""

from django.db import migrations

FORWARDS = """
ALTER TABLE messaging_contact SET (fillfactor = 85);
ALTER TABLE messaging_message SET (fillfactor = 85);
ALTER TABLE messaging_dailystats SET (fillfactor = 50);
ALTER TABLE messaging_messagesearch SET (autovacuum_vacuum_insert_scale_factor = 0.01);
ALTER TABLE messaging_searchpending SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
"""
BACKWARDS = """
ALTER TABLE messaging_contact RESET (fillfactor);
ALTER TABLE messaging_message RESET (fillfactor);
ALTER TABLE messaging_dailystats RESET (fillfactor);
ALTER TABLE messaging_messagesearch RESET (autovacuum_vacuum_insert_scale_factor);
ALTER TABLE messaging_searchpending RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0002_rls")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
