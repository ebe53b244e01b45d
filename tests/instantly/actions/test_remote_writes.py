"""Writes at Instantly: called first, then mirrored here, audited with the actor, never repeated."""

import json

import pytest
from django.db import connection

from accounts.models import AuditEntry, EmailAccount
from campaigns.models import Campaign
from instantly.actions import campaigns, email_accounts, leads
from instantly.client.errors import BadRequest, InstantlyError, InvalidKey, NotFound, WrongWorkspace
from instantly.connections.services import connect_workspace
from instantly.models import Delivery
from messaging.models import Suppression
from salesbrain import rls
from tests.factories import NOON

pytestmark = pytest.mark.django_db

SCHEDULE = {
    "schedules": [
        {
            "name": "Days",
            "timing": {"from": "09:00", "to": "17:00"},
            "days": {"1": True, "2": True},
            "timezone": "Europe/Belgrade",
        }
    ]
}


def ours(row):
    with rls.scope(rls.SYSTEM):
        return Campaign.objects.get(provider_id=row["id"])


def audits(action):
    with rls.scope(rls.SYSTEM):
        return list(AuditEntry.objects.filter(action=action).order_by("id"))


def audits_of(user):
    with rls.scope(rls.SYSTEM):
        return list(AuditEntry.objects.filter(actor=user))


def in_status(space, status):
    return next(row for row in space.campaigns if row["status"] == status)


def test_a_campaign_is_created_at_instantly_and_mirrored(space, acme_connection, acme, operator):
    campaign = campaigns.create_campaign(
        acme_connection,
        name="New one",
        schedule=SCHEDULE,
        actor=operator,
        fields={"daily_limit": 30, "email_list": ["anna.keller@acme-outreach.example"]},
    )
    row = space.campaigns.get(campaign.provider_id)
    assert (row["name"], row["status"], row["email_list"]) == ("New one", 0, ["anna.keller@acme-outreach.example"])
    assert (campaign.name, campaign.status, campaign.organization_id) == ("New one", "draft", acme.pk)
    assert (campaign.daily_limit, campaign.senders) == (30, ["anna.keller@acme-outreach.example"])
    (entry,) = audits("campaign.create")
    assert (entry.actor_id, entry.detail["outcome"]) == (operator.pk, "done")


def test_renaming_is_mirrored_and_other_campaigns_are_left_alone(space, operator):
    row = in_status(space, 1)
    campaign = campaigns.update_campaign(ours(row).pk, {"name": "Renamed", "daily_limit": 7}, actor=operator)
    assert (campaign.name, campaign.daily_limit, row["name"]) == ("Renamed", 7, "Renamed")
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.filter(missing_since=None).count() == 7


def test_a_refused_change_changes_nothing_here(space, operator):
    row = in_status(space, 1)
    with pytest.raises(BadRequest):
        campaigns.update_campaign(ours(row).pk, {"daily_limit": "many"}, actor=operator)
    assert ours(row).daily_limit == row["daily_limit"]
    assert audits("campaign.update") == []


def test_pausing_and_activating_become_events_once(space, operator, acme_connection, sync):
    row = in_status(space, 1)
    assert campaigns.pause_campaign(ours(row).pk, actor=operator).status == "paused"
    assert campaigns.activate_campaign(ours(row).pk, actor=operator).status == "active"
    assert sync(acme_connection).derived == 0, "the sync finds nothing left to tell"
    with rls.scope(rls.SYSTEM):
        told = list(Delivery.objects.order_by("id").values_list("event_type", "origin"))
    assert told == [("campaign_paused", "derived"), ("campaign_started", "derived")]


def test_a_copy_is_the_same_organizations(space, shared_connection, acme, operator):
    row = in_status(space, 1)
    copy = campaigns.duplicate_campaign(ours(row).pk, name="Second try", actor=operator)
    assert (copy.name, copy.organization_id) == ("Second try", acme.pk)


def test_deleting_a_campaign_marks_our_row_missing(space, operator):
    row = in_status(space, 2)
    campaign = campaigns.delete_campaign(ours(row).pk, actor=operator)
    assert campaign.missing_since is not None
    assert space.campaigns.get(row["id"]) is None
    again = campaigns.delete_campaign(campaign.pk, actor=operator)
    assert again.missing_since == campaign.missing_since


