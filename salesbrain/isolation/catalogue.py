"""Isolation checks of PostgreSQL's catalogue: forced RLS, declared policies, rights of each role.

They read no row, so they may run on the production database too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction

from salesbrain.isolation.findings import Notes
from salesbrain.rls import grants
from salesbrain.rls.checks import protected_models
from salesbrain.rls.models import CompositeForeignKey, TenantModel

UNPROTECTED_TABLES = {
    "accounts_user": "who logs in; asked before any scope exists",
    "knox_authtoken": "API tokens, as hashes; asked before any scope exists",
    "accounts_tokenaccess": "which of them may only read; asked before any scope exists",
    "django_session": "sessions of staff",
    "django_admin_log": "Django's own log of staff's changes",
    "django_content_type": "names of models",
    "django_migrations": "names of migrations; read only",
    "auth_group": "not used",
    "auth_group_permissions": "not used",
    "auth_permission": "not used",
    "axes_accessattempt": "failed logins, until they are let go",
    "axes_accessattemptexpiration": "failed logins, until they are let go",
    "axes_accessfailurelog": "failed logins",
    "axes_accesslog": "not written",
    "accounts_authenticator": "second factors of staff, encrypted",
    "otp_static_staticdevice": "recovery codes of staff, as hashes",
    "otp_static_statictoken": "recovery codes of staff, as hashes",
    "procrastinate_events": "times of the jobs below",
    "procrastinate_jobs": "jobs by name and id of a connection; never a key, an address or a text",
    "procrastinate_periodic_defers": "times of the jobs that repeat",
    "procrastinate_workers": "which workers are alive",
    "security_event_count": "how many requests were refused, by kind",
    "api_throttle": "counters by the hash of a token",
    "read_position": "positions in the write-ahead log by the id of a user",
    "api_idempotency": "answers of operations that staff asked for, by a hash",
}
"""Tables without a policy, each with the reason. They hold no row of an organization's work; a new table must be under row-level security
or be named here.
"""

DEFINERS = {
    "api_caller": "tells who owns a token to whoever has its digest, and where its owner may look; no row of an organization's work",
    "web_poll": "tells whoever has a session's key where the event feed of that user's organization stands, as a number",
    "accept_delivery": "puts a delivery into the inbox and shows nothing of what is there",
    "accept_deliveries": "puts deliveries into the inbox and shows nothing of what is there",
    "sb_forget_audit": "removes audit entries of more than 30 days in the system's scope; answers how many, and shows none",
    "sb_forget_access": "removes access entries of more than 30 days in the system's scope; answers how many, and shows none",
    "app_search_messages": "takes the organization from the scope; tried below",
    "app_search_ranked": "takes the organization from the scope; tried below",
    "app_search_people": "takes the organization from the scope; tried below",
    "app_search_contacts": "takes the organization from the scope; tried below",
}
"""Functions that run with their owner's rights, each with the reason why that discloses nothing."""

WIDER_RIGHTS = {
    ("instantly_delivery", "sb_definer", "INSERT"),
    ("instantly_pending", "sb_definer", "INSERT"),
    ("accounts_auditentry", "sb_definer", "DELETE"),
    ("accounts_accessentry", "sb_definer", "DELETE"),
}
"""Rights on tables of roles other than sb_app and sb_staff: those of the functions above, which policies narrow further."""

POLICIES = """SELECT tablename, policyname, permissive, roles::text, cmd, coalesce(qual, ''), coalesce(with_check, '')
    FROM pg_policies WHERE schemaname = 'public' ORDER BY 1, 2"""
FUNCTIONS = """SELECT p.proname, pg_get_userbyid(p.proowner), p.prosecdef, coalesce(p.proconfig::text, ''),
        has_function_privilege('public', p.oid, 'EXECUTE'), md5(p.prosrc), pg_get_function_identity_arguments(p.oid)
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') ORDER BY 1, 7"""
KEYS = """SELECT c.relname, k.conname, pg_get_constraintdef(k.oid), k.convalidated
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace ORDER BY 1, 2"""
COLUMNS = """SELECT c.relname, a.attname, a.attnotnull FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'organization_id' AND NOT a.attisdropped
    ORDER BY 1"""
ROLES = """SELECT r.rolname, r.rolsuper, r.rolbypassrls, r.rolinherit, r.rolcreaterole,
        coalesce((SELECT string_agg(pg_get_userbyid(m.roleid) || CASE WHEN m.inherit_option THEN ' inherited' ELSE '' END, ', '
                ORDER BY m.roleid)
            FROM pg_auth_members m WHERE m.member = r.oid), '')
    FROM pg_roles r WHERE r.rolname IN ('sb_app', 'sb_staff', 'sb_owner', 'sb_definer') ORDER BY 1"""
