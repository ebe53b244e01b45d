"""SQL conditions of the row-level security policies; released versions are never edited.

Migrations use these functions: a change is a new function and a new migration (a test checks the released text by its hash).

They are split by role so that each is one plain condition: an "OR admin" policy can never be an index condition and was 882x slower
on a list of 100 out of a million rows.
"""

from typing import Any

from django_rls.policies import BasePolicy

ORGANIZATION = "(SELECT NULLIF(current_setting('app.current_org_id', true), '')::uuid)"
ROLE = "(SELECT current_setting('app.user_role', true))"
STAFF = "sb_staff, sb_owner"
READS = f"{ROLE} IN ('sb_admin', 'sb_operator', 'sb_viewer')"
WRITES = f"{ROLE} IN ('sb_admin', 'sb_operator')"
DELETES = f"{ROLE} = 'sb_admin'"

READS_2 = "(SELECT current_setting('app.user_role', true) IN ('sb_admin', 'sb_operator', 'sb_viewer'))"
WRITES_2 = "(SELECT current_setting('app.user_role', true) IN ('sb_admin', 'sb_operator'))"
DELETES_2 = "(SELECT current_setting('app.user_role', true) = 'sb_admin')"
"""The same conditions written as a plain boolean, of which the planner assumes that half of the rows pass. Of a comparison it assumes that
hardly any row passes, and then plans as for a table of one row.
"""

OLD = "(at < now() - interval '30 days')"
"""Rows that retention may remove, by kernel.retention.LEAST_OF_RECORDS."""
BEING_REMOVED = "organization_id IN (SELECT id FROM accounts_organization WHERE removal_requested_at IS NOT NULL)"


class SqlPolicy(BasePolicy):
    """Policy with separate USING and WITH CHECK, each omitted where PostgreSQL forbids it (django-rls emits USING for INSERT)."""

    def __init__(self, name: str, condition: str, **options: Any) -> None:
        self.condition = condition
        super().__init__(name, **options)

    def get_sql_expression(self) -> str:
        return self.condition

    def get_using_expression(self) -> str | None:
        return None if self.operation == self.INSERT else self.condition

    def get_check_expression(self) -> str | None:
        return None if self.operation in (self.SELECT, self.DELETE) else self.condition


def tenant_policies(column: str = "organization_id") -> list[SqlPolicy]:
    """Return the policies of a tenant table: customers by equality of `column`, staff by role."""
    return [SqlPolicy("sb_tenant", f"{column} = {ORGANIZATION}", roles="sb_app"), *staff_policies()]


def staff_policies() -> list[SqlPolicy]:
    """Return the policies of a table of which customers see no row."""
    return [
        SqlPolicy("sb_staff_read", READS, operation="SELECT", roles=STAFF),
        SqlPolicy("sb_staff_insert", WRITES, operation="INSERT", roles=STAFF),
        SqlPolicy("sb_staff_update", WRITES, operation="UPDATE", roles=STAFF),
        SqlPolicy("sb_staff_delete", DELETES, operation="DELETE", roles=STAFF),
    ]


def definer_policies(*operations: str) -> list[SqlPolicy]:
    """Return the policies for sb_definer, the owner of our SECURITY DEFINER functions; its column grants narrow them further."""
    return [
        SqlPolicy(f"sb_definer_{operation.lower()}", "true", operation=operation, roles="sb_definer")
        for operation in operations
    ]


def tenant_policies_2(column: str = "organization_id") -> list[SqlPolicy]:
    """Return the policies of a tenant table, with conditions for staff that PostgreSQL can plan for. For every new table."""
    return [SqlPolicy("sb_tenant", f"{column} = {ORGANIZATION}", roles="sb_app"), *staff_policies_2()]


def staff_policies_2() -> list[SqlPolicy]:
    """Return the policies of a staff table, with conditions that PostgreSQL can plan for. For every new table."""
    return [
        SqlPolicy("sb_staff_read", READS_2, operation="SELECT", roles=STAFF),
        SqlPolicy("sb_staff_insert", WRITES_2, operation="INSERT", roles=STAFF),
        SqlPolicy("sb_staff_update", WRITES_2, operation="UPDATE", roles=STAFF),
        SqlPolicy("sb_staff_delete", DELETES_2, operation="DELETE", roles=STAFF),
    ]


def definer_policies_of_old_rows(also: str = "") -> list[SqlPolicy]:
    """Return the policies for sb_definer of an append-only table: it may read and delete what is older than 30 days or meets `also`."""
    condition = f"({OLD} OR {also})" if also else OLD
    return [
        SqlPolicy(f"sb_definer_{operation.lower()}", condition, operation=operation, roles="sb_definer")
        for operation in ("SELECT", "DELETE")
    ]
