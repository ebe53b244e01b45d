"""Dataclass of a staff action (label, permission, work, form): one row of the table in registry.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.models import EmailAccount, ProviderConnection
from campaigns.models import Campaign
from instantly.actions.forms import ActionForm
from instantly.actions.works import Outcome
from instantly.models import StaffAction

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Target = type[Campaign] | type[EmailAccount] | type[ProviderConnection]


class UnknownAction(LookupError):
    """Error: no staff action has this kind; `str()` names it."""


@dataclass(frozen=True, slots=True)
class Action:
    """One kind of staff action. The admin, the API and the jobs know nothing else about it.

    `kind` is stored in StaffAction.kind, so it stays when the label changes. `target`: table of the objects it applies to, whose admin
    pages offer it. `permission`: required by the admin and the API. `warning`: sentence on the confirmation page; `form`: form on that
    page, None: the action changes nothing at Instantly and needs no confirmation. `repeatable`: running it again changes nothing more, so a
    killed job is run again. `undo`: kind of the reverse action, empty: there is none. `leaves`: the status of a row afterwards, empty: the
    action changes no status.
    """

    kind: str
    label: "_StrPromise"
    target: Target
    work: Callable[[StaffAction], Outcome]
    permission: str
    warning: "_StrPromise | str" = ""
    form: type[ActionForm] | None = ActionForm
    repeatable: bool = True
    undo: str = ""
    leaves: "_StrPromise | str" = ""

    @property
    def is_for_rows(self) -> bool:
        """Return whether the action applies to rows chosen in a list; if not, its form has a field for the target."""
        return self.form is None or not self.form.names_target

    @property
    def is_for_one(self) -> bool:
        return self.form is not None and self.form.for_one
