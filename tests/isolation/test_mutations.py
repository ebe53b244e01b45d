"""Mutation tests of the isolation proof: every weakened protection must be noticed, by name.

Each mutation is made in a database of its own (as the owner, committed, so that every connection sees it), the database part of the
proof runs over the affected table, the named checks must fail, and the mutation is reverted: the catalogue must then equal the
original, so that the next one starts from full protection.
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from django.db import connection, connections, transaction

from messaging.models import Message
from salesbrain.isolation.actors import actors
from salesbrain.isolation.catalogue import check_catalogue, snapshot
from salesbrain.isolation.findings import Notes
from salesbrain.isolation.scopes import check_scopes
from salesbrain.isolation.side_channels import check_functions, check_keys
from salesbrain.isolation.tables import _samples, _try, check_tables
from salesbrain.rls import grants
from salesbrain.rls.policies import DELETES_2, ORGANIZATION, READS_2, ROLE, WRITES_2

scope = importlib.import_module("salesbrain.rls.scope")  # the package has the function under that name
TABLE = "messaging_message"
KEYS = "instantly_held"  # a table of staff's
MINE = f"organization_id = {ORGANIZATION}"


def policy(name: str, text: str, *, table: str = TABLE) -> list[str]:
    """Return statements that replace a declared policy by another one."""
    return [f"DROP POLICY {name} ON {table}", f"CREATE POLICY {name} ON {table} {text}"]


def tenant(using: str, check: str | None = None) -> list[str]:
    return policy("sb_tenant", f"TO sb_app USING ({using}) WITH CHECK ({check or using})")


@dataclass(frozen=True)
class Mutation:
    name: str
    weaken: list[str]
    mend: list[str]
    noticed_by: set[str]
    tables: set[str] = field(default_factory=lambda: {TABLE})


WHOLE = tenant(MINE)
STAFF = "sb_staff, sb_owner"  # roles in SQL of staff and of migrations
DEFINER_SCOPE = """CREATE OR REPLACE FUNCTION sb_search_scope(p_organization uuid, OUT org uuid, OUT everything boolean)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$"""
MUTATIONS = [
    Mutation(
        "a table is not enabled",
        [f"ALTER TABLE {TABLE} DISABLE ROW LEVEL SECURITY"],
        [f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY"],
        {"catalogue.enabled", "tables.select", "tables.copy", "tables.insert", "tables.update", "tables.delete", "back_doors.statistics"},
    ),
    Mutation(
        "a table is not forced on its owner",
        [f"ALTER TABLE {TABLE} NO FORCE ROW LEVEL SECURITY"],
        [f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY"],
        {"catalogue.forced"},
    ),
    Mutation("a customer may write any row (WITH CHECK true)", tenant(MINE, "true"), WHOLE, {"catalogue.policies", "rights_lost.insert"}),
    Mutation("a customer reads every row (USING true)", tenant("true"), WHOLE, {"catalogue.policies", "tables.select", "tables.copy"}),
    Mutation(
        "no scope sees everything (NULL is visible)",
        tenant(f"{ORGANIZATION} IS NULL OR {MINE}"), WHOLE, {"catalogue.policies", "tables.select"},
    ),
    Mutation("the OR admin form", tenant(f"{MINE} OR {ROLE} = 'sb_admin'"), WHOLE, {"catalogue.policies", "tables.select"}),
    Mutation(
        "app.user_role alone makes a customer staff",
        policy("sb_staff_read", f"FOR SELECT TO {STAFF}, sb_app USING ({READS_2})"),
        policy("sb_staff_read", f"FOR SELECT TO {STAFF} USING ({READS_2})"),
        {"catalogue.policies", "tables.select", "tables.copy"},
    ),
    Mutation(
        "a viewer may change rows",
        policy("sb_staff_update", f"FOR UPDATE TO {STAFF} USING ({READS_2}) WITH CHECK ({READS_2})"),
        policy("sb_staff_update", f"FOR UPDATE TO {STAFF} USING ({WRITES_2}) WITH CHECK ({WRITES_2})"),
        {"catalogue.policies", "tables.update"},
    ),
    Mutation(
        "an operator may delete rows",
        policy("sb_staff_delete", f"FOR DELETE TO {STAFF} USING ({WRITES_2})"),
        policy("sb_staff_delete", f"FOR DELETE TO {STAFF} USING ({DELETES_2})"),
        {"catalogue.policies", "tables.delete"},
    ),
    Mutation(
        "a further policy beside the declared ones",
        [f"CREATE POLICY extra ON {TABLE} FOR SELECT TO sb_app USING (subject IS NOT NULL)"], [f"DROP POLICY extra ON {TABLE}"],
        {"catalogue.policies", "tables.select"},
    ),
    Mutation("a customer's role may write", [f"GRANT INSERT, UPDATE, DELETE ON {TABLE} TO sb_app"],
             [f"REVOKE INSERT, UPDATE, DELETE ON {TABLE} FROM sb_app"],
             {"catalogue.rights", "tables.update", "tables.delete"}),
    Mutation("a customer's role may look at staff's table", [f"GRANT SELECT ON {KEYS} TO sb_app"], [f"REVOKE SELECT ON {KEYS} FROM sb_app"],
             {"catalogue.rights", "tables.select"}, {KEYS}),
    Mutation("everybody may look", [f"GRANT SELECT ON {KEYS} TO PUBLIC"],
             [f"REVOKE SELECT ON {KEYS} FROM PUBLIC"], {"catalogue.rights"}, {KEYS}),
    Mutation("a customer's role may empty a table", [f"GRANT TRUNCATE ON {KEYS} TO sb_app"], [f"REVOKE TRUNCATE ON {KEYS} FROM sb_app"],
             {"catalogue.rights", "tables.truncate"}, {KEYS}),
    Mutation("everybody may call a function with its owner's rights",
             ["SET ROLE sb_definer", "GRANT EXECUTE ON FUNCTION app_search_people TO PUBLIC", "RESET ROLE"],
             ["SET ROLE sb_definer", "REVOKE EXECUTE ON FUNCTION app_search_people FROM PUBLIC", "RESET ROLE"], {"catalogue.functions"}),
    Mutation("a function with its owner's rights that nobody knows",
             ["CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM messaging_message'"],
             ["DROP FUNCTION peek"], {"catalogue.functions", "functions.untried"}),
    Mutation("the search is steered by its argument",
             ["GRANT CREATE ON SCHEMA public TO sb_definer", "SET ROLE sb_definer",
              f"{DEFINER_SCOPE} BEGIN org := p_organization; everything := p_organization IS NULL; END $$", "RESET ROLE"],
             ["SET ROLE sb_definer", "{definer_scope}", "RESET ROLE", "REVOKE CREATE ON SCHEMA public FROM sb_definer"],
             {"functions.search"}),
    Mutation("a composite key is dropped", [f"ALTER TABLE {TABLE} DROP CONSTRAINT message_campaign_fk"],
             [f"ALTER TABLE {TABLE} ADD CONSTRAINT message_campaign_fk FOREIGN KEY (organization_id, campaign_id) "
              "REFERENCES campaigns_campaign (organization_id, id) DEFERRABLE"],
             {"catalogue.keys", "keys.composite"}),
    Mutation("a composite key became one by id alone",
             ["ALTER TABLE messaging_dailystats DROP CONSTRAINT daily_stats_campaign_fk",
              "ALTER TABLE messaging_dailystats ADD CONSTRAINT daily_stats_campaign_fk FOREIGN KEY (campaign_id) "
              "REFERENCES campaigns_campaign (id) DEFERRABLE"],
             ["ALTER TABLE messaging_dailystats DROP CONSTRAINT daily_stats_campaign_fk",
              "ALTER TABLE messaging_dailystats ADD CONSTRAINT daily_stats_campaign_fk FOREIGN KEY (organization_id, campaign_id) "
              "REFERENCES campaigns_campaign (organization_id, id) DEFERRABLE"],
             {"catalogue.keys", "keys.composite"}, {"messaging_dailystats"}),
    Mutation("a row may belong to nobody", [f"ALTER TABLE {TABLE} ALTER organization_id DROP NOT NULL"],
             [f"ALTER TABLE {TABLE} ALTER organization_id SET NOT NULL"], {"catalogue.keys"}),
    Mutation("a view with its owner's rights", [f"CREATE VIEW leak AS SELECT * FROM {TABLE}"], ["DROP VIEW leak"], {"catalogue.no_views"}),
    Mutation("a table without protection", ["CREATE TABLE messaging_draft (id uuid, organization_id uuid NOT NULL)"],
             ["DROP TABLE messaging_draft"], {"catalogue.every_table"}),
]  # fmt: skip


def as_owner(statements: list[str]) -> None:
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture(scope="module")
def whole(world) -> dict:
    """Return the protections before any mutation."""
    return snapshot()


@pytest.fixture(scope="module")
def search_scope(world) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('sb_search_scope'::regproc)")
        return cursor.fetchone()[0]


def failing(world, tables: set[str], *, functions: bool) -> set[str]:
    """Run the database checks over these tables and return the names of those that fail."""
    notes = Notes()
    check_catalogue(notes)
    check_tables(world, notes, only=tables)
    check_keys(world, notes, only=tables)
    if functions:
        check_functions(world, notes)
    return notes.failed()


def writes_of_others(world) -> set[str]:
    """Grant INSERT and let a customer of A insert a row of B: the policy's WITH CHECK alone must refuse it. Return the failed checks."""
    notes = Notes()
    as_owner([f"GRANT INSERT ON {TABLE} TO sb_app"])
    try:
        customer = next(actor for actor in actors(world) if actor.name == "customer_a")
        reached = _try(customer, Message, "insert", _samples(Message, world))
        notes.check("rights_lost.insert", reached == "A", TABLE, reached)
    finally:
        as_owner([f"REVOKE INSERT ON {TABLE} FROM sb_app"])
    return notes.failed()


