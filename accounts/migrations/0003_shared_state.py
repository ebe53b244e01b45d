"""Empty migration: its throttle and idempotency tables moved to salesbrain/migrations/0001.

Released migrations depend on it by name, so it stays.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_rls")]

    operations = []
