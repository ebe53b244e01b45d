"""Compare all rows before and after the isolation proof's requests."""

from django.db import connection

from salesbrain import rls
from salesbrain.isolation.findings import Notes
from salesbrain.rls.checks import protected_models

WRITTEN_BY_REQUESTS = {"accounts_auditentry", "instantly_ratewindow"}
"""Log tables in which requests add entries about the caller; nothing else may write them (append-only, see the matrix of tables)."""

ADDED_BY_REQUESTS = {
    "accounts_invitation": """SELECT i.id::text FROM accounts_invitation i JOIN accounts_user u ON u.id = i.invited_by_id
        WHERE u.role = '' AND NOT EXISTS (SELECT FROM accounts_membership m
            WHERE m.user_id = u.id AND m.organization_id = i.organization_id AND m.role = 'owner')""",
    "accounts_accessentry": """SELECT e.id::text FROM accounts_accessentry e JOIN accounts_user u ON u.id = e.actor_id
        WHERE u.role = '' AND NOT EXISTS (SELECT FROM accounts_membership m
            WHERE m.user_id = u.id AND m.organization_id = e.organization_id)""",
}
"""Tables in which requests may add rows: invitations by owners, access log entries. Earlier rows must be unchanged; each statement selects
rows of users outside of the row's organization (invitations: of users who do not own it).
"""

PEOPLE = "SELECT id::text, (to_jsonb(u) - 'last_login')::text FROM accounts_user u"


def fingerprints() -> dict[str, dict[str, str]]:
    """Return a digest of every row, by table and key."""
    found: dict[str, dict[str, str]] = {}
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        for model in protected_models():
            table, key = model._meta.db_table, model._meta.pk.column
            if table not in WRITTEN_BY_REQUESTS:
                cursor.execute(f"SELECT {key}::text, md5(t::text) FROM {table} t")  # noqa: S608
                found[table] = dict(cursor.fetchall())
        cursor.execute(PEOPLE)
        found["accounts_user"] = dict(cursor.fetchall())
    return found


def check_unchanged(before: dict[str, dict[str, str]], notes: Notes) -> None:
    changed = changes(before)
    for table in before:
        notes.check("unchanged.rows", table not in changed, table, changed.get(table, ""))


def changes(before: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return the forbidden changes since `before`, a sentence per table."""
    after, found = fingerprints(), {}
    for table, rows in before.items():
        now = after[table]
        gone = [key for key in rows if key not in now]
        other = [key for key in rows if key in now and now[key] != rows[key]]
        new = _of_strangers(table) if table in ADDED_BY_REQUESTS else [key for key in now if key not in rows]
        if gone or new or other:
            keys = [*gone, *new, *other][:3]
            found[table] = f"{len(gone)} rows gone, {len(new)} new, {len(other)} changed: {keys}"
    return found


def _of_strangers(table: str) -> list[str]:
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        cursor.execute(ADDED_BY_REQUESTS[table])
        return [key for (key,) in cursor.fetchall()]
