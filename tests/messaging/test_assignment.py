"""Assignment of several campaigns at once: history moved, actor recorded, refused moves left out."""

from typing import Any

import pytest
from django.db import OperationalError

from accounts.models import AuditEntry
from campaigns.models import AssignmentRule, Campaign
from messaging import assignment
from messaging.assignment import Move, apply_rules, assign, assign_new
from messaging.campaign_transfer import move_campaign
from messaging.models import Contact, DailyStats, Event, Message
from salesbrain import rls
from tests import factories
from tests.factories import NOON

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(shared_connection: Any) -> Campaign:
    campaign = factories.campaign(shared_connection, "Acme – Q3")
    message = factories.message(campaign)
    factories.event(campaign, 1, contact=message.contact, message=message, lead_email=message.contact.email)
    factories.daily_stats(campaign, sent=1)
    return campaign


@pytest.fixture
def rule(shared_connection: Any, acme: Any) -> AssignmentRule:
    with rls.scope(rls.SYSTEM):
        return AssignmentRule.objects.create(
            connection=shared_connection, organization=acme, value="acme", applied_at=NOON
        )


def now_of(campaign: Campaign) -> Campaign:
    with rls.scope(rls.SYSTEM):
        return Campaign.objects.select_related("organization").get(pk=campaign.pk)


def test_a_rule_takes_a_new_campaign_with_its_history(shared_connection, campaign, rule, acme, house):
    result = assign_new(shared_connection.pk, now=NOON, actor_name="sync")
    assert [transfer.campaign_id for transfer in result.moved] == [campaign.pk]
    after = now_of(campaign)
    assert (after.organization, after.assigned_rule, after.is_assigned_by_hand) == (acme, rule.pk, False)
    with rls.scope(rls.SYSTEM):
        for model in (Contact, Message, Event, DailyStats):
            assert set(model.objects.values_list("organization_id", flat=True)) == {acme.pk}, model
        entry = AuditEntry.objects.get(action="campaign.assign")
    assert entry.detail["rule"] == {"id": str(rule.pk), "name": "Name begins with 'acme'"}
    assert (entry.actor_name, entry.detail["from"], entry.detail["to"]) == ("sync", str(house.pk), str(acme.pk))


def test_the_customer_sees_it_then_and_nobody_else_does(shared_connection, campaign, rule, api, customer, stranger):
    url = f"/api/instantly/campaign/{campaign.pk}"
    assert [api(user).get(url).status_code for user in (customer, stranger)] == [404, 404]
    assign_new(shared_connection.pk, now=NOON)
    assert [api(user).get(url).status_code for user in (customer, stranger)] == [200, 404]


def test_a_repeated_assignment_changes_nothing(shared_connection, campaign, rule):
    assign_new(shared_connection.pk, now=NOON)
    result = assign_new(shared_connection.pk, now=NOON)
    assert (result.moved, result.kept, result.failed) == ([], [], [])


@pytest.mark.parametrize("where", ["another customer", "the agency"])
def test_a_person_who_was_faster_wins(shared_connection, campaign, rule, globex, house, monkeypatch, where):
    """The person assigns the campaign after the rule was planned for it, and before its row is locked to be moved."""
    owner = globex if where == "another customer" else house
    real = assignment.move_campaign

    def slow(*args: Any, **kwargs: Any) -> Any:
        if kwargs.get("rule"):
            move_campaign(campaign.pk, owner.pk, now=NOON, actor_name="a person")
        return real(*args, **kwargs)

    monkeypatch.setattr(assignment, "move_campaign", slow)
    result = assign_new(shared_connection.pk, now=NOON)
    assert (result.moved, result.kept) == ([], [campaign.pk])
    assert (now_of(campaign).organization, now_of(campaign).is_assigned_by_hand) == (owner, True)


def test_an_assignment_to_the_present_organization_counts_as_made_by_hand(shared_connection, campaign, rule, house):
    moved = move_campaign(campaign.pk, house.pk, now=NOON, actor_name="a person")
    assert not moved.changed and now_of(campaign).is_assigned_by_hand
    assert assign_new(shared_connection.pk, now=NOON).moved == []
    with rls.scope(rls.SYSTEM):
        assert AuditEntry.objects.get(action="campaign.assign").detail["kept"] is True
    move_campaign(campaign.pk, house.pk, now=NOON, actor_name="a person")
    with rls.scope(rls.SYSTEM):
        assert AuditEntry.objects.filter(action="campaign.assign").count() == 1, "said once"


def test_a_campaign_of_a_dedicated_workspace_is_not_marked_as_assigned_by_hand(acme_connection, acme):
    campaign = factories.campaign(acme_connection)
    move_campaign(campaign.pk, acme.pk, now=NOON)
    assert now_of(campaign).assigned_at is None


def test_applying_puts_rules_into_effect_and_takes_what_other_rules_assigned(shared_connection, campaign, rule, globex):
    with rls.scope(rls.SYSTEM):
        new = AssignmentRule.objects.create(connection=shared_connection, organization=globex, value="a", priority=1)
    assign_new(shared_connection.pk, now=NOON)
    assert now_of(campaign).assigned_rule == rule.pk, "the new rule has no effect yet"
    result = apply_rules(shared_connection.pk, now=NOON)
    assert (len(result.moved), now_of(campaign).organization, now_of(campaign).assigned_rule) == (1, globex, new.pk)
    with rls.scope(rls.SYSTEM):
        assert AssignmentRule.objects.get(pk=new.pk).applied_at == NOON


def test_only_the_named_campaigns_are_taken(shared_connection, campaign, rule):
    other = factories.campaign(shared_connection, "Acme – Q4")
    apply_rules(shared_connection.pk, now=NOON, only={other.pk})
    assert (now_of(campaign).organization.is_house, now_of(other).organization.name) == (True, "Acme")


def test_a_move_is_left_out_if_its_rule_was_deleted_or_changed(shared_connection, campaign, rule, acme, globex):
    move = Move(campaign.pk, campaign.organization_id, acme.pk, rule.pk)
    with rls.scope(rls.SYSTEM):
        AssignmentRule.objects.filter(pk=rule.pk).update(organization=globex)
    assert assign([move], now=NOON).kept == [campaign.pk]
    with rls.scope(rls.SYSTEM):
        AssignmentRule.objects.all().delete()
    assert assign([move], now=NOON).kept == [campaign.pk]
    assert now_of(campaign).organization.is_house


def test_a_campaign_that_cannot_be_moved_does_not_delay_others(shared_connection, campaign, rule, monkeypatch, caplog):
    other = factories.campaign(shared_connection, "Acme – Q4")
    real = assignment.move_campaign

    def broken(campaign_id: Any, *args: Any, **kwargs: Any) -> Any:
        if campaign_id == campaign.pk:
            raise OperationalError("canceling statement due to statement timeout")
        return real(campaign_id, *args, **kwargs)

    monkeypatch.setattr(assignment, "move_campaign", broken)
    result = assign_new(shared_connection.pk, now=NOON)
    assert (result.failed, [one.campaign_id for one in result.moved]) == ([campaign.pk], [other.pk])
    assert f"Could not assign the campaign {campaign.pk}" in caplog.text
