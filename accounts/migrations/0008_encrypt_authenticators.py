"""Move second factors out of django_otp's table, encrypted, and drop that table.

Dropped in the same step on purpose: a process of the previous release would find it empty and offer anybody who knows a password to
set up a second factor of their own; without the table it refuses. Older backups and replicas still hold the plain secrets: to be
certain, have staff set up their second factors again (`reset_second_factor`).
"""

from typing import Any

from django.db import migrations

COLUMNS = (
    "user_id", "name", "confirmed", "throttling_failure_timestamp", "throttling_failure_count", "created_at", "last_used_at",
    "key", "drift", "last_t",
)  # fmt: skip


def take_over(apps: Any, schema_editor: Any) -> None:
    """Nothing to do in a new database: the library's table was never made."""
    authenticators = apps.get_model("accounts", "Authenticator").objects.using(schema_editor.connection.alias)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.otp_totp_totpdevice') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return
        cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM otp_totp_totpdevice ORDER BY id")  # noqa: S608  our own names
        for row in cursor.fetchall():
            values = dict(zip(COLUMNS, row, strict=True))
            created_at = values.pop("created_at")
            made = authenticators.create(**values)
            authenticators.filter(pk=made.pk).update(created_at=created_at)
        cursor.execute("DROP TABLE otp_totp_totpdevice")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_authenticator")]

    # Back: staff set up their authenticators anew; secrets are not written out in plain again.
    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
