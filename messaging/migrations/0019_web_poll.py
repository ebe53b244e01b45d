"""SQL function for live updates of open pages: check the session and return the latest event's number."""

from pathlib import Path

from django.db import migrations
from django_rls.migration_operations import CreatePolicy

from salesbrain.rls.policies import definer_policies

SQL = Path(__file__).with_name("sql") / "web_poll_1.sql"
DROP = """
DROP FUNCTION web_poll(text, uuid, uuid);
REVOKE ALL (session_key, session_data, expire_date) ON django_session FROM sb_definer;
REVOKE ALL (password) ON accounts_user FROM sb_definer;
REVOKE ALL (organization_id, position) ON messaging_event FROM sb_definer;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0018_canonical_suppressions"),
        ("accounts", "0009_api_caller"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        *(CreatePolicy("Event", policy) for policy in definer_policies("SELECT")),
        migrations.RunSQL(SQL.read_text(encoding="utf-8"), DROP),
    ]
