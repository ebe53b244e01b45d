"""Row-level security: PostgreSQL decides from a scope that lives as long as a transaction.

    with rls.scope(rls.customer(organization.id)):
        Campaign.objects.all()      # that organization's, whatever the query says

No scope means no rows. See `scope.py` for the statement, `policies.py` for the conditions.
"""

from .scope import CUSTOMER, ROLES, SYSTEM, NoScope, NoTransaction, Scope, current, customer, enter, scope, staff

__all__ = [
    "CUSTOMER",
    "ROLES",
    "SYSTEM",
    "NoScope",
    "NoTransaction",
    "Scope",
    "current",
    "customer",
    "enter",
    "scope",
    "staff",
]