def test_an_answer_that_was_lost_is_looked_up_and_the_write_not_repeated(space, instantly, operator, acme_connection):
    row = in_status(space, 1)
    fault = instantly.faults.add("reset", method="POST", path="*/pause", done=True, times=5)
    assert campaigns.pause_campaign(ours(row).pk, actor=operator).status == "paused"
    assert fault.used == 1
    instantly.faults.clear()

    fault = instantly.faults.add("reset", method="POST", path="*/campaigns", done=True, times=5)
    campaign = campaigns.create_campaign(acme_connection, name="Only once", schedule=SCHEDULE, actor=operator)
    assert fault.used == 1
    assert [r["id"] for r in space.campaigns if r["name"] == "Only once"] == [campaign.provider_id]
    assert audits("campaign.create")[0].detail["outcome"] == "found done after an answer was lost"


def test_an_unknown_outcome_is_reported_and_audited(space, instantly, operator):
    row = in_status(space, 1)
    instantly.faults.add("reset", method="POST", path="*/pause")
    with pytest.raises(InstantlyError) as unknown:
        campaigns.pause_campaign(ours(row).pk, actor=operator)
    assert unknown.value.uncertain
    assert ours(row).status == "active"
    assert audits("campaign.pause")[0].detail["outcome"] == "unknown"


def test_an_email_account_is_paused_and_resumed(space, operator):
    row = next(row for row in space.accounts if row["status"] == 1)
    with rls.scope(rls.SYSTEM):
        account = EmailAccount.objects.get(address=row["email"])
    assert email_accounts.pause_email_account(account.pk, actor=operator).status == "paused"
    assert row["status"] == 2
    assert email_accounts.resume_email_account(account.pk, actor=operator).status == "active"
    assert len(audits("email_account.pause")) == len(audits("email_account.resume")) == 1


def given():
    return [
        {"email": "New.Lead@Lead.example", "first_name": "Ada", "custom_variables": {"colour": "blue"}},
        {"email": "new.lead@lead.example"},
        {"email": "told-not-to@lead.example"},
        {"email": "no address"},
        {"email": "second@lead.example", "shoe_size": 44},
        {"email": "third@lead.example"},
    ]


@pytest.fixture
def suppressed(acme):
    with rls.scope(rls.SYSTEM):
        Suppression.objects.create(
            organization=acme, email="told-not-to@lead.example", reason="unsubscribe", first_at=NOON, last_at=NOON
        )


def test_leads_are_checked_deduplicated_and_held_against_the_suppression_list(space, suppressed, operator):
    row = in_status(space, 1)
    report = leads.add_leads(ours(row).pk, given(), actor=operator)
    assert (report.given, report.sent, report.uploaded) == (6, 2, 2)
    assert report.repeated == ["new.lead@lead.example"]
    assert report.suppressed == ["told-not-to@lead.example"]
    assert [line["place"] for line in report.invalid] == [4, 5]
    emails = {lead["email"] for lead in space.leads if lead["campaign"] == row["id"]}
    assert {"new.lead@lead.example", "third@lead.example"} <= emails and "told-not-to@lead.example" not in emails
    (entry,) = audits("lead.add")
    assert entry.detail["uploaded"] == 2 and "lead.example" not in str(entry.detail)


def test_leads_added_again_are_not_duplicated(space, operator):
    row = in_status(space, 1)
    leads.add_leads(ours(row).pk, given(), actor=operator)
    before = len(space.leads)
    report = leads.add_leads(ours(row).pk, given(), actor=operator)
    assert (report.uploaded, len(space.leads)) == (0, before)


def test_a_dry_run_of_leads_sends_nothing(space, suppressed, operator):
    row = in_status(space, 1)
    before = len(space.leads)
    report = leads.add_leads(ours(row).pk, given(), actor=operator, dry_run=True)
    assert (report.sent, report.unsent, len(report.suppressed)) == (0, 2, 1)
    assert len(space.leads) == before and audits("lead.add") == []