def test_full_protection_passes_every_check(world, whole):
    assert failing(world, {TABLE, KEYS}, functions=True) == set()
    assert writes_of_others(world) == set()


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name.replace(" ", "_"))
def test_a_weakening_is_noticed(world, whole, search_scope, mutation):
    expected = mutation.noticed_by - {"back_doors.statistics"}
    as_owner(mutation.weaken)
    try:
        noticed = failing(world, mutation.tables, functions=any("function" in name for name in expected))
        if "rights_lost.insert" in expected:
            noticed |= writes_of_others(world)
    finally:
        as_owner([statement.replace("{definer_scope}", search_scope) for statement in mutation.mend])
    assert expected <= noticed, f"only {sorted(noticed)} noticed"
    assert snapshot() == whole, "the mutation was not taken back"


# --- the scope, in Python ---------------------------------------------------------------------------------------------


@contextmanager
def restoring_nothing(wanted, *, using: str = "default") -> Iterator[None]:
    with transaction.atomic(using=using):
        scope._set(using, wanted.values)
        yield


def set_for_the_session(monkeypatch) -> None:
    """Make the scope a setting of the session, in both statements that send it: with BEGIN and after it."""
    monkeypatch.setattr(scope, "SET", scope.SET.replace("true", "false"))
    scope._written_out.cache_clear()
    monkeypatch.setattr(scope, "_written_out", scope._written_out.__wrapped__)