WIDER = """SELECT c.relname, coalesce(nullif(pg_get_userbyid(a.grantee), 'unknown (OID=0)'), 'PUBLIC'), a.privilege_type
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
        AND pg_get_userbyid(a.grantee) NOT IN ('sb_owner', 'sb_app', 'sb_staff') AND a.grantee <> c.relowner ORDER BY 1, 2, 3"""
COLUMN_RIGHTS = """SELECT c.relname, a.attname, pg_get_userbyid(x.grantee), x.privilege_type
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid CROSS JOIN LATERAL aclexplode(a.attacl) x
    WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, 2, 3, 4"""
RELATIONS = """SELECT relname, relkind::text, relrowsecurity, relforcerowsecurity FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1"""

EXPECTED_ROLES = {  # super, bypasses, inherits, makes roles, member of
    "sb_app": (False, False, False, False, "sb_staff"),
    "sb_definer": (False, False, None, False, ""),
    "sb_owner": (False, False, None, False, "sb_definer"),
    "sb_staff": (False, False, None, False, ""),
}


def rows(query: str, *, using: str = "default") -> list[tuple[Any, ...]]:
    with connections[using].cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def snapshot(*, using: str = "default") -> dict[str, list[tuple[Any, ...]]]:
    """Return every protection in the catalogue, comparable with another database of the same PostgreSQL version."""
    questions = {"tables": RELATIONS, "policies": POLICIES, "functions": FUNCTIONS, "keys": KEYS, "roles": ROLES, "rights of others": WIDER,
                 "rights by column": COLUMN_RIGHTS, "organization columns": COLUMNS}  # fmt: skip
    found = {name: rows(query, using=using) for name, query in questions.items()}
    found["rights"] = [
        (table, role, ", ".join(sorted(rights)))
        for table, both in sorted(grants.actual(connections[using]).items())
        for role, rights in zip(("sb_app", "sb_staff"), both, strict=True)
    ]
    return found


def compare(proved: dict[str, list[Any]], real: dict[str, list[Any]]) -> list[str]:
    """Return the differences between the proved catalogue and another database's, a sentence each."""
    said = []
    for part in proved:
        ours, theirs = set(proved[part]), set(real.get(part, []))
        said += [f"{part}: missing here: {' | '.join(map(str, row))}" for row in sorted(ours - theirs, key=str)]
        said += [f"{part}: only here: {' | '.join(map(str, row))}" for row in sorted(theirs - ours, key=str)]
    return said


def check_catalogue(notes: Notes) -> None:
    """Compare the catalogue of the default alias's database with the models' declarations."""
    relations = {name: (kind, enabled, forced) for name, kind, enabled, forced in rows(RELATIONS)}
    tables = {name: state for name, state in relations.items() if state[0] in ("r", "p")}
    ours = {model._meta.db_table: model for model in protected_models()}
    for table in ours:
        _, enabled, forced = tables.get(table, ("", False, False))
        notes.check("catalogue.enabled", enabled, table, "row-level security is not enabled")
        notes.check("catalogue.forced", forced, table, "row-level security is not forced on its owner")
    for table in tables:
        said = "is under no policy and is not named with a reason in salesbrain/isolation/catalogue.py"
        notes.check("catalogue.every_table", table in ours or table in UNPROTECTED_TABLES, table, said)
    for name, (kind, *_) in relations.items():
        notes.check(
            "catalogue.no_views",
            kind in ("r", "p"),
            name,
            "a view, materialized view or foreign table: a second way to rows",
        )
    _check_policies(notes, ours)
    _check_rights(notes, list(tables))
    _check_functions(notes)
    _check_keys(notes)
    for name, *found in rows(ROLES):
        wanted = EXPECTED_ROLES[name]
        held = all(want is None or want == have for want, have in zip(wanted, found, strict=True))
        notes.check("catalogue.roles", held, name, f"is {found}, and must be {list(wanted)}")


