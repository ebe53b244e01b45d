"""Functions that remove old audit and access entries, limited to old ones by a policy."""

from pathlib import Path

from django.db import migrations
from django_rls.migration_operations import CreatePolicy

from salesbrain.rls.policies import BEING_REMOVED, definer_policies_of_old_rows

SQL = Path(__file__).with_name("sql") / "retention_1.sql"
UNDO = """
DROP FUNCTION sb_forget_audit(timestamptz, integer);
DROP FUNCTION sb_forget_access(uuid, timestamptz, integer);
REVOKE ALL ON accounts_auditentry, accounts_accessentry FROM sb_definer;
REVOKE ALL (removal_requested_at) ON accounts_organization FROM sb_definer;
REVOKE ALL (id, at) ON accounts_auditentry FROM sb_definer;
REVOKE ALL (id, at, organization_id) ON accounts_accessentry FROM sb_definer;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0024_organization_removal")]

    operations = [
        *(
            CreatePolicy(model, policy)
            for model, also in (("AuditEntry", ""), ("AccessEntry", BEING_REMOVED))
            for policy in definer_policies_of_old_rows(also)
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8"), UNDO),
    ]