def test_many_leads_go_in_several_requests_and_a_lost_response_is_counted(space, instantly, operator):
    row = in_status(space, 1)
    many = [{"email": f"lead{n}@many.example"} for n in range(2300)]
    assert leads.add_leads(ours(row).pk, many, actor=operator).uploaded == 2300
    instantly.faults.add("reset", method="POST", path="*/leads/add")
    report = leads.add_leads(ours(row).pk, [{"email": f"x{n}@many.example"} for n in range(1500)], actor=operator)
    assert (report.uncertain, report.unsent, report.sent) == (1000, 500, 0)
    assert "not known" in report.error


def test_leads_whose_answer_was_lost_are_looked_up_and_not_sent_again(space, instantly, operator):
    row = in_status(space, 1)
    fault = instantly.faults.add("reset", method="POST", path="*/leads/add", done=True)
    report = leads.add_leads(ours(row).pk, [{"email": f"x{n}@many.example"} for n in range(1500)], actor=operator)
    assert (report.found, report.uploaded, report.sent, report.uncertain, report.error) == (1000, 500, 1500, 0, "")
    emails = [lead["email"] for lead in space.leads if lead["campaign"] == row["id"] and "@many" in lead["email"]]
    assert (len(emails), len(set(emails)), fault.used) == (1500, 1500, 1)
    (entry,) = audits("lead.add")
    assert (entry.detail["found"], entry.detail["uploaded"]) == (1000, 500)


def test_a_lead_is_deleted_by_its_address_too(space, operator):
    row = in_status(space, 1)
    lead = leads.add_leads(ours(row).pk, [{"email": "gone@lead.example"}], actor=operator).created[0]["id"]
    assert leads.delete_lead(" Gone@lead.example", campaign_id=ours(row).pk, actor=operator) == "gone@lead.example"
    assert space.leads.get(lead) is None
    with pytest.raises(NotFound, match="not in the campaign"):
        leads.delete_lead("gone@lead.example", campaign_id=ours(row).pk, actor=operator)


@pytest.mark.parametrize(
    ("done", "outcome"), [(True, "found done after an answer was lost"), (False, "unknown")], ids=["done", "not done"]
)
def test_a_deletion_whose_answer_was_lost_is_looked_up(space, instantly, operator, done, outcome):
    row = in_status(space, 1)
    lead = leads.add_leads(ours(row).pk, [{"email": "gone@lead.example"}], actor=operator).created[0]["id"]
    fault = instantly.faults.add("reset", method="DELETE", path="*/leads/*", done=done, times=5)
    if done:
        leads.delete_lead(lead, campaign_id=ours(row).pk, actor=operator)
    else:
        with pytest.raises(InstantlyError, match="not known") as unknown:
            leads.delete_lead(lead, campaign_id=ours(row).pk, actor=operator)
        assert unknown.value.uncertain
    assert fault.used == 1 and (space.leads.get(lead) is None) == done
    assert [entry.detail["outcome"] for entry in audits("lead.delete")] == [outcome]


FAULTS = [
    ("reset", {}),
    ("truncate", {}),
    ("garbage", {}),
    ("status", {"status": 502}),
    ("status", {"status": 500, "done": True}),
    ("reset", {"done": True}),
]


@pytest.mark.parametrize(("kind", "options"), FAULTS, ids=lambda value: str(value))
@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("POST", "*/pause", lambda row, operator: campaigns.pause_campaign(ours(row).pk, actor=operator)),
        ("PATCH", "*", lambda row, operator: campaigns.update_campaign(ours(row).pk, {"name": "Anew"}, actor=operator)),
        ("POST", "*/duplicate", lambda row, operator: campaigns.duplicate_campaign(ours(row).pk, name="Copy", actor=operator)),
        ("DELETE", "*", lambda row, operator: campaigns.delete_campaign(ours(row).pk, actor=operator)),
    ],
    ids=["pause", "rename", "duplicate", "delete"],
)  # fmt: skip
def test_a_write_is_sent_once_whatever_happens_to_its_response(
    space, instantly, operator, acme_connection, sync, method, path, action, kind, options
):
    """After any response the write was made at Instantly once, and the next sync mirrors it."""
    row = in_status(space, 1)
    fault = instantly.faults.add(kind, method=method, path=path, times=5, **options)
    try:
        action(row, operator)
    except InstantlyError as error:
        assert error.uncertain and "look at it in Instantly before you repeat it" in str(error)
        (entry,) = audits_of(operator)
        assert entry.detail["outcome"] == "unknown"
    assert fault.used == 1
    instantly.faults.clear()
    sync(acme_connection)
    with rls.scope(rls.SYSTEM):
        mirrored = {
            (campaign.provider_id, campaign.name, campaign.status_code)
            for campaign in Campaign.objects.filter(missing_since=None)
        }
    assert mirrored == {(one["id"], one["name"], one["status"]) for one in space.campaigns}


