"""Staff actions from the admin: requested on a page, run by a job, progress on the action's page."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, EmailAccount
from campaigns.models import Campaign
from instantly import tasks
from instantly.actions import runner
from instantly.models import StaffAction, SyncRun
from messaging.models import Suppression
from salesbrain import rls
from tests import factories
from tests.factories import NOON

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]
CAMPAIGNS, ACCOUNTS, CONNECTIONS = (
    f"admin:{page}_changelist"
    for page in ("campaigns_campaign", "accounts_emailaccount", "accounts_providerconnection")
)


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ours(row):
    with rls.scope(rls.SYSTEM):
        return Campaign.objects.get(provider_id=row["id"])


def in_status(space, status):
    return next(row for row in space.campaigns if row["status"] == status)


def post(user, page, kind, rows, **given):
    """Choose rows in a list and an action; with `given`, also submit its form."""
    data = {"action": kind, "_selected_action": [str(row.pk) for row in rows], **given}
    return as_(user).post(reverse(page), data)


def actions():
    with rls.scope(rls.SYSTEM):
        return list(StaffAction.objects.order_by("created_at", "id"))


def done(state="done"):
    """Run the process `jobs` until its queue is empty; return the only action there is."""
    call_command("run_jobs", "--once")
    (action,) = actions()
    assert (action.state, action.arguments) == (state, {}), action.outcome
    return action


YES = {"confirmed": "yes"}


def test_an_action_does_nothing_until_it_is_confirmed(space, operator):
    row = in_status(space, 1)
    page = post(operator, CAMPAIGNS, "campaign_pause", [ours(row)])
    assert page.status_code == 200 and row["name"] in page.content.decode() and actions() == []
    answer = post(operator, CAMPAIGNS, "campaign_pause", [ours(row)], **YES)
    (action,) = actions()
    assert answer.headers["Location"] == reverse("admin:instantly_staffaction_change", args=[action.pk])
    assert (action.state, row["status"]) == ("queued", 1)
    done()
    assert (row["status"], ours(row).status) == (2, "paused")


def test_several_campaigns_are_paused_and_activated(space, operator):
    rows = [row for row in space.campaigns if row["status"] == 1][:2]
    for kind, status in (("campaign_pause", 2), ("campaign_activate", 1)):
        answer = post(operator, CAMPAIGNS, kind, [ours(row) for row in rows], **YES)
        assert answer.headers["Location"] == reverse("admin:instantly_staffaction_changelist")
        call_command("run_jobs", "--once")
        assert [row["status"] for row in rows] == [status, status]
    assert [action.state for action in actions()] == ["done"] * 4
    with rls.scope(rls.SYSTEM):
        assert {entry.actor_id for entry in AuditEntry.objects.filter(action="campaign.pause")} == {operator.pk}


def test_two_actions_on_one_campaign_are_both_done_in_order(space, operator):
    row = in_status(space, 1)
    for kind in ("campaign_pause", "campaign_activate"):
        post(operator, CAMPAIGNS, kind, [ours(row)], **YES)
    call_command("run_jobs", "--once")
    assert [action.state for action in actions()] == ["done", "done"]
    assert (row["status"], ours(row).status) == (1, "active")


def test_a_campaign_is_made(space, operator, acme_connection):
    url = reverse("admin:campaigns_campaign_add")
    given = {
        "connection": str(acme_connection.pk), "name": "From the admin", "daily_limit": "25", "days": ["1", "3"], "begins": "08:00",
        "ends": "12:30", "timezone": "Europe/Belgrade", "senders": "anna.keller@acme-outreach.example",
    }  # fmt: skip
    assert "Add campaign" in as_(operator).get(reverse(CAMPAIGNS)).content.decode()
    assert as_(operator).get(url).status_code == 200
    wrong = as_(operator).post(url, given | {"ends": "07:00", "senders": "nobody"})
    assert set(wrong.context["form"].errors) == {"ends", "senders"} and actions() == []
    as_(operator).post(url, given)
    action = done()
    row = next(row for row in space.campaigns if row["name"] == "From the admin")
    assert (row["status"], row["daily_limit"], row["email_list"]) == (0, 25, ["anna.keller@acme-outreach.example"])
    assert row["campaign_schedule"]["schedules"][0]["timing"] == {"from": "08:00", "to": "12:30"}
    assert action.result["campaign"] == str(ours(row).pk)


def test_a_campaign_is_renamed_and_changed(space, operator):
    row = in_status(space, 1)
    empty = post(operator, CAMPAIGNS, "campaign_change", [ours(row)], **YES)
    assert "Say what to change." in empty.content.decode()
    given = {"name": "Renamed", "daily_limit": "9", "open_tracking": "off", "link_tracking": ""}
    post(operator, CAMPAIGNS, "campaign_change", [ours(row)], **YES, **given)
    before = row["link_tracking"]
    done()
    assert (row["name"], row["daily_limit"], row["open_tracking"], row["link_tracking"]) == (
        "Renamed",
        9,
        False,
        before,
    )
    assert ours(row).name == "Renamed"


def test_several_campaigns_are_not_given_one_name(space, operator):
    rows = list(space.campaigns)[:2]
    page = post(operator, CAMPAIGNS, "campaign_change", [ours(row) for row in rows])
    assert "name" not in page.context["form"].fields and "daily_limit" in page.context["form"].fields


def test_a_campaign_is_duplicated(space, operator):
    row = in_status(space, 1)
    page = post(operator, CAMPAIGNS, "campaign_duplicate", [ours(row)])
    assert page.context["form"]["name"].value() == f"{row['name']} (copy)"
    post(operator, CAMPAIGNS, "campaign_duplicate", [ours(row)], **YES, name="Second try")
    done()
    assert ours(next(one for one in space.campaigns if one["name"] == "Second try")).status == "draft"


def test_an_action_for_one_row_is_refused_for_two(space, operator):
    rows = [ours(row) for row in list(space.campaigns)[:2]]
    for kind in ("campaign_duplicate", "leads_add"):
        answer = as_(operator).post(
            reverse(CAMPAIGNS), {"action": kind, "_selected_action": [str(row.pk) for row in rows]}, follow=True
        )
        assert "Select exactly one row" in answer.content.decode()
    assert actions() == []


def test_an_admin_deletes_a_campaign_and_an_operator_is_not_offered_it(space, operator, admin):
    row = in_status(space, 2)
    campaign = ours(row)
    post(operator, CAMPAIGNS, "campaign_delete", [campaign], **YES)
    assert actions() == []
    post(admin, CAMPAIGNS, "campaign_delete", [campaign], **YES)
    done()
    assert space.campaigns.get(row["id"]) is None and ours(row).missing_since is not None


def test_a_campaign_of_a_shared_workspace_is_assigned_and_given_back(operator, shared_connection, acme, house):
    campaign = factories.campaign(shared_connection)
    for organization in (acme, house):
        post(operator, CAMPAIGNS, "campaign_assign", [campaign], **YES, organization=str(organization.pk))
        call_command("run_jobs", "--once")
        with rls.scope(rls.SYSTEM):
            assert Campaign.objects.get(pk=campaign.pk).organization_id == organization.pk
    assert [action.state for action in actions()] == ["done", "done"]


def test_a_campaign_of_a_dedicated_workspace_is_not_assigned(operator, acme_connection, globex):
    campaign = factories.campaign(acme_connection)
    page = post(operator, CAMPAIGNS, "campaign_assign", [campaign], **YES, organization=str(globex.pk))
    assert "dedicated to another organization" in page.content.decode() and actions() == []


LEADS = """Email;First_Name;company_name;City
new.lead@lead.example;Ada;Engines;London

