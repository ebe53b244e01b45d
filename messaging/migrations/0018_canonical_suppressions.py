"""Convert suppressed addresses to canonical form, so that each applies to every spelling at once.

Entries of several spellings become one: first and last time of all, active where any of them was. Text that is no address stays and
is counted in the report. `manage.py canonicalize_addresses` migrates contacts and their mails, at any time. The reverse migration
does nothing: the previous release reads canonical addresses too.
"""

import sys
from typing import Any

from django.db import migrations

from salesbrain.kernel.addresses import canonical_or_none

ORDINARY = r"^[a-z0-9!#$%&*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&*+/=?^_`{|}~-]+)*@([a-z0-9-]+\.)+[a-z]{2,63}$"
FOUND = "SELECT id, email FROM messaging_suppression WHERE email !~ %s OR email LIKE '%%xn--%%' ORDER BY id"
MOVED = """
WITH old AS (DELETE FROM messaging_suppression WHERE id = %s RETURNING *)
INSERT INTO messaging_suppression AS s (organization_id, email, reason, detail, first_at, last_at, lifted_at, lifted_by, lift_reason)
SELECT organization_id, %s, reason, detail, first_at, last_at, lifted_at, lifted_by, lift_reason FROM old
ON CONFLICT (organization_id, email, reason) DO UPDATE SET
    first_at = least(s.first_at, excluded.first_at), last_at = greatest(s.last_at, excluded.last_at),
    detail = coalesce(nullif(s.detail, ''), excluded.detail),
    lifted_at = CASE WHEN s.lifted_at >= s.last_at AND excluded.lifted_at >= excluded.last_at THEN greatest(s.lifted_at, excluded.lifted_at) END,
    lifted_by = CASE WHEN s.lifted_at >= s.last_at AND excluded.lifted_at >= excluded.last_at THEN s.lifted_by ELSE '' END,
    lift_reason = CASE WHEN s.lifted_at >= s.last_at AND excluded.lifted_at >= excluded.last_at THEN s.lift_reason ELSE '' END,
    updated_at = now()
RETURNING xmax <> 0
"""


def canonicalize(apps: Any, schema_editor: Any) -> None:
    moved = merged = 0
    left = []
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.user_role', 'sb_admin', true)")
        cursor.execute(FOUND, [ORDINARY])
        for id, email in cursor.fetchall():
            address = canonical_or_none(email)
            if address is None:
                left.append(str(id))
            elif address != email:
                cursor.execute(MOVED, [id, address])
                moved, merged = moved + 1, merged + bool(cursor.fetchone()[0])
        cursor.execute("SELECT set_config('app.user_role', '', true)")
    if moved or left:
        sys.stdout.write(
            f"\n  Suppressions: {moved} brought to the canonical form of their address, {merged} of them joined with another entry.\n"
        )
    if left:
        named = ", ".join(left[:20]) + (", …" if len(left) > 20 else "")
        sys.stdout.write(f"  {len(left)} hold no address and suppress nobody: {named}\n")


class Migration(migrations.Migration):
    dependencies = [("messaging", "0017_reply_categories")]

    operations = [migrations.RunPython(canonicalize, migrations.RunPython.noop)]
