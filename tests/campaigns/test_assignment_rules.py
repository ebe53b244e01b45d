"""Assignment rules: campaigns matched by each kind, order, conflicts, campaigns left alone."""

from typing import Any

import pytest

from campaigns.assignment_rules import plan_of, plan_of_new
from campaigns.models import AssignmentRule
from salesbrain import rls
from tests import factories
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def rule(connection: Any, organization: Any, kind: str, value: str, **fields: Any) -> AssignmentRule:
    with rls.scope(rls.SYSTEM):
        return AssignmentRule.objects.create(
            connection=connection, organization=organization, kind=kind, value=value, **{"applied_at": NOON, **fields}
        )


def planned(connection: Any, *, new: bool = False) -> dict[str, tuple[str, str]]:
    """Return by campaign name the organization that would get it and the value of the deciding rule."""
    with rls.scope(rls.SYSTEM):
        decisions = plan_of_new(connection.pk) if new else plan_of(connection.pk)
        return {one.campaign.name: (one.rule.organization.name, one.rule.value) for one in decisions if one.takes}


KINDS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("name_prefix", "ACME", {"name": "Acme – Q3"}, {"name": "The Acme"}),
    ("name_contains", "acme", {"name": "Q3 ACME"}, {"name": "Q3"}),
    ("name_pattern", "*acme?q*", {"name": "EU Acme Q3"}, {"name": "Acme"}),
    ("tag", "VIP", {"name": "One", "tags": ["vip", "x"]}, {"name": "Two", "tags": ["vip 2"]}),
    ("sender_domain", "ac.example", {"name": "One", "senders": ["a@Mail.Ac.example"]}, {"name": "Two", "senders": ["a@notac.example"]}),
    ("listed", "winter", {"name": "One", "provider_id": "p1"}, {"name": "Two", "provider_id": "p2"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "fits", "other"), KINDS, ids=[kind[0] for kind in KINDS])
def test_a_rule_matches_its_campaigns_and_no_others(shared_connection, acme, kind, value, fits, other):
    for fields in (fits, other):
        factories.campaign(shared_connection, **fields)
    rule(shared_connection, acme, kind, value, listed=["p1"] if kind == "listed" else None)
    assert planned(shared_connection) == {fits["name"]: ("Acme", value)}


def test_the_first_rule_that_fits_decides_and_the_others_are_conflicts(shared_connection, acme, globex):
    factories.campaign(shared_connection, "Acme for Globex")
    rule(shared_connection, globex, "name_contains", "globex", priority=20)
    rule(shared_connection, acme, "name_prefix", "acme", priority=10)
    rule(shared_connection, acme, "name_contains", "for", priority=30)
    with rls.scope(rls.SYSTEM):
        (one,) = plan_of(shared_connection.pk)
    assert one.rule.organization == acme
    assert [other.value for other in one.others] == ["globex"], "a later rule for the same customer is no conflict"


def test_of_equal_priority_the_older_rule_decides(shared_connection, acme, globex):
    factories.campaign(shared_connection, "Both")
    rule(shared_connection, globex, "name_contains", "b", created_at=NOON)
    rule(shared_connection, acme, "name_prefix", "b", created_at=NOON.replace(year=2025))
    assert planned(shared_connection) == {"Both": ("Acme", "b")}


def test_campaigns_that_a_person_assigned_stay_also_with_the_agency(shared_connection, acme, globex):
    factories.campaign(shared_connection, "Acme 1", globex, assigned_at=NOON)
    factories.campaign(shared_connection, "Acme 2", assigned_at=NOON)
    rule(shared_connection, acme, "name_prefix", "acme")
    assert planned(shared_connection) == planned(shared_connection, new=True) == {}
    with rls.scope(rls.SYSTEM):
        assert [one.stays_by_hand for one in plan_of(shared_connection.pk)] == [True, True]


def test_a_sync_assigns_only_campaigns_that_neither_person_nor_rule_assigned(shared_connection, acme, globex):
    old = rule(shared_connection, globex, "name_contains", "never")
    factories.campaign(shared_connection, "Acme 1", globex, assigned_at=NOON, assigned_rule=old.pk)
    factories.campaign(shared_connection, "Acme 2")
    rule(shared_connection, acme, "name_prefix", "acme")
    assert set(planned(shared_connection)) == {"Acme 1", "Acme 2"}, "a person who applies rules sees both"
    assert set(planned(shared_connection, new=True)) == {"Acme 2"}


def test_a_rule_has_no_effect_before_it_was_applied(shared_connection, acme):
    factories.campaign(shared_connection, "Acme 1")
    rule(shared_connection, acme, "name_prefix", "acme", applied_at=None)
    assert planned(shared_connection, new=True) == {} and planned(shared_connection) != {}


@pytest.mark.parametrize("why", ["off", "closed", "dedicated"])
def test_a_rule_takes_nothing(shared_connection, acme, globex, why):
    factories.campaign(shared_connection, "Acme 1")
    rule(shared_connection, acme, "name_prefix", "acme", is_active=why != "off")
    with rls.scope(rls.SYSTEM):
        if why == "closed":
            acme.is_active = False
            acme.save()
        if why == "dedicated":
            shared_connection.organization = globex
            shared_connection.save()
    assert planned(shared_connection) == planned(shared_connection, new=True) == {}


def test_a_kind_of_a_later_release_takes_nothing(shared_connection, acme):
    factories.campaign(shared_connection, "Acme 1")
    rule(shared_connection, acme, "weather", "acme")
    assert planned(shared_connection) == {}


def test_campaigns_of_another_workspace_are_not_looked_at(shared_connection, acme):
    factories.campaign(factories.connection("other", None), "Acme 1")
    rule(shared_connection, acme, "name_prefix", "acme")
    assert planned(shared_connection) == {}