told-not-to@lead.example;Bo;;
new.lead@lead.example;;;
no address;;;
third@lead.example;Cy;"Cy; Sons";"""


@pytest.fixture
def suppressed(acme):
    with rls.scope(rls.SYSTEM):
        Suppression.objects.create(
            organization=acme, email="told-not-to@lead.example", reason="unsubscribe", first_at=NOON, last_at=NOON
        )


@pytest.mark.parametrize("how", ["text", "file"])
def test_leads_are_added_from_a_table(space, operator, suppressed, how):
    row = in_status(space, 1)
    table = LEADS if how == "text" else SimpleUploadedFile("leads.csv", "\ufeff".encode() + LEADS.encode())
    post(operator, CAMPAIGNS, "leads_add", [ours(row)], **YES, **{how: table})
    action = done()
    found = {lead["email"]: lead for lead in space.leads if lead["campaign"] == row["id"]}
    assert found["new.lead@lead.example"]["payload"]["City"] == "London"
    assert found["third@lead.example"]["company_name"] == "Cy; Sons"
    assert "told-not-to@lead.example" not in found
    assert (action.result["uploaded"], action.result["suppressed_lines"]) == (2, [4])
    assert action.result["repeated_lines"] == [5] and [line["place"] for line in action.result["invalid_lines"]] == [6]
    assert "@" not in json.dumps([action.result, action.arguments, action.outcome]), "no address stays"


def test_a_dry_run_of_leads_sends_nothing(space, operator, suppressed):
    row, before = in_status(space, 1), len(space.leads)
    post(
        operator,
        CAMPAIGNS,
        "leads_add",
        [ours(row)],
        **YES,
        text="a@lead.example\ntold-not-to@lead.example",
        dry_run="on",
    )
    assert done().outcome == "Nothing was sent. 1 would be, 1 would be left out."
    assert len(space.leads) == before


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Give leads as text or as a file."),
        ({"text": "name,company\nAda,Engines"}, "no column email"),
        ({"text": "\n".join(f"l{n}@lead.example" for n in range(5001))}, "too many"),
    ],
    ids=["none", "no email", "too many"],
)
def test_unreadable_leads_are_reported_at_once(space, operator, given, said):
    page = post(operator, CAMPAIGNS, "leads_add", [ours(in_status(space, 1))], **YES, **given)
    assert said in page.content.decode() and actions() == []


def test_an_admin_deletes_a_lead(space, admin):
    row = in_status(space, 1)
    post(admin, CAMPAIGNS, "leads_add", [ours(row)], **YES, text="one@lead.example")
    call_command("run_jobs", "--once")
    assert "one@lead.example" in {lead["email"] for lead in space.leads}
    post(admin, CAMPAIGNS, "lead_delete", [ours(row)], **YES, lead="One@lead.example")
    call_command("run_jobs", "--once")
    assert [action.state for action in actions()] == ["done", "done"]
    assert "one@lead.example" not in {lead["email"] for lead in space.leads}


def test_an_unknown_lead_is_reported_without_its_address(space, admin):
    post(admin, CAMPAIGNS, "lead_delete", [ours(in_status(space, 1))], **YES, lead="nobody@lead.example")
    action = done("failed")
    assert "no such lead" in action.outcome and "nobody@" not in action.outcome


def test_email_accounts_are_paused_and_resumed(space, operator):
    row = next(row for row in space.accounts if row["status"] == 1)
    with rls.scope(rls.SYSTEM):
        account = EmailAccount.objects.get(address=row["email"].lower())
    for kind, status in (("account_pause", 2), ("account_resume", 1)):
        post(operator, ACCOUNTS, kind, [account], **YES)
        call_command("run_jobs", "--once")
        assert row["status"] == status
    assert [action.state for action in actions()] == ["done", "done"]


def test_email_accounts_of_a_shared_workspace_are_assigned(operator, shared_connection, acme_connection, acme, globex):
    account = factories.email_account(shared_connection)
    post(operator, ACCOUNTS, "account_assign", [account], **YES, organization=str(acme.pk))
    done()
    with rls.scope(rls.SYSTEM):
        assert EmailAccount.objects.get(pk=account.pk).organization_id == acme.pk
    dedicated = factories.email_account(acme_connection, "other@sender.example")
    page = post(operator, ACCOUNTS, "account_assign", [dedicated], **YES, organization=str(globex.pk))
    assert "dedicated to another organization" in page.content.decode()


def test_sync_now(space, operator, acme_connection):
    name = next(iter(space.campaigns))["name"] = "Changed there"
    post(operator, CONNECTIONS, "sync", [acme_connection])
    action = done()
    assert "1 changed" in action.outcome
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.filter(name=name).exists()
        assert SyncRun.objects.filter(trigger="admin", actor_name=operator.email).count() == 1


def test_a_webhook_is_registered_and_the_connection_tried(space, operator, acme_connection):
    post(operator, CONNECTIONS, "test", [acme_connection])
    assert "webhook" in done("failed").outcome, "there is none yet"
    page = as_(operator).get(reverse("admin:instantly_staffaction_change", args=[actions()[0].pk])).content.decode()
    assert "register_webhook" in page and "<td>scopes</td>" in page
    post(operator, CONNECTIONS, "webhook", [acme_connection], **YES)
    post(operator, CONNECTIONS, "test", [acme_connection])
    for _ in range(2):  # with --once nobody waits for what is locked
        call_command("run_jobs", "--once")
    assert [action.state for action in actions()] == ["failed", "done", "done"]
    assert len(list(space.webhooks)) == 1


def test_figures_are_compared_with_instantlys(space, operator, acme_connection):
    campaign = ours(in_status(space, 1))
    factories.daily_stats(campaign, sent=7)
    post(operator, CONNECTIONS, "drift", [acme_connection])
    action = done()
    (row,) = [row for row in action.result["differ"] if row["name"] == campaign.name]
    assert row["figures"]["sent"]["local"] == 7
    page = as_(operator).get(reverse("admin:instantly_staffaction_change", args=[action.pk])).content.decode()
    assert f"<td>{campaign.name}</td><td>Sent</td><td>7</td>" in page


def test_viewers_are_offered_nothing_and_do_nothing(space, viewer, acme_connection):
    row = in_status(space, 1)
    client = as_(viewer)
    for page in (CAMPAIGNS, ACCOUNTS, CONNECTIONS):
        assert "_selected_action" not in client.get(reverse(page)).content.decode()
    assert (
        "sb-action-buttons"
        not in client.get(reverse("admin:campaigns_campaign_change", args=[ours(row).pk])).content.decode()
    )
    for page, kind, chosen in ((CAMPAIGNS, "campaign_pause", ours(row)), (CONNECTIONS, "sync", acme_connection)):
        post(viewer, page, kind, [chosen], **YES)
    assert client.post(reverse("admin:campaigns_campaign_add"), {"name": "x"}).status_code == 403
    assert actions() == [] and row["status"] == 1


def test_a_campaigns_own_page_offers_the_same(space, operator):
    page = as_(operator).get(reverse("admin:campaigns_campaign_change", args=[ours(in_status(space, 1)).pk]))
    text = page.content.decode()
    assert all(f'value="{kind}"' in text for kind in ("campaign_pause", "leads_add", "campaign_assign"))
    assert 'value="campaign_delete"' not in text


def test_a_failed_action_shows_its_error_and_the_next_step(space, operator, instantly):
    row = in_status(space, 1)
    instantly.faults.add("status", method="POST", path="*/pause", status=403)
    post(operator, CAMPAIGNS, "campaign_pause", [ours(row)], **YES)
    assert "give the API key" in done("failed").outcome


def test_an_unknown_outcome_is_reported_and_found_by_a_sync(space, operator, instantly):
    """If both the response and the look-up are lost, the action says unknown and queues a sync that finds the result."""
    row = in_status(space, 1)
    instantly.faults.add("reset", method="POST", path="*/pause", done=True)
    instantly.faults.add("status", method="GET", path=f"*/campaigns/{row['id']}", times=3)
    post(operator, CAMPAIGNS, "campaign_pause", [ours(row)], **YES)
    action = done("unknown")
    assert "look at it in Instantly before you repeat it" in action.outcome
    assert (row["status"], ours(row).status) == (2, "paused")
    with rls.scope(rls.SYSTEM):
        assert SyncRun.objects.filter(started_at__gt=action.started_at).exists(), "the sync that was queued ran"


@pytest.mark.parametrize(("kind", "sent"), [("campaign_duplicate", 0), ("campaign_pause", 1)])
def test_an_action_of_a_killed_process_is_repeated_only_if_repeatable(space, operator, instantly, kind, sent):
    row = in_status(space, 1)
    with rls.scope(rls.SYSTEM):
        action = runner.request_action(
            kind, actor=operator, target=ours(row), arguments={"name": "Copy"} if sent == 0 else {}
        )
        StaffAction.objects.filter(pk=action.pk).update(state="running", started_at=NOON)
    before = len(space.campaigns)
    runner.run_action(action.pk)
    (action,) = actions()
    assert (action.state, len(space.campaigns)) == (("unknown", before) if sent == 0 else ("done", before))
    assert ("nobody knows" in action.outcome) == (sent == 0)
    assert row["status"] == (1 if sent == 0 else 2)


def test_actions_on_one_campaign_run_in_the_order_of_request(space, operator, instantly):
    row = in_status(space, 1)
    instantly.faults.add("hang", method="POST", path="*/pause", seconds=1.5)
    post(operator, CAMPAIGNS, "campaign_pause", [ours(row)], **YES)
    post(operator, CAMPAIGNS, "campaign_activate", [ours(row)], **YES)
    for _ in range(2):  # with --once nobody waits for what is locked
        call_command("run_jobs", "--once")
    assert [action.state for action in actions()] == ["done", "done"]
    assert row["status"] == 1 and ours(row).status == "active"


def test_requested_actions_run_before_scheduled_jobs(space, operator, acme_connection):
    tasks.sync_all(0)
    post(operator, CAMPAIGNS, "campaign_pause", [ours(in_status(space, 1))], **YES)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs ORDER BY priority DESC, id")
        order = [name.rpartition(".")[2] for (name,) in cursor.fetchall()]
    assert order == ["perform_action", "sync_one"]


def test_a_finished_action_is_not_run_again(space, operator):
    row = in_status(space, 1)
    with rls.scope(rls.SYSTEM):
        action = runner.request_action("campaign_pause", actor=operator, target=ours(row))
    runner.run_action(action.pk)
    row["status"] = 1
    runner.run_action(action.pk)
    assert row["status"] == 1


def test_an_action_whose_job_is_not_run_says_why(space, operator):
    with rls.scope(rls.SYSTEM):
        action = runner.request_action("campaign_pause", actor=operator, target=ours(in_status(space, 1)))
        StaffAction.objects.filter(pk=action.pk).update(created_at=NOON)
    page = as_(operator).get(reverse("admin:instantly_staffaction_changelist")).content.decode()
    assert "run_jobs" in page and 'http-equiv="refresh"' in page
    runner.run_action(action.pk)
    assert (
        'http-equiv="refresh"'
        not in as_(operator).get(reverse("admin:instantly_staffaction_changelist")).content.decode()
    )


def test_staff_see_the_budget_used_and_left(space, viewer, acme_connection, settings):
    settings.INSTANTLY_REQUESTS_PER_SECOND = 50
    page = (
        as_(viewer).get(reverse("admin:accounts_providerconnection_change", args=[acme_connection.pk])).content.decode()
    )
    assert "left of 50 in 1 s" in page


@pytest.mark.parametrize(
    "text",
    ['email,first_name\na@lead.example,"Ada\nb@lead.example,Bo\n', "email,city\na@lead.example,Bonn, Rhein\n",
     "email,note\na@lead.example," + "x" * 140_000],
)  # fmt: skip
def test_a_list_with_a_line_in_doubt_is_refused_with_that_line_and_nothing_is_sent(space, operator, text):
    page = post(operator, CAMPAIGNS, "leads_add", [ours(in_status(space, 1))], **YES, text=text)
    assert page.status_code == 200 and "Line 2: " in page.content.decode() and actions() == []
