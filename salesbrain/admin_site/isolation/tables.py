"""Every table, every verb, as everybody, in plain SQL: what the database itself allows, whatever our code does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DatabaseError, connection, models, transaction

from salesbrain import rls
from salesbrain.admin_site.isolation.world import Side, World, protected
from salesbrain.models import TenantModel

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE")
CLOSED = frozenset({"none", "refused"})
OWN, BOTH = frozenset({"own"}), frozenset({"both"})
PUT_IN = frozenset({"allowed"})
REFUSED = "42501"
"""SQLSTATE of a missing right and of a row a policy forbids to write."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one of VERBS did to a table as `who`: none, own, both, other, allowed or refused. `fits` as it must be."""

    table: str
    who: str
    verb: str
    seen: str
    fits: bool


def walk(world: World) -> Iterator[Cell]:
    """Try everything. Each try is undone."""
    for model in protected():
        for who, scope in _eyes(world):
            for verb in VERBS:
                seen = _try(model, verb, who, scope, world)
                yield Cell(model._meta.db_table, who, verb, seen, seen in expected(model, who, verb))


def expected(model: type[models.Model], who: str, verb: str) -> frozenset[str]:
    """Return what may be seen: the whole rule of who may do what, in six lines."""
    append_only = getattr(model, "append_only", False)
    if who.startswith("customer"):
        return OWN if verb == "SELECT" and issubclass(model, TenantModel) else CLOSED
    if who == "no scope" or (append_only and verb in ("UPDATE", "DELETE")):
        return CLOSED
    verbs = {"viewer": {"SELECT"}, "operator": {"SELECT", "INSERT", "UPDATE"}, "admin": set(VERBS)}[who]
    return CLOSED if verb not in verbs else PUT_IN if verb == "INSERT" else BOTH


def _eyes(world: World) -> Iterator[tuple[str, rls.Scope | None]]:
    yield "no scope", None
    yield "customer A", rls.customer(world.a.organization_id)
    yield "customer B", rls.customer(world.b.organization_id)
    for word, user in world.staff.items():
        yield word, rls.staff(user.role)


@contextmanager
def _as(scope: rls.Scope | None) -> Iterator[None]:
    with transaction.atomic():
        if scope is not None:
            rls.enter(scope)
        yield
        transaction.set_rollback(True)


def _try(model: type[models.Model], verb: str, who: str, scope: rls.Scope | None, world: World) -> str:
    own, other = (world.b, world.a) if who == "customer B" else (world.a, world.b)
    if verb == "INSERT":
        return _insert(model, scope)
    touched = [_touch(model, verb, scope, side) for side in (own, other)]
    if "refused" in touched:
        return "refused"
    return {(False, False): "none", (True, False): "own", (False, True): "other", (True, True): "both"}[
        touched[0], touched[1]
    ]


def _touch(model: type[models.Model], verb: str, scope: rls.Scope | None, side: Side) -> bool | str:
    """Did the statement reach the row of this organization? "refused" where the right itself is missing."""
    table, key = (connection.ops.quote_name(name) for name in (model._meta.db_table, model._meta.pk.column))
    head = {
        "SELECT": f"SELECT 1 FROM {table}",
        "UPDATE": f"UPDATE {table} SET {key} = {key}",
        "DELETE": f"DELETE FROM {table}",
    }
    try:
        with _as(scope), connection.cursor() as cursor:
            cursor.execute(
                f"{head[verb]} WHERE {key} = %s",
                [model._meta.pk.get_db_prep_value(side.pk(model._meta.label), connection)],
            )
            return cursor.rowcount > 0
    except DatabaseError as error:
        return "refused" if _state(error) == REFUSED else True  # a key that protests was reached


def _insert(model: type[models.Model], scope: rls.Scope | None) -> str:
    """Rights and policies are asked before NOT NULL: any other error says that the row would have been let in."""
    try:
        with _as(scope), connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} DEFAULT VALUES")
    except DatabaseError as error:
        return "refused" if _state(error) == REFUSED else "allowed"
    return "allowed"


def _state(error: DatabaseError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)
