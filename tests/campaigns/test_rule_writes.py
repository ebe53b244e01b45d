"""Writing of assignment rules: refusals, stored form, and changes that suspend a rule."""

from typing import Any

import pytest

from accounts.models import AuditEntry
from campaigns import rule_writes
from campaigns.models import AssignmentRule
from campaigns.rule_writes import RuleThere, UnfitRule
from salesbrain import rls
from tests import factories
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def made(
    connection: Any, organization: Any, kind: str = "name_prefix", value: str = "Acme", **fields: Any
) -> AssignmentRule:
    return AssignmentRule(connection=connection, organization=organization, kind=kind, value=value, **fields)


UNFIT = [
    ("value", {"value": "  "}),
    ("value", {"value": "x" * 201}),
    ("value", {"kind": "name_pattern", "value": "**"}),
    ("value", {"kind": "sender_domain", "value": "no domain"}),
    ("listed", {"kind": "listed", "value": "winter"}),
    ("listed", {"kind": "listed", "value": "winter", "listed": ["Nothing is called so"]}),
]


@pytest.mark.parametrize(
    ("field", "given"), UNFIT, ids=["empty", "long", "all", "domain", "no list", "unknown campaign"]
)
def test_an_invalid_rule_is_refused_with_its_field(shared_connection, acme, field, given):
    with rls.scope(rls.SYSTEM), pytest.raises(UnfitRule) as refused:
        rule_writes.save(made(shared_connection, acme, **given))
    assert refused.value.field == field and str(refused.value)


def test_a_dedicated_workspace_has_no_rules(acme_connection, acme):
    with rls.scope(rls.SYSTEM), pytest.raises(UnfitRule, match="dedicated"):
        rule_writes.save(made(acme_connection, acme))


def test_a_list_is_stored_as_ids_whatever_names_were_typed(shared_connection, acme):
    one = factories.campaign(shared_connection, "Winter – wave 1", provider_id="p1")
    factories.campaign(shared_connection, "Other", provider_id="p2")
    with rls.scope(rls.SYSTEM):
        rule = rule_writes.save(
            made(shared_connection, acme, "listed", "winter", listed=["winter – WAVE 1", str(one.pk), " ", "p2"])
        )
    assert rule.listed == ["p1", "p2"]


def test_a_rule_changed_to_another_kind_keeps_no_list(shared_connection, acme):
    with rls.scope(rls.SYSTEM):
        assert rule_writes.save(made(shared_connection, acme, listed=["p1"])).listed is None


def test_a_domain_is_stored_in_its_canonical_form(shared_connection, acme):
    with rls.scope(rls.SYSTEM):
        assert rule_writes.save(made(shared_connection, acme, "sender_domain", "@Acme.Example")).value == "acme.example"


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        ({"value": "Ac"}, False),
        ({"priority": 5}, False),
        ({"kind": "name_contains"}, False),
        ({"is_active": False}, True),
    ],
    ids=["value", "priority", "kind", "switched off"],
)
def test_a_changed_condition_suspends_a_rule(shared_connection, acme, change, stays):
    with rls.scope(rls.SYSTEM):
        rule = rule_writes.save(made(shared_connection, acme, applied_at=NOON))
        for name, value in change.items():
            setattr(rule, name, value)
        rule_writes.save(rule)
        assert (AssignmentRule.objects.get(pk=rule.pk).applied_at is not None) is stays


def test_a_changed_customer_suspends_a_rule(shared_connection, acme, globex):
    with rls.scope(rls.SYSTEM):
        rule = rule_writes.save(made(shared_connection, acme, applied_at=NOON))
        rule.organization = globex
        assert rule_writes.save(rule).applied_at is None


def test_the_same_rule_twice_is_refused(shared_connection, acme, globex):
    with rls.scope(rls.SYSTEM):
        rule_writes.save(made(shared_connection, acme))
        with pytest.raises(RuleThere, match="already"):
            rule_writes.save(made(shared_connection, globex))


def test_the_audit_log_says_who_wrote_a_rule(shared_connection, acme, operator):
    with rls.scope(rls.SYSTEM):
        rule = rule_writes.save(made(shared_connection, acme), by=operator)
        rule.priority = 1
        rule_writes.save(rule, by=operator)
        rule_writes.delete(rule, by=operator)
        entries = AuditEntry.objects.filter(action__startswith="assignment_rule.").order_by("id")
        assert [entry.action.partition(".")[2] for entry in entries] == ["create", "change", "delete"]
        assert {entry.actor_id for entry in entries} == {operator.pk}
