"""Database catalogue as declared in code: protected tables, exact rights, unedited released policies."""

import hashlib
import re

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, connections, models

from accounts.models import AuditEntry, Organization
from campaigns.models import Campaign
from messaging.models import Message
from salesbrain import rls
from salesbrain.rls import checks, grants, policies
from salesbrain.rls.models import TenantModel
from tests import factories


def owner_sql(query: str, parameters: list | None = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def test_every_own_table_has_rls_enabled_and_forced(db):
    tables = {name: (enabled, forced) for name, enabled, forced in owner_sql(checks.TABLES_SQL)}
    assert checks.protected_models()
    for model in checks.protected_models():
        assert tables[model._meta.db_table] == (True, True), model


def test_every_tenant_table_has_the_five_policies_and_staff_tables_four(db):
    found: dict[str, set[str]] = {}
    for table, name in owner_sql("SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public'"):
        found.setdefault(table, set()).add(name)
    staff = {"sb_staff_read", "sb_staff_insert", "sb_staff_update", "sb_staff_delete"}
    for model in checks.protected_models():
        expected = staff | ({"sb_tenant"} if issubclass(model, TenantModel) else set())
        assert {name for name in found[model._meta.db_table] if not name.startswith("sb_definer")} == expected, model


def test_a_tenant_policy_is_one_plain_equality_for_reading_and_writing(db):
    for table, using, check, roles in owner_sql(
        "SELECT tablename, qual, with_check, roles::text FROM pg_policies WHERE policyname = 'sb_tenant'"
    ):
        assert using == check, table
        assert roles == "{sb_app}", table
        assert " OR " not in using, table


def test_staffs_policies_let_postgresql_plan_for_all_rows(db):
    """The policies' filter is a plain boolean: PostgreSQL estimates that a comparison passes hardly any row, and plans slowly: recording
    became ten times slower within 8,000 events.
    """
    with rls.scope(rls.SYSTEM):
        for model in checks.protected_models():
            plan = "\n".join(line for (line,) in owner_sql(f"EXPLAIN SELECT FROM {model._meta.db_table}"))
            assert "Filter: " in plan, plan
            assert not re.search(r"Filter: .*(=|<|>|ANY)", plan), plan


def test_rights_in_the_catalogue_are_those_declared(db):
    found = grants.actual(connection)
    assert found == dict(grants.expected(list(found)))


def test_no_security_definer_function_is_executable_by_public(db):
    rows = owner_sql(
        """SELECT p.proname, pg_get_userbyid(p.proowner), p.proconfig::text, has_function_privilege('public', p.oid, 'EXECUTE')
        FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef"""
    )
    assert rows
    for name, owner, configuration, public in rows:
        assert owner == "sb_definer", name
        assert not public, name
        assert "search_path=" in (configuration or ""), name


def test_the_definer_never_sees_a_body(db):
    rights = owner_sql(
        "SELECT column_name FROM information_schema.column_privileges WHERE grantee = 'sb_definer' AND privilege_type = 'SELECT'"
    )
    assert not {"body", "cleaned", "body_text", "body_html", "subject", "api_key", "secret"} & {
        column for (column,) in rights
    }


@pytest.mark.parametrize(
    ("released", "digest"),
    [
        (
            [
                *policies.tenant_policies(),
                *policies.staff_policies(),
                *policies.definer_policies("SELECT", "INSERT"),
            ],
            "e0778657930c5669",
        ),
        ([*policies.tenant_policies_2(), *policies.staff_policies_2()], "286bab79cdfb0b2b"),
    ],
)
def test_released_policies_are_not_edited(released, digest):
    """Migrations call these functions. To change a policy write a new function and a new migration, and leave these alone."""
    text = "\n".join(
        f"{policy.name} {policy.operation} {policy.roles} {policy.get_using_expression()} {policy.get_check_expression()}"
        for policy in released
    )
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == digest


def test_the_system_checks_find_nothing(db):
    assert checks.check_models() == []
    assert checks.reasons_to_refuse() == []


@pytest.mark.parametrize(
    ("weakening", "id"),
    [
        ("ALTER TABLE campaigns_campaign NO FORCE ROW LEVEL SECURITY", "salesbrain.E008"),
        ("ALTER TABLE messaging_message DISABLE ROW LEVEL SECURITY", "salesbrain.E008"),
        ("CREATE VIEW leak AS SELECT * FROM messaging_message", "salesbrain.E009"),
    ],
)
@pytest.mark.django_db(databases=["default", "owner"])
def test_a_weakened_policy_is_refused(weakening, id):
    """The change is rolled back with the owner's transaction, in which the check runs."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(weakening)
    assert id in {found for found, _, _ in checks.reasons_to_refuse(using="owner")}


@pytest.mark.django_db(databases=["default", "owner"])
def test_the_owner_as_login_is_refused():
    assert {"salesbrain.E005", "salesbrain.E006"} <= {found for found, _, _ in checks.reasons_to_refuse(using="owner")}


def test_a_key_by_id_alone_between_tenant_tables_is_an_error():
    from django.test.utils import isolate_apps

    with isolate_apps("messaging"):

        class Careless(TenantModel):
            organization = models.ForeignKey(Organization, on_delete=models.CASCADE)
            campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE)

            class Meta:
                app_label = "messaging"

    (problem,) = checks._check_keys(Careless)
    assert problem.id == "salesbrain.E003"
    assert "CompositeForeignKey" in str(problem.hint)


def test_the_audit_log_is_append_only(db):
    with rls.scope(rls.SYSTEM):
        AuditEntry.objects.create(action="test")
    for query in ("UPDATE accounts_auditentry SET action = 'other'", "DELETE FROM accounts_auditentry"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            rls.scope(rls.SYSTEM),
            connection.cursor() as cursor,
        ):
            cursor.execute(query)


@pytest.mark.parametrize(
    "attack",
    [
        "TRUNCATE messaging_message",
        "DROP TABLE messaging_message",
        "ALTER TABLE messaging_message DISABLE ROW LEVEL SECURITY",
        "DROP POLICY sb_tenant ON messaging_message",
        "CREATE POLICY open ON messaging_message USING (true)",
        "CREATE TABLE public.mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SET ROLE sb_owner",
        "SET ROLE sb_definer",
        "SET SESSION AUTHORIZATION postgres",
        "SET session_replication_role = replica",
        "COPY messaging_message TO PROGRAM 'cat'",
        "SELECT body FROM instantly_delivery",
        "INSERT INTO instantly_pending VALUES (1)",
        "UPDATE django_migrations SET name = 'x'",
    ],
)
def test_forbidden_statements_of_a_customers_connection(acme, attack):
    with pytest.raises(ProgrammingError), rls.scope(rls.customer(acme.pk)), connection.cursor() as cursor:
        cursor.execute(attack)


def test_an_invalid_organization_is_an_error_and_an_empty_one_sees_nothing(acme_connection):
    from django.db import DataError, transaction

    factories.message(factories.campaign(acme_connection))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.current_org_id', '', true)")
        assert Message.objects.count() == 0
    with pytest.raises(DataError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.current_org_id', 'garbage', true)")
        Message.objects.count()


def test_django_rls_own_audit_agrees(db, capsys):
    call_command("audit_rls")


def test_the_house_is_there_once(house):
    with rls.scope(rls.SYSTEM):
        assert list(Organization.objects.filter(is_house=True)) == [house]
