"""Put the tables of campaigns under row-level security."""

from django.db import migrations

from salesbrain.rls.operations import protect
from salesbrain.rls.policies import tenant_policies


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial"), ("accounts", "0002_rls")]

    operations = [*protect("Campaign", tenant_policies()), *protect("AssignmentRule", tenant_policies())]