def do_not_restore(monkeypatch) -> None:
    monkeypatch.setattr("salesbrain.rls.scope", restoring_nothing)


def take_any_connection(monkeypatch) -> None:
    monkeypatch.setattr("salesbrain.rls.enter", lambda wanted, using="default": scope._set(using, wanted.values))


def forget_the_organization(monkeypatch) -> None:
    monkeypatch.setattr(scope.Scope, "values", property(lambda wanted: ("sb_admin", "", "sb_staff")))


@pytest.mark.parametrize(
    ("weaken", "noticed_by"),
    [
        (set_for_the_session, {"scopes.nothing_stays_after_a_block", "scopes.a_late_generator_has_none"}),
        (do_not_restore, {"scopes.an_inner_block_gives_way"}),
        (take_any_connection, {"scopes.outside_a_transaction_it_is_refused"}),
        (forget_the_organization, {"scopes.a_scope_shows_its_own"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_weaker_scope_is_noticed(world, monkeypatch, weaken, noticed_by):
    notes = Notes()
    with monkeypatch.context() as patched:
        weaken(patched)
        check_scopes(world, notes)
    connection.close()
    assert noticed_by <= notes.failed()


def test_the_grants_after_migrate_revoke_surplus_rights(world, whole):
    """`grants.apply`, which runs after every migration, revokes a surplus right."""
    as_owner([f"GRANT UPDATE ON {TABLE} TO sb_app", f"GRANT SELECT ON {KEYS} TO sb_app"])
    with transaction.atomic(using="owner"):
        grants.apply(using="owner")
    assert snapshot() == whole
