"""Rewrite the RLS policies of staff for a condition that PostgreSQL evaluates once per query.

Each table in a transaction of its own: its lock is held for a moment only.
"""

from django.db import migrations

from salesbrain.rls.operations import restate
from salesbrain.rls.policies import tenant_policies, tenant_policies_2

TENANT = ("Campaign", "AssignmentRule")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("campaigns", "0002_rls")]

    operations = [
        *(operation for model in TENANT for operation in restate(model, tenant_policies_2(), before=tenant_policies())),
    ]
