"""Put the tables of messaging under row-level security."""

from django.db import migrations

from salesbrain.rls.operations import protect
from salesbrain.rls.policies import staff_policies, tenant_policies

TENANT = ("Contact", "Suppression", "Message", "MessageSearch", "Event", "DailyStats")


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("campaigns", "0002_rls")]

    operations = [
        *(operation for model in TENANT for operation in protect(model, tenant_policies())),
        *protect("SearchPending", staff_policies()),
    ]
