"""Put the tables of accounts under row-level security."""

from django.db import migrations

from salesbrain.rls.operations import protect
from salesbrain.rls.policies import staff_policies, tenant_policies

NO_TEMPORARY_TABLES = """
DO $$ BEGIN EXECUTE format('REVOKE TEMP ON DATABASE %I FROM PUBLIC', current_database()); END $$
"""  # a function in pg_temp could run inside a customer's query


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(NO_TEMPORARY_TABLES, migrations.RunSQL.noop),
        *protect("Organization", tenant_policies("id")),
        *protect("Membership", tenant_policies()),
        *protect("EmailAccount", tenant_policies()),
        *protect("ProviderConnection", staff_policies()),
        *protect("WebhookSecret", staff_policies()),
        *protect("AuditEntry", staff_policies()),
    ]
