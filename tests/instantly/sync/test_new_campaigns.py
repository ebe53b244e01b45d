"""A sync assigns the new campaigns of a shared workspace by its rules; tags come from Instantly first."""

import json
from typing import Any

import pytest

from campaigns.models import AssignmentRule, Campaign
from instantly.choices import SyncStatus
from instantly.client.errors import Forbidden
from instantly.processing.batch import process_pending
from instantly.sync import new_campaigns
from instantly.webhooks.store import store_raw
from messaging.models import Event
from salesbrain import rls
from tests.factories import NOON

pytestmark = pytest.mark.django_db(transaction=True)  # a move ends with its constraints checked


def rule(connection: Any, organization: Any, value: str, **fields: Any) -> AssignmentRule:
    with rls.scope(rls.SYSTEM):
        return AssignmentRule.objects.create(
            connection=connection, organization=organization, value=value, **{"applied_at": NOON, **fields}
        )


def owners(connection: Any) -> dict[str, str]:
    with rls.scope(rls.SYSTEM):
        return dict(Campaign.objects.filter(connection=connection).values_list("name", "organization__name"))


@pytest.fixture
def space(shared_connection: Any, workspace: Any) -> Any:
    return workspace(shared_connection)


def test_new_campaigns_go_where_rules_say_and_the_report_counts_them(shared_connection, space, sync, acme):
    first, *rest = [row["name"] for row in space.campaigns]
    rule(shared_connection, acme, first)
    report = sync(shared_connection)
    assert report.status == SyncStatus.SUCCEEDED and report.assigned == 1
    assert report.as_data()["campaigns_assigned"] == 1 and any(
        "1 campaigns assigned" in line for line in report.lines()
    )
    found = owners(shared_connection)
    assert found.pop(first) == "Acme" and set(found.values()) == {"House"} and set(found) == set(rest)


def test_held_deliveries_of_a_new_campaign_become_its_customers(shared_connection, space, sync, acme):
    row = next(iter(space.campaigns))
    rule(shared_connection, acme, row["name"])
    body = {
        "timestamp": "2026-07-10T12:00:00Z", "event_type": "email_sent", "workspace": shared_connection.workspace_id,
        "campaign_id": row["id"], "campaign_name": row["name"], "lead_email": "ann@lead.example", "email_account": "a@acme.example",
        "step": 1, "variant": 1,
    }  # fmt: skip
    with rls.scope(rls.SYSTEM):
        store_raw(shared_connection.pk, json.dumps(body).encode())
    while process_pending(100):
        pass
    sync(shared_connection)
    while process_pending(100):
        pass
    with rls.scope(rls.SYSTEM):
        assert list(Event.objects.values_list("organization_id", flat=True)) == [acme.pk]


def tag(space: Any, label: str, campaign: dict[str, Any]) -> None:
    space.tags.add({
        "id": f"tag-{label}", "label": label, "description": None, "timestamp_created": "2026-01-01T00:00:00.000Z",
        "timestamp_updated": "2026-01-01T00:00:00.000Z", "organization_id": space.id,
    })  # fmt: skip
    space.tag_mappings.add({
        "id": f"mapping-{label}", "tag_id": f"tag-{label}", "resource_id": campaign["id"], "resource_type": 2,
        "timestamp_created": "2026-01-01T00:00:00.000Z", "organization_id": space.id,
    })  # fmt: skip


def test_a_tags_rule_takes_the_campaigns_that_have_it(shared_connection, space, sync, acme):
    one, two, *_ = space.campaigns
    tag(space, "VIP Acme", one)
    tag(space, "VIP", two)
    rule(shared_connection, acme, "vip acme", kind="tag")
    sync(shared_connection)
    assert [name for name, owner in owners(shared_connection).items() if owner == "Acme"] == [one["name"]]
    with rls.scope(rls.SYSTEM):
        tags = dict(Campaign.objects.filter(connection=shared_connection).values_list("provider_id", "tags"))
    assert tags.pop(one["id"]) == ["vip acme"] and all(found == [] for found in tags.values())


def test_tags_of_rules_without_effect_are_read_too_so_that_they_can_be_looked_at(shared_connection, space, sync, acme):
    tag(space, "VIP", next(iter(space.campaigns)))
    rule(shared_connection, acme, "VIP", kind="tag", applied_at=None)
    assert sync(shared_connection).assigned == 0
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.filter(tags=["VIP"]).count() == 1


def test_the_same_tags_write_no_row_and_change_no_digest(shared_connection, space, sync, acme):
    tag(space, "VIP", next(iter(space.campaigns)))
    rule(shared_connection, acme, "VIP", kind="tag", applied_at=None)
    sync(shared_connection)
    with rls.scope(rls.SYSTEM):
        before = list(
            Campaign.objects.raw("SELECT id, xmin::text AS version, digest FROM campaigns_campaign ORDER BY id")
        )
    assert all(row.digest for row in before), (
        "a change of tags alone must not make the next sync read the campaign again"
    )
    sync(shared_connection)
    with rls.scope(rls.SYSTEM):
        after = list(
            Campaign.objects.raw("SELECT id, xmin::text AS version, digest FROM campaigns_campaign ORDER BY id")
        )
    assert [row.version for row in before] == [row.version for row in after]


def test_if_tags_cannot_be_read_no_rule_is_applied(shared_connection, space, sync, acme, monkeypatch):
    first = next(iter(space.campaigns))["name"]
    rule(shared_connection, acme, first, priority=200)
    rule(shared_connection, acme, "VIP", kind="tag")

    def refused(*args: Any) -> None:
        raise Forbidden("the key lacks the scope custom_tags:read", status=403)

    monkeypatch.setattr(new_campaigns, "tagged", refused)
    report = sync(shared_connection)
    assert (report.status, report.assigned, report.problems[0]["kind"]) == (SyncStatus.INCOMPLETE, 0, "tags")
    assert set(owners(shared_connection).values()) == {"House"}


@pytest.mark.parametrize("why", ["not applied", "switched off", "by hand", "dry run"])
def test_a_sync_moves_nothing(shared_connection, space, sync, acme, house, why):
    first = next(iter(space.campaigns))["name"]
    if why == "by hand":
        sync(shared_connection)
        with rls.scope(rls.SYSTEM):
            Campaign.objects.filter(connection=shared_connection).update(assigned_at=NOON)
    rule(
        shared_connection,
        acme,
        first,
        applied_at=None if why == "not applied" else NOON,
        is_active=why != "switched off",
    )
    assert sync(shared_connection, dry_run=why == "dry run").assigned == 0
    assert set(owners(shared_connection).values()) <= {"House"}


def test_what_a_rule_assigned_stays_when_another_rule_would_take_it(shared_connection, space, sync, acme, globex):
    first = next(iter(space.campaigns))["name"]
    rule(shared_connection, acme, first)
    sync(shared_connection)
    rule(shared_connection, globex, first, kind="name_contains", priority=1)
    assert sync(shared_connection).assigned == 0
    assert owners(shared_connection)[first] == "Acme"


def test_without_rules_nothing_more_is_asked_of_instantly(shared_connection, space, sync, acme):
    without = sync(shared_connection).requests
    rule(shared_connection, acme, "nothing")
    assert sync(shared_connection).requests == without
    rule(shared_connection, acme, "VIP", kind="tag")
    assert sync(shared_connection).requests == without + 1, "the tag of this label is looked for"
