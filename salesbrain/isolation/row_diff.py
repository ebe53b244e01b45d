"""Comparison of all rows before and after the proof's requests."""

from typing import Any

from django.db import connection

from salesbrain import rls
from salesbrain.isolation.findings import Notes
from salesbrain.rls.checks import protected_models

WRITTEN_BY_REQUESTS = {"accounts_auditentry", "instantly_ratewindow"}
"""Who asked is written down; and nobody else may write there (append-only, see the matrix of tables)."""

ADDED_BY_REQUESTS = {"accounts_invitation"}
"""Owners invite people; those that were there before must be as they were."""

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
    after = fingerprints()
    for table, rows in before.items():
        now: Any = after[table]
        gone = [key for key in rows if key not in now]
        new = [key for key in now if key not in rows]
        other = [key for key in rows if key in now and now[key] != rows[key]]
        new = [] if table in ADDED_BY_REQUESTS else new
        said = f"{len(gone)} rows gone, {len(new)} new, {len(other)} changed: {[*gone, *new, *other][:3]}"
        notes.check("unchanged.rows", not (gone or new or other), table, said)