def _check_policies(notes: Notes, ours: dict[str, Any]) -> None:
    """Check that each table has its declared policies and no other, word for word as this server formats them."""
    found: dict[str, dict[str, tuple[Any, ...]]] = {}
    for table, name, *text in rows(POLICIES):
        found.setdefault(table, {})[name] = tuple(text)
    declared = {table: {p.name: p for p in model._rls_policies} for table, model in ours.items()}
    with _declared_as_written([p for policies in declared.values() for p in policies.values()]) as written:
        for table, policies in declared.items():
            have = {name: text for name, text in found.get(table, {}).items() if not name.startswith("sb_definer_")}
            notes.check(
                "catalogue.policies",
                set(have) == set(policies),
                table,
                f"has the policies {sorted(have)}, declared are {sorted(policies)}",
            )
            for name in set(have) & set(policies):
                wanted = written[policies[name].name, policies[name].get_sql_expression()]
                notes.check(
                    "catalogue.policies",
                    have[name] == wanted,
                    f"{table} {name}",
                    f"says {have[name]}, declared is {wanted}",
                )
            for name, written_there in found.get(table, {}).items():
                if name.startswith("sb_definer_"):
                    said = "a policy of the functions' owner must be TO sb_definer alone"
                    notes.check("catalogue.policies", written_there[1] == "{sb_definer}", f"{table} {name}", said)
    for table in set(found) - set(ours):
        notes.check("catalogue.policies", False, table, "has policies and no model that declares them")


@contextmanager
def _declared_as_written(policies: list[Any]) -> Iterator[dict[tuple[str, str], tuple[Any, ...]]]:
    """Yield each declared policy as this server formats it, by (name, condition): for that, the owner creates it on an empty table in a
    transaction that is rolled back, because servers format conditions differently.
    """
    written: dict[tuple[str, str], tuple[Any, ...]] = {}
    distinct = {(p.name, p.get_sql_expression()): p for p in policies}
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE isolation_wording (id uuid, organization_id uuid)")
        for key, policy in distinct.items():
            using, with_check = policy.get_using_expression(), policy.get_check_expression()
            cursor.execute(
                f"CREATE POLICY {policy.name} ON isolation_wording FOR {policy.operation} TO {policy.roles}"
                + (f" USING ({using})" if using else "")
                + (f" WITH CHECK ({with_check})" if with_check else "")
            )
            cursor.execute(POLICIES.replace("WHERE", "WHERE tablename = 'isolation_wording' AND"))
            ((_, _, *text),) = cursor.fetchall()
            written[key] = tuple(text)
            cursor.execute(f"DROP POLICY {policy.name} ON isolation_wording")
        transaction.set_rollback(True, using="owner")
    yield written


def _check_rights(notes: Notes, tables: list[str]) -> None:
    actual, wanted = grants.actual(connections["default"]), dict(grants.expected(tables))
    for table in tables:
        for role, has, may in zip(("sb_app", "sb_staff"), actual[table], wanted[table], strict=True):
            notes.check(
                "catalogue.rights", has == may, f"{table} {role}", f"may {sorted(has)}, declared is {sorted(may)}"
            )
    for table, who, right in rows(WIDER):
        if (table, who, right) not in WIDER_RIGHTS:
            notes.check("catalogue.rights", False, f"{table} {who}", f"has the right {right}, which nobody declared")
    for table, column, who, right in rows(COLUMN_RIGHTS):
        notes.check(
            "catalogue.rights",
            who == "sb_definer" and right == "SELECT",
            f"{table}.{column} {who}",
            f"has the right {right}",
        )


def _check_functions(notes: Notes) -> None:
    for name, owner, definer, configuration, public, *_ in rows(FUNCTIONS):
        if not definer:
            continue
        notes.check("catalogue.functions", name in DEFINERS, name, "runs with its owner's rights and nobody tried it")
        notes.check("catalogue.functions", owner == "sb_definer", name, f"runs with the rights of {owner}")
        notes.check("catalogue.functions", not public, name, "may be called by everybody (PUBLIC)")
        notes.check("catalogue.functions", "search_path=" in configuration, name, "has no fixed search_path")


def _check_keys(notes: Notes) -> None:
    found = {name: (text, valid) for _, name, text, valid in rows(KEYS)}
    required = {table: not_null for table, _, not_null in rows(COLUMNS)}
    for model in protected_models():
        for key in model._meta.constraints:
            if isinstance(key, CompositeForeignKey):
                text, valid = found.get(key.name, ("", False))
                held = valid and text.startswith("FOREIGN KEY (organization_id, ")
                notes.check("catalogue.keys", held, f"{model._meta.db_table} {key.name}", f"is {text or 'missing'}")
        if issubclass(model, TenantModel) and model.organization_column == "organization_id":
            table = model._meta.db_table
            notes.check(
                "catalogue.keys",
                required.get(table, False),
                table,
                "organization_id may be NULL: such a row is nobody's",
            )
