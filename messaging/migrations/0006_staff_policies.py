"""Rewrite the RLS policies of staff for a condition that PostgreSQL evaluates once per query.

Each table in a transaction of its own: its lock is held for a moment only.
"""

from django.db import migrations

from salesbrain.rls.operations import restate
from salesbrain.rls.policies import staff_policies, staff_policies_2, tenant_policies, tenant_policies_2

TENANT = ("Contact", "Suppression", "Message", "MessageSearch", "ContactSearch", "Event", "DailyStats")
STAFF = ("SearchPending",)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("messaging", "0005_event_positions")]

    operations = [
        *(operation for model in TENANT for operation in restate(model, tenant_policies_2(), before=tenant_policies())),
        *(operation for model in STAFF for operation in restate(model, staff_policies_2(), before=staff_policies())),
    ]
