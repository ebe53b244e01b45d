"""Create, change and delete assignment rules; one service for admin and API.

A change of a rule's condition or organization suspends the rule until somebody has seen the preview and applied it again.
"""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from accounts.models import User
from accounts.services import record_audit
from campaigns.choices import RuleKind
from campaigns.models import AssignmentRule, Campaign
from campaigns.name_patterns import LONGEST
from salesbrain.kernel.addresses import NotAnAddress, canonical

MOST_LISTED = 1000
DECISIVE = ("organization_id", "connection_id", "kind", "value", "listed", "priority")
"""Fields that determine the campaigns and the organization of a rule."""


class UnfitRule(Exception):
    """Error: the rule is invalid; `field` names the field at fault, the text says why and what to enter."""

    def __init__(self, field: str, text: str) -> None:
        self.field = field
        super().__init__(text)


class RuleThere(Exception):
    """Error: the workspace has a rule of this kind and value already."""


def fit(rule: AssignmentRule) -> AssignmentRule:
    """Normalize value and list of an unsaved rule to their stored form and return the rule. Raises UnfitRule. Call in a scope."""
    if rule.connection.organization_id is not None:
        raise UnfitRule(
            "connection",
            gettext("%(name)s is dedicated to one organization; rules share out the campaigns of a shared workspace.")
            % {"name": rule.connection.name},
        )
    rule.value = rule.value.strip()
    if not rule.value:
        raise UnfitRule("value", gettext("Enter what to look for; for a list, what to call it."))
    if len(rule.value) > LONGEST:
        raise UnfitRule("value", gettext("At most %(most)s characters.") % {"most": LONGEST})
    if rule.kind == RuleKind.NAME_PATTERN and not rule.value.replace("*", ""):
        raise UnfitRule("value", gettext("This pattern fits every campaign. Enter what tells this customer's apart."))
    if rule.kind == RuleKind.SENDER_DOMAIN:
        rule.value = _domain(rule.value)
    rule.listed = _listed(rule) if rule.kind == RuleKind.LISTED else None
    return rule


def save(rule: AssignmentRule, *, by: User | None = None) -> AssignmentRule:
    """Store a rule that is new or was changed. Raises UnfitRule, RuleThere. Call in a scope that may write.

    `by`: the user named in the audit log; None: the caller writes the entry.
    """
    fit(rule)
    before = None if rule._state.adding else AssignmentRule.objects.filter(pk=rule.pk).values(*DECISIVE).first()
    if before is not None and before != {name: getattr(rule, name) for name in DECISIVE}:
        rule.applied_at = None
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        raise RuleThere(
            gettext("This workspace has the rule “%(rule)s” already; change that one.") % {"rule": rule}
        ) from error
    if by is not None:
        verb = "create" if before is None else "change"
        record_audit(action=f"assignment_rule.{verb}", actor=by, target=rule, detail={"name": str(rule)})
    return rule


def delete(rule: AssignmentRule, *, by: User) -> None:
    """Delete a rule; campaigns that it assigned stay where they are."""
    record_audit(action="assignment_rule.delete", actor=by, target=rule, detail={"name": str(rule)})
    rule.delete()


def known_ids(connection_id: Any, lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the provider's ids of the campaigns that these lines name (by our id, the provider's id or exact name), and the lines that
    name none.

    Call in a staff scope or SYSTEM.
    """
    wanted = [line.strip() for line in lines if line.strip()]
    rows = Campaign.objects.filter(connection_id=connection_id).order_by().values_list("pk", "provider_id", "name")
    known: dict[str, list[str]] = {}
    for pk, theirs, name in rows:
        for key in {str(pk), theirs, name.casefold()}:
            known.setdefault(key, []).append(theirs)
    found, unknown = [], []
    for line in wanted:
        ids = known.get(line) or known.get(line.casefold())
        if ids:
            found += ids
        else:
            unknown.append(line)
    return list(dict.fromkeys(found)), unknown


def _listed(rule: AssignmentRule) -> list[str]:
    found, unknown = known_ids(rule.connection_id, rule.listed or ())
    if unknown:
        raise UnfitRule(
            "listed",
            gettext("No campaign of this workspace is called: %(names)s. Enter names as they are, or ids.")
            % {"names": ", ".join(unknown[:5])},
        )
    if not found:
        raise UnfitRule("listed", gettext("Enter the campaigns of the list, one a line: name or id."))
    if len(found) > MOST_LISTED:
        raise UnfitRule("listed", gettext("At most %(most)s campaigns.") % {"most": MOST_LISTED})
    return sorted(found)


def _domain(value: str) -> str:
    try:
        domain = canonical(f"x@{value.rpartition('@')[2]}").rpartition("@")[2]
    except NotAnAddress:
        domain = ""
    if "." not in domain:  # of a single word, every domain that ends so would fit
        raise UnfitRule("value", gettext("Enter a domain, such as acme.example."))
    return domain
