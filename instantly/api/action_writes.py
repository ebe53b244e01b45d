"""Base API view of writes that are staff actions; the registry of actions supplies the permission."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.request import Request

from accounts.api.staff_writes import StaffWrite
from instantly.actions.registry import action_of


class ActionWrite(StaffWrite):
    """Base of views that request staff actions. `staff_actions` maps each method of the view to a kind of staff action. An unknown kind
    fails when the routes are loaded."""

    staff_actions: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for kind in cls.staff_actions.values():
            action_of(kind)

    def allow_action(self, request: Request) -> None:
        """Raise PermissionDenied unless the user has the permission of this request's action."""
        self.allow(request, action_of(self.staff_actions[self.action]).permission)
