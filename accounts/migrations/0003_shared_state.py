"""Nothing any more: made the throttle and idempotency tables, which salesbrain/migrations/0001_shared_state makes where there are
none. Released migrations depend on it by name, so it stays."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_rls")]

    operations = []
