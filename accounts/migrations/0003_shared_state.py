"""No operations: salesbrain/migrations/0001_shared_state makes the throttle and idempotency tables.

Released migrations depend on it by name, so it stays.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_rls")]

    operations = []
