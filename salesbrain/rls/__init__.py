"""Row-level security: PostgreSQL shows only rows that a scope, set for one transaction, allows.

    with rls.scope(rls.customer(organization.id)):
        Campaign.objects.all()      # that organization's, whatever the query says

No scope means no rows. See `scope.py` for the statement, `policies.py` for the conditions.
"""

from .scope import (
    CUSTOMER,
    ROLES,
    SYSTEM,
    NoScope,
    NoTransaction,
    Scope,
    current,
    customer,
    each_statement,
    enter,
    enter_each_statement,
    scope,
    staff,
)

__all__ = [
    "CUSTOMER",
    "ROLES",
    "SYSTEM",
    "NoScope",
    "NoTransaction",
    "Scope",
    "current",
    "customer",
    "each_statement",
    "enter",
    "enter_each_statement",
    "scope",
    "staff",
]
