"""Put the tables of instantly under row-level security, for staff only.

The role sb_definer may insert deliveries.
"""

from django.db import migrations

from salesbrain.rls.operations import protect
from salesbrain.rls.policies import definer_policies, staff_policies

STAFF = ("Held", "WorkerBatch", "SyncRun", "Alert")


class Migration(migrations.Migration):
    dependencies = [("instantly", "0001_initial"), ("accounts", "0002_rls")]

    operations = [
        *protect("Delivery", [*staff_policies(), *definer_policies("SELECT", "INSERT")]),
        *protect("Pending", [*staff_policies(), *definer_policies("INSERT")]),
        *(operation for model in STAFF for operation in protect(model, staff_policies())),
    ]
