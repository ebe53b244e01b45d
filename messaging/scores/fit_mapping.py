"""Mapping of an organization's contact variables to the rows of fit, as its owners set it."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.customer_services import customer_service
from accounts.models import User
from accounts.permissions import Permission
from accounts.refusals import Refusal
from accounts.services import record_audit
from messaging.intelligence.scoring.engagement import SHIPPED, RowName, Weights
from messaging.intelligence.scoring.fit import FitMapping
from messaging.models import ScoringSettings
from salesbrain import rls

LONGEST_NAME = 100
MOST_INDUSTRIES = 50
MOST_EMPLOYEES = 10_000_000


class InvalidMapping(Refusal):
    sentence = _(
        "Name variables of up to 100 characters, up to 50 industries, and a range of employees that is not empty."
    )


def mapping_of(settings: ScoringSettings | None) -> FitMapping:
    if settings is None:
        return FitMapping()
    return FitMapping(
        settings.title, settings.employees, settings.industry, settings.employees_from, settings.employees_to,
        frozenset(settings.industries),
    )  # fmt: skip


def weights_of(settings: ScoringSettings | None) -> Weights:
    """Return the organization's learned weights, or the shipped ones if none were learned."""
    if settings is None or not settings.factors:
        return SHIPPED
    return Weights(settings.version, {RowName(name): factor for name, factor in settings.factors.items()})


@customer_service(Permission.MANAGE_SCORES)
def set_mapping(
    scope: rls.Scope,
    *,
    by: User,
    now: datetime,
    title: str = "",
    employees: str = "",
    employees_from: int = 0,
    employees_to: int | None = None,
    industry: str = "",
    industries: Sequence[str] = (),
) -> bool:
    """Set the variables from which the fit of contacts is computed; return whether that changed anything. The organization's scores are
    then recomputed.

    Raises InvalidMapping, RoleTooLow.
    """
    names = [name.strip() for name in (title, employees, industry)]
    wanted = list(dict.fromkeys(text.strip() for text in industries if text.strip()))
    bounds = [employees_from, employees_from if employees_to is None else employees_to]
    if (
        any(len(text) > LONGEST_NAME for text in (*names, *wanted))
        or len(wanted) > MOST_INDUSTRIES
        or not 0 <= bounds[0] <= bounds[1] <= MOST_EMPLOYEES
    ):
        raise InvalidMapping
    values = {
        "title": names[0], "employees": names[1], "industry": names[2], "employees_from": employees_from,
        "employees_to": employees_to, "industries": wanted,
    }  # fmt: skip
    with rls.scope(rls.SYSTEM):
        row, _new = ScoringSettings.objects.get_or_create(organization_id=scope.organization)
        if all(getattr(row, name) == value for name, value in values.items()):
            return False
        ScoringSettings.objects.filter(pk=row.pk).update(**values, scored_at=None)
        record_audit(action="scoring.mapping", actor=by, target=row, detail={"variables": names})
        return True
