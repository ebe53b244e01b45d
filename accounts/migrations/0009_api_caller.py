"""SQL function that looks up an API token, its user and their organizations in one statement."""

from pathlib import Path

from django.db import migrations
from django_rls.migration_operations import CreatePolicy

from salesbrain.rls.policies import definer_policies

SQL = Path(__file__).with_name("sql") / "api_caller_1.sql"
DROP = """
DROP FUNCTION api_caller(text);
REVOKE ALL (digest, token_key, user_id, created, expiry) ON knox_authtoken FROM sb_definer;
REVOKE ALL (id, email, name, role, is_active) ON accounts_user FROM sb_definer;
REVOKE ALL (user_id, organization_id) ON accounts_membership FROM sb_definer;
REVOKE ALL (id, name, is_active) ON accounts_organization FROM sb_definer;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_encrypt_authenticators"), ("knox", "0009_extend_authtoken_field")]

    operations = [
        *(
            CreatePolicy(model, policy)
            for model in ("Membership", "Organization")
            for policy in definer_policies("SELECT")
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8"), DROP),
    ]
