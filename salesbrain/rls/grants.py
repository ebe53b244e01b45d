"""Grants of the database roles: one rule per kind of table, applied after every migration.

sb_staff gets its rights from default privileges (accounts/migrations); policies decide its rows. sb_app runs a customer's requests:
it reads tables with an organization, writes those whose model says so (`customer_may`), works with Django's own (users, sessions,
tokens, jobs), and has no right at all on staff tables.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from salesbrain.rls.models import StaffModel, TenantModel

EVERYTHING = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
APPEND_ONLY = frozenset({"SELECT", "INSERT"})
READ_ONLY = frozenset({"SELECT"})
NOTHING: frozenset[str] = frozenset()

Rights = tuple[frozenset[str], frozenset[str]]


def expected(tables: list[str]) -> Iterator[tuple[str, Rights]]:
    """Yield each table with the expected rights of (sb_app, sb_staff)."""
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    for table in tables:
        model = models.get(table)
        append_only = getattr(model, "append_only", False)
        if table == "django_migrations":
            yield table, (READ_ONLY, READ_ONLY)
        elif model and issubclass(model, TenantModel):
            written = frozenset(verb.upper() for verb in model.customer_may)
            yield table, (READ_ONLY | written, APPEND_ONLY if append_only else EVERYTHING)
        elif model and issubclass(model, StaffModel):
            yield table, (APPEND_ONLY if append_only else NOTHING, APPEND_ONLY if append_only else EVERYTHING)
        else:
            yield table, (EVERYTHING, EVERYTHING)


def actual(connection: BaseDatabaseWrapper) -> dict[str, Rights]:
    """Return the actual rights in the catalogue, in the same form as `expected`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, r.rolname, coalesce(array_agg(a.privilege_type::text) FILTER (WHERE a.privilege_type IS NOT NULL), '{}')
            FROM pg_class c CROSS JOIN pg_roles r LEFT JOIN LATERAL aclexplode(c.relacl) a ON a.grantee = r.oid
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND r.rolname IN ('sb_app', 'sb_staff')
            GROUP BY 1, 2"""
        )
        rows = {(table, role): frozenset(rights) for table, role, rights in cursor.fetchall()}
    return {table: (rows[table, "sb_app"], rows[table, "sb_staff"]) for table, _ in rows}


def apply(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Grant and revoke rights until they equal `expected`; writes only differences. Run as the owner of the tables."""
    connection = connections[using]
    found = actual(connection)
    with connection.cursor() as cursor:
        for table, rights in expected(list(found)):
            for role, wanted, had in zip(("sb_app", "sb_staff"), rights, found[table], strict=True):
                name = connection.ops.quote_name(table)
                if had - wanted:
                    cursor.execute(f"REVOKE {', '.join(sorted(had - wanted))} ON {name} FROM {role}")
                if wanted - had:
                    cursor.execute(f"GRANT {', '.join(sorted(wanted - had))} ON {name} TO {role}")
        cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO sb_app, sb_staff")
