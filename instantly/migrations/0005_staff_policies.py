"""Rewrite the RLS policies of staff for a condition that PostgreSQL evaluates once per query.

Each table in a transaction of its own: its lock is held for a moment only.
"""

from django.db import migrations

from salesbrain.rls.operations import restate
from salesbrain.rls.policies import staff_policies, staff_policies_2

STAFF = ("Delivery", "Pending", "Held", "WorkerBatch", "SyncRun", "Alert", "RateWindow")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("instantly", "0004_rate_window")]

    operations = [
        *(operation for model in STAFF for operation in restate(model, staff_policies_2(), before=staff_policies())),
    ]
