"""Make existing members owners, so that each organization has somebody who can invite."""

from django.db import migrations

FILL = "UPDATE accounts_membership SET role = 'owner' WHERE role = 'customer'"
BACK = "UPDATE accounts_membership SET role = 'customer'"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_membership_roles")]

    operations = [migrations.RunSQL(FILL, BACK)]
