"""Django system checks of row-level security: every table protected, database login unprivileged.

The check of the models is part of every `check`; the check of the database itself needs a connection (`check --database default`,
`/readyz`, start of web and worker).
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import DatabaseError, connections, models

from salesbrain.kernel.database_errors import POOLER, in_one_sentence
from salesbrain.rls.models import CompositeForeignKey, StaffModel, TenantModel

Reason = tuple[str, str, str]
OWN_APPS = ("accounts", "campaigns", "messaging", "instantly")
BEFORE_ANY_SCOPE = {
    "accounts.User",
    "accounts.Authenticator",
    "accounts.TokenAccess",
}  # a login happens before there is one
LOGIN_SQL = """
    SELECT r.rolsuper, r.rolbypassrls, r.rolname,
        (SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND pg_has_role(session_user, c.relowner, 'MEMBER')),
        pg_has_role(session_user, 'sb_staff', 'MEMBER')
    FROM pg_roles r WHERE r.rolname = session_user"""
TABLES_SQL = """SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"""
VIEWS_SQL = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'
    AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)"""


def protected_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if issubclass(model, TenantModel | StaffModel)]


@register(Tags.models)
def check_models(**_: Any) -> list[Error]:
    """Check that every model is under row-level security or declares why not, and that keys between tenant tables are composite."""
    problems = []
    for model in apps.get_models():
        if model._meta.app_label not in OWN_APPS:
            continue
        if not issubclass(model, TenantModel | StaffModel) and model._meta.label not in BEFORE_ANY_SCOPE:
            problems.append(
                Error(
                    f"{model._meta.label} is not under row-level security.",
                    hint="Inherit TenantModel (an organization's rows) or StaffModel (nobody's but staff's), see salesbrain/rls/models.py.",
                    obj=model,
                    id="salesbrain.E001",
                )
            )
        if issubclass(model, TenantModel):
            problems += _check_keys(model)
    return problems


def _check_keys(model: type[TenantModel]) -> list[Error]:
    problems = []
    names = {field.name for field in model._meta.get_fields()}
    if model.organization_column == "organization_id" and "organization" not in names:
        problems.append(
            Error(
                f"{model._meta.label} has no `organization`.",
                hint="Add the ForeignKey.",
                obj=model,
                id="salesbrain.E002",
            )
        )
    composite = {
        constraint.field for constraint in model._meta.constraints if isinstance(constraint, CompositeForeignKey)
    }
    for field in model._meta.get_fields():
        if not isinstance(field, models.ForeignKey) or field.name == "organization" or field.name in composite:
            continue
        if issubclass(field.related_model, TenantModel):
            problems.append(
                Error(
                    f"{model._meta.label}.{field.name} points at a tenant table by its id alone.",
                    hint="Give it db_constraint=False and add CompositeForeignKey to Meta.constraints: keys ignore row-level security.",
                    obj=model,
                    id="salesbrain.E003",
                )
            )
    return problems


@register(Tags.database)
def check_database(databases: Sequence[str] | None = None, **_: Any) -> list[Error]:
    """Check the database of alias `default`: which role is logged in, and whether RLS is forced on every table."""
    if not databases or "default" not in databases:
        return []
    return [Error(text, hint=hint, id=id) for id, text, hint in reasons_to_refuse()]


def reasons_against_login(using: str) -> list[Reason]:
    """Return the faults of the role this process logs in as, a sentence each. Raises DatabaseError if the database does not answer."""
    with connections[using].cursor() as cursor:
        cursor.execute(LOGIN_SQL)
        superuser, bypass, login, owned, staff = cursor.fetchone()
    wrong = (
        (
            superuser or bypass,
            "salesbrain.E004",
            f"The login {login} passes row-level security.",
            "Use sb_app: `manage.py database_roles`.",
        ),
        (
            owned and not superuser,
            "salesbrain.E005",
            f"The login {login} owns {owned} tables.",
            "Use sb_app for DATABASE_URL, sb_owner for DATABASE_OWNER_URL.",
        ),
        (
            not staff,
            "salesbrain.E006",
            f"The login {login} may not become sb_staff.",
            "Run the SQL of `manage.py database_roles`.",
        ),
    )
    return [(id, text, hint) for is_wrong, id, text, hint in wrong if is_wrong]


def _loses_prepared_statements(cursor: Any) -> bool:
    """Return whether prepared statements would be lost: through a pooler that does not rename them. A pooler that supports them names them
    PGBOUNCER_1 and so on at the server.

    A pooler is recognized by the process number it reports to a client, which differs from the server's own.
    """
    if not settings.DATABASE_PREPARE:
        return False
    connection = cursor.connection
    with connection.transaction(), psycopg.Cursor(connection) as plain:  # Django's own cursors prepare nothing
        if plain.execute("SELECT pg_backend_pid()").fetchone() == (connection.info.backend_pid,):
            return False
        plain.execute("SELECT 1", prepare=True)
        kept = "SELECT FROM pg_prepared_statements WHERE name LIKE '\\_pg3\\_%'"
        return plain.execute(kept, prepare=False).fetchone() is not None


def reasons_to_refuse(*, using: str = "default") -> list[Reason]:
    """Return the reasons why this process must not serve, as (id, problem, remedy); none if all is well."""
    try:
        found = reasons_against_login(using)
        with connections[using].cursor() as cursor:
            cursor.execute(TABLES_SQL)
            tables = {name: (enabled, forced) for name, enabled, forced in cursor.fetchall()}
            cursor.execute(VIEWS_SQL)
            views = [name for (name,) in cursor.fetchall()]
            if _loses_prepared_statements(cursor):
                found.append(("salesbrain.E011", "Prepared statements get lost on the way to the database.", POOLER))
    except DatabaseError as error:
        said = str(error).strip()
        known = in_one_sentence(error)
        text, hint = (
            (known, "") if known else (f"The database does not answer: {said}", "Start it, or correct DATABASE_URL.")
        )
        return [("salesbrain.E010", text, hint)]
    for model in protected_models():
        enabled, forced = tables.get(model._meta.db_table, (False, False))
        if model._meta.db_table not in tables:
            found.append(
                ("salesbrain.E007", f"The table {model._meta.db_table} is missing.", "Run `manage.py migrate`.")
            )
        elif not (enabled and forced):
            found.append(
                (
                    "salesbrain.E008",
                    f"Row-level security of {model._meta.db_table} is not enabled and forced.",
                    "Restore it: see its migration.",
                )
            )
    found += [
        ("salesbrain.E009", f"The view {view} runs with its owner's rights.", "Create it WITH (security_invoker=true).")
        for view in views
    ]
    return found