def test_an_unknown_outcome_queues_a_sync_and_a_refusal_does_not(space, instantly, operator, acme_connection):
    row = in_status(space, 1)
    instantly.faults.add("status", method="POST", path="*/pause", status=400)
    with pytest.raises(BadRequest):
        campaigns.pause_campaign(ours(row).pk, actor=operator)
    assert queued() == []
    instantly.faults.add("reset", method="POST", path="*/pause")
    with pytest.raises(InstantlyError):
        campaigns.pause_campaign(ours(row).pk, actor=operator)
    ((name, arguments),) = queued()
    assert name == "instantly.tasks.sync_one" and arguments["connection_id"] == str(acme_connection.pk)


def queued():
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs ORDER BY id")
        return [(name, args if isinstance(args, dict) else json.loads(args)) for name, args in cursor.fetchall()]


def test_a_refused_key_is_recorded_on_the_connection(space, instantly, operator, acme_connection):
    row = in_status(space, 1)
    instantly.faults.add("status", method="POST", path="*/pause", status=401)
    with pytest.raises(InvalidKey):
        campaigns.pause_campaign(ours(row).pk, actor=operator)
    with rls.scope(rls.SYSTEM):
        acme_connection.refresh_from_db()
    assert acme_connection.status == "unauthorized" and "API key" in acme_connection.status_detail


def test_a_campaign_is_not_made_in_a_workspace_the_connection_is_not_pinned_to(
    space, instantly, operator, acme_connection, globex_connection
):
    other = instantly.add_workspace("other", key="another-workspaces-key")
    acme_connection.set_api_key("another-workspaces-key")
    with rls.scope(rls.SYSTEM):
        acme_connection.save()
    with pytest.raises(WrongWorkspace):
        campaigns.create_campaign(acme_connection, name="Astray", schedule=SCHEDULE, actor=operator)
    assert not [row for row in instantly.workspaces[other.id].campaigns if row["name"] == "Astray"]


def test_a_sub_workspaces_connection_writes_to_the_sub_workspace(instantly, acme, operator):
    admin, sub = instantly.add_workspace("admin", campaigns=[]), instantly.add_workspace("sub", campaigns=[])
    instantly.add_sub_workspace(admin.id, sub.id)
    connection = connect_workspace("acme", admin.key, organization=acme, acts_as=sub.id)
    campaign = campaigns.create_campaign(connection, name="Below", schedule=SCHEDULE, actor=operator)
    assert campaigns.activate_campaign(campaign.pk, actor=operator).status == "active"
    made = {
        name: [row["name"] for row in instantly.workspaces[id].campaigns]
        for name, id in (("admin", admin.id), ("sub", sub.id))
    }
    assert made == {"admin": [], "sub": ["Below"]}


def test_a_lead_is_deleted_from_its_campaign_only(space, operator):
    row, other = in_status(space, 1), in_status(space, 2)
    report = leads.add_leads(ours(row).pk, [{"email": "gone@lead.example"}], actor=operator)
    lead = report.created[0]["id"]
    with pytest.raises(NotFound, match="not in the campaign"):
        leads.delete_lead(lead, campaign_id=ours(other).pk, actor=operator)
    assert leads.delete_lead(lead, campaign_id=ours(row).pk, actor=operator) == "gone@lead.example"
    assert space.leads.get(lead) is None
    assert len(audits("lead.delete")) == 1
