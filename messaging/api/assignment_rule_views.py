"""API endpoints of assignment rules for staff: list, create, change, delete, preview."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.staff_writes import StaffWrite
from accounts.models import Organization, ProviderConnection
from campaigns import rule_writes
from campaigns.assignment_rules import Decision, plan_of
from campaigns.models import AssignmentRule
from messaging.api import assignment_rule_bodies as forms
from salesbrain import rls
from salesbrain.api.exceptions import answer_with
from salesbrain.api.parameters import NoParameters
from salesbrain.api.responses import NOTHING, Listed, Made

answer_with(rule_writes.RuleThere, status=409, code="rule_exists", detail=None)


class RuleViewSet(StaffWrite):
    in_transaction = True
    rate = "default"
    rates = dict.fromkeys(("create", "update", "destroy"), "write")
    parameters = {
        "list": forms.RuleList,
        "preview": forms.OfConnection,
        **dict.fromkeys(rates, NoParameters),
    }
    bodies = {"create": forms.RuleBody, "update": forms.RuleChange}
    shapes = {
        "list": Listed("assignment_rules", forms.RuleSerializer),
        "create": Made(forms.RuleSerializer),
        "update": forms.RuleSerializer,
        "destroy": NOTHING,
        "preview": forms.Preview,
    }
    answers_too = {"create": (409,), "update": (409,)}

    def list(self, request: Request) -> Response:
        """List the assignment rules by priority: the first that matches a campaign decides.

        A rule assigns new campaigns of its shared workspace at each sync once it was applied (`applied_at`).
        """
        return self.listed(AssignmentRule.objects.all())

    def create(self, request: Request) -> Response:
        """Create a rule. It has no effect before it is applied.

        `rule_exists` (409): the workspace has a rule of this kind and value. Operators and admins only.
        """
        self.allow(request, "campaigns.change_assignmentrule")
        given = self.body(request)
        connection = self._connection(given.pop("provider_connection_id"))
        return Response(self._saved(request, AssignmentRule(connection=connection), given), status=201)

    def update(self, request: Request, rule_id: str) -> Response:
        """Change a rule. After a change of its condition or organization it has no effect until it is applied again.

        Operators and admins only.
        """
        self.allow(request, "campaigns.change_assignmentrule")
        rule = self.found(AssignmentRule.objects.select_related("connection"), rule_id)
        return Response(self._saved(request, rule, self.body(request)))

    def destroy(self, request: Request, rule_id: str) -> Response:
        """Delete a rule. Campaigns that it assigned stay where they are.

        Admins only.
        """
        self.allow(request, "campaigns.delete_assignmentrule")
        rule = self.found(AssignmentRule.objects.all(), rule_id)
        user: Any = request.user
        assert self.scope is not None
        with rls.scope(self.scope):
            rule_writes.delete(rule, by=user)
        return Response(status=204)

    def preview(self, request: Request) -> Response:
        """Preview the active rules of a workspace: each matching campaign with the rule that decides, and conflicts. Nothing is changed."""
        connection = self._connection(self.asked["provider_connection_id"])
        assert self.scope is not None
        with rls.scope(self.scope):
            decisions = plan_of(connection.pk)
            listed = sorted(decisions, key=lambda one: not one.takes)[: forms.MOST_PREVIEWED]
            return Response(
                {
                    "takes": sum(one.takes for one in decisions),
                    "stay_by_hand": sum(one.stays_by_hand for one in decisions),
                    "conflicts": sum(bool(one.others) for one in decisions),
                    "campaigns": [_planned(one) for one in listed],
                }
            )

    def _connection(self, key: Any) -> ProviderConnection:
        assert self.scope is not None
        with rls.scope(self.scope):
            found = ProviderConnection.objects.defer("api_key", "raw").filter(pk=key).first()
        if found is None:
            raise ValidationError({"provider_connection_id": [_("There is no such connection.")]})
        return found

    def _saved(self, request: Request, rule: AssignmentRule, given: dict[str, Any]) -> Any:
        if not given:
            raise ValidationError({"kind": [_("Name at least one field to change.")]})
        for name, value in given.items():
            setattr(rule, name, value)
        user: Any = request.user
        assert self.scope is not None
        with rls.scope(self.scope):
            if not Organization.objects.filter(pk=rule.organization_id).exists():
                raise ValidationError({"organization_id": [_("There is no such organization.")]})
            try:
                rule_writes.save(rule, by=user)
            except rule_writes.UnfitRule as error:
                field = "provider_connection_id" if error.field == "connection" else error.field
                raise ValidationError({field: [str(error)]}) from error
        return self.as_json(AssignmentRule.objects.all(), rule.pk, forms.RuleSerializer)


def _planned(one: Decision) -> dict[str, Any]:
    campaign = one.campaign
    return {
        "campaign_id": campaign.pk,
        "name": campaign.name,
        "before": _brief(campaign.organization),
        "rule": _named(one.rule),
        "conflicts": [_named(rule) for rule in one.others],
        "takes": one.takes,
        "stays_by_hand": one.stays_by_hand,
        "is_there": one.is_there,
    }


def _named(rule: AssignmentRule) -> dict[str, Any]:
    return {"id": rule.pk, "kind": rule.kind, "value": rule.value, "organization": _brief(rule.organization)}


def _brief(organization: Organization) -> dict[str, Any]:
    return {"id": organization.pk, "name": organization.name}
