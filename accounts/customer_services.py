"""Registry of the services that customers may call, each with the role it requires and checks.

A customer's request reads and writes as the unprivileged database role. Rows that the worker writes too, and changes that need an audit
entry, are written by a service: it finds the row in the customer's scope, then enters rls.SYSTEM for the write. Each is marked here and
listed with example arguments in salesbrain/isolation/customer_services.py, where the isolation proof calls it with another organization's
ids and as every role.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from accounts.permissions import Permission, require
from salesbrain import rls

P = ParamSpec("P")
R = TypeVar("R")

REGISTERED: dict[Callable[..., Any], Permission] = {}
"""Every service that was marked, with the permission it needs."""


def customer_service(
    permission: Permission,
) -> Callable[[Callable[Concatenate[rls.Scope, P], R]], Callable[Concatenate[rls.Scope, P], R]]:
    """Decorator of a service that customers may call; its first argument is the caller's scope (`User.scope_in`). The service then raises
    RoleTooLow where the caller's role does not include `permission`, and for a scope without a role.
    """

    def mark(service: Callable[Concatenate[rls.Scope, P], R]) -> Callable[Concatenate[rls.Scope, P], R]:
        @wraps(service)
        def checked(scope: rls.Scope, *args: P.args, **kwargs: P.kwargs) -> R:
            require(scope, permission)
            return service(scope, *args, **kwargs)

        REGISTERED[checked] = permission
        return checked

    return mark
