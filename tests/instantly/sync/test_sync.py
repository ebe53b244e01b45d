"""Sync with the emulator over HTTP: written rows, untouched rows, incomplete listings."""

from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import EmailAccount, ProviderConnection
from campaigns.models import Campaign
from instantly.choices import AlertKind, SyncStatus
from instantly.models import Alert, Delivery, Pending, SyncRun
from instantly.processing.batch import process_pending
from instantly.sync import mirror
from instantly.sync.lock import SyncRunning, connection_lock
from instantly.webhooks.store import store_raw
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db

LATER = factories.NOON.replace(year=2099)


def rows(model, connection, *fields):
    with rls.scope(rls.SYSTEM):
        return list(model.objects.filter(connection=connection).order_by("provider_id").values_list(*fields))


def versions(connection):
    """Return every row with its PostgreSQL row version, which changes with any update."""
    with rls.scope(rls.SYSTEM):
        found: list[Any] = []
        for model in (Campaign, EmailAccount):
            table = model._meta.db_table
            found += model.objects.raw(
                f"SELECT id, xmin::text AS version, ctid::text AS place FROM {table} ORDER BY id"
            )
        return [(row.pk, row.version, row.place) for row in found]


def alerts(connection):
    with rls.scope(rls.SYSTEM):
        return list(Alert.objects.filter(connection=connection, resolved_at=None).values_list("kind", flat=True))


def derived(connection):
    with rls.scope(rls.SYSTEM):
        return list(Delivery.objects.filter(connection_id=connection.pk, origin="derived").order_by("id"))


def test_a_first_sync_brings_everything_in_as_the_organizations(acme_connection, acme, workspace, sync):
    space = workspace(acme_connection)

    report = sync(acme_connection)

    assert report.status == SyncStatus.SUCCEEDED, report.problems
    campaigns, accounts = report.kinds["campaigns"], report.kinds["email_accounts"]
    assert (campaigns.imported, accounts.imported) == (len(space.campaigns), len(space.accounts)) == (7, 6)
    assert campaigns.imported + campaigns.updated + campaigns.unchanged + campaigns.errors == campaigns.listed
    owners = rows(Campaign, acme_connection, "organization_id") + rows(EmailAccount, acme_connection, "organization_id")
    assert set(owners) == {(acme.pk,)}
    names = {name for (name,) in rows(Campaign, acme_connection, "name")}
    assert names == {row["name"] for row in space.campaigns}


def test_a_shared_workspaces_new_objects_are_the_houses(shared_connection, house, workspace, sync):
    workspace(shared_connection)
    sync(shared_connection)
    assert set(rows(Campaign, shared_connection, "organization_id")) == {(house.pk,)}
    assert set(rows(EmailAccount, shared_connection, "organization_id")) == {(house.pk,)}


def test_more_than_a_page_is_listed_whole(acme_connection, workspace, sync):
    workspace(acme_connection, bulk=(230, 120))
    report = sync(acme_connection)
    assert (report.kinds["campaigns"].imported, report.kinds["email_accounts"].imported) == (230, 120)
    assert report.kinds["campaigns"].requests == 3


def test_new_objects_are_written_part_by_part_and_others_are_not(acme_connection, workspace, sync, monkeypatch):
    space = workspace(acme_connection)
    sync(acme_connection)
    space.campaigns.remove(list(space.campaigns)[1]["id"])
    for row in list(space.campaigns)[:4]:
        row["name"] = "Renamed at Instantly"
    away = list(space.campaigns)[5]
    with rls.scope(rls.SYSTEM):
        Campaign.objects.filter(provider_id=away["id"]).update(missing_since=factories.NOON)
    for n in range(5):
        space.campaigns.add({**away, "id": f"new-{n}", "name": f"New {n}"})
    monkeypatch.setattr(mirror, "AT_ONCE", 2)

    queries: Any = CaptureQueriesContext(connection)  # of ours, `params` stands beside `sql`
    with queries:
        counts = sync(acme_connection).kinds["campaigns"]

    assert (counts.imported, counts.updated, counts.missing, counts.found_again) == (5, 5, 1, 1)
    assert counts.listed == 11 and counts.unchanged == 1
    sent = [len(query["params"]["stored"]) for query in queries if "json_to_recordset" in query["sql"]]
    assert sent == [5, 2, 2, 1], "what is there in one statement, so that all its rows are locked in one order"
    assert len(rows(Campaign, acme_connection, "id")) == 12


def test_a_second_sync_of_the_same_writes_no_row_version(acme_connection, workspace, sync):
    workspace(acme_connection)
    sync(acme_connection)
    before = versions(acme_connection)

    report = sync(acme_connection)

    assert versions(acme_connection) == before
    assert [counts.unchanged for counts in report.kinds.values()] == [7, 6]


def test_only_differences_are_written(acme_connection, workspace, sync):
    space = workspace(acme_connection)
    sync(acme_connection)
    before = versions(acme_connection)
    changed = next(iter(space.campaigns))
    changed["name"] = "Renamed at Instantly"

    report = sync(acme_connection)

    assert (report.kinds["campaigns"].updated, report.kinds["campaigns"].unchanged) == (1, 6)
    assert len(set(versions(acme_connection)) - set(before)) == 1
    assert ("Renamed at Instantly",) in rows(Campaign, acme_connection, "name")


def test_an_assigned_campaign_keeps_its_organization(shared_connection, acme, workspace, sync):
    space = workspace(shared_connection)
    sync(shared_connection)
    first = next(iter(space.campaigns))
    with rls.scope(rls.SYSTEM):
        Campaign.objects.filter(provider_id=first["id"]).update(organization=acme)
    first["name"] = "Renamed at Instantly"
    sync(shared_connection)
    with rls.scope(rls.SYSTEM):
        campaign = Campaign.objects.get(provider_id=first["id"])
    assert (campaign.organization_id, campaign.name) == (acme.pk, "Renamed at Instantly")


def test_a_complete_listing_marks_missing_rows_and_restores_them(acme_connection, workspace, sync):
    space = workspace(acme_connection)
    sync(acme_connection)
    gone = space.campaigns.remove(next(iter(space.campaigns))["id"])

    report = sync(acme_connection)
    with rls.scope(rls.SYSTEM):
        missing = list(Campaign.objects.filter(missing_since__isnull=False).values_list("provider_id", flat=True))
    assert (missing, report.kinds["campaigns"].missing) == ([gone["id"]], 1)
    assert report.kinds["campaigns"].listed == 6

    space.campaigns.add(gone)
    report = sync(acme_connection)
    assert rows(Campaign, acme_connection, "missing_since") == [(None,)] * 7
    assert report.kinds["campaigns"].found_again == 1


def test_an_aborted_listing_marks_nothing_as_missing(acme_connection, instantly, workspace, sync):
    workspace(acme_connection, bulk=(230, 3))
    sync(acme_connection)

    def break_after_the_first_page(kind, listed):
        if kind == "campaigns":
            instantly.faults.add("status", path="*/campaigns", status=400)

    report = sync(acme_connection, progress=break_after_the_first_page)

    assert report.status == SyncStatus.INCOMPLETE
    assert report.kinds["campaigns"].listed == 100 and not report.kinds["campaigns"].complete
    assert rows(Campaign, acme_connection, "missing_since") == [(None,)] * 230
    assert report.kinds["email_accounts"].complete, "the other kind goes on"
    assert alerts(acme_connection) == [AlertKind.SYNC_FAILED]

    instantly.faults.clear()
    assert sync(acme_connection).status == SyncStatus.SUCCEEDED
    assert alerts(acme_connection) == []


def test_an_empty_list_after_a_full_one_raises_an_alert(acme_connection, workspace, sync):
    space = workspace(acme_connection)
    sync(acme_connection)
    for row in list(space.campaigns):
        space.campaigns.remove(row["id"])

    report = sync(acme_connection)
    assert report.status == SyncStatus.INCOMPLETE
    assert rows(Campaign, acme_connection, "missing_since") == [(None,)] * 7
    assert alerts(acme_connection) == [AlertKind.SYNC_EMPTY]

    report = sync(acme_connection, believe_empty=True)
    assert report.kinds["campaigns"].missing == 7
    assert alerts(acme_connection) == []


def test_an_invalid_item_is_reported_and_the_others_synced(acme_connection, workspace, sync):
    space = workspace(acme_connection)
    sync(acme_connection)
    broken = next(iter(space.campaigns))
    broken["status"] = "no number"

    report = sync(acme_connection)

    counts = report.kinds["campaigns"]
    assert (counts.listed, counts.errors, counts.unchanged, counts.missing) == (7, 1, 6, 0)
    assert [(problem["id"], problem["kind"]) for problem in report.problems] == [(broken["id"], "campaigns")]


def test_an_invalid_account_is_not_marked_missing_in_any_spelling(acme_connection, workspace, sync):
    """An earlier version compared the typed address with lower-case ones, and marked the account missing."""
    space = workspace(acme_connection, accounts=["Anna@Sender.example", "second@sender.example"])
    sync(acme_connection)
    broken = next(row for row in space.accounts if row["email"].lower() == "anna@sender.example")
    broken["email"], broken["daily_limit"] = "Anna@Sender.example", {"no": "number"}
    report = sync(acme_connection)
    assert (report.kinds["email_accounts"].errors, report.kinds["email_accounts"].missing) == (1, 0)


@pytest.mark.parametrize("nothing", [True, False, None, [], {}])
def test_an_item_with_an_invalid_id_makes_the_listing_incomplete(acme_connection, workspace, sync, nothing):
    """An earlier version read `true` as the id "True", took the listing for complete, and marked the object missing."""
    space = workspace(acme_connection)
    sync(acme_connection)
    broken = next(iter(space.campaigns))
    broken["id"] = nothing

    report = sync(acme_connection)

    counts = report.kinds["campaigns"]
    assert (counts.listed, counts.errors, counts.unchanged, counts.missing, counts.complete) == (7, 1, 6, 0, False)
    assert [(problem["id"], problem["kind"]) for problem in report.problems] == [("", "campaigns")]
    assert rows(Campaign, acme_connection, "missing_since") == [(None,)] * 7


def test_the_latest_status_wins_from_either_source(acme_connection, workspace, sync):
    space = workspace(acme_connection)
    sync(acme_connection)
    active = next(row for row in space.campaigns if row["status"] == 1)
    with rls.scope(rls.SYSTEM):
        Campaign.objects.filter(provider_id=active["id"]).update(status="completed", status_at=LATER)
    active["name"] = "Renamed at Instantly"

    sync(acme_connection)

    with rls.scope(rls.SYSTEM):
        campaign = Campaign.objects.get(provider_id=active["id"])
    assert (campaign.status, campaign.status_at, campaign.name) == ("completed", LATER, "Renamed at Instantly")


def test_schedule_sequences_senders_and_limits_are_mirrored(acme_connection, workspace, sync):
    space = workspace(acme_connection)
    row = next(iter(space.campaigns))
    row["not_sending_status"] = 4
    empty = list(space.campaigns)[1]
    empty["sequences"] = None
    sync(acme_connection)
    with rls.scope(rls.SYSTEM):
        campaign = Campaign.objects.get(provider_id=row["id"])
        bare = Campaign.objects.get(provider_id=empty["id"])
    assert (campaign.schedule, campaign.sequences) == (row["campaign_schedule"], row["sequences"])
    assert campaign.senders == sorted(row["email_list"]) and campaign.daily_limit == row["daily_limit"]
    assert (campaign.not_sending, campaign.open_tracking) == ("accounts_daily_limit", True)
    assert bare.sequences == []
    assert campaign.raw == {name: row[name] for name in row if name not in ("campaign_schedule", "sequences")}


def test_texts_that_differ_from_the_listing_are_corrected(acme_connection, workspace, sync):
    space = workspace(acme_connection)
    sync(acme_connection)
    row = next(iter(space.campaigns))
    for field, value in (("schedule", {}), ("sequences", [])):
        with rls.scope(rls.SYSTEM):
            Campaign.objects.filter(provider_id=row["id"]).update(**{field: value})
        assert sync(acme_connection).kinds["campaigns"].updated == 1
        with rls.scope(rls.SYSTEM):
            campaign = Campaign.objects.get(provider_id=row["id"])
        assert (campaign.schedule, campaign.sequences) == (row["campaign_schedule"], row["sequences"])


def test_a_number_we_have_no_word_for_stays_readable(acme_connection, workspace, sync):
    space = workspace(acme_connection)
    next(iter(space.campaigns))["status"] = 17
    next(iter(space.accounts))["status"] = -9
    sync(acme_connection)
    assert ("unknown", 17) in rows(Campaign, acme_connection, "status", "status_code")
    assert ("unknown", -9) in rows(EmailAccount, acme_connection, "status", "status_code")


def test_a_failing_account_has_its_reason_and_no_password_is_stored(acme_connection, workspace, sync):
    space = workspace(acme_connection)
    failing = next(row for row in space.accounts if row["status"] == -1)
    failing |= {"smtp_host": "smtp.mail.example", "smtp_password": "hunter2", "imap": {"password": "hunter2"}}
    sync(acme_connection)
    with rls.scope(rls.SYSTEM):
        account = EmailAccount.objects.get(connection=acme_connection, address=failing["email"])
    assert (account.status, account.status_reason) == ("connection_error", failing["status_message"]["response"])
    assert account.smtp_host == "smtp.mail.example"
    assert "hunter2" not in str(account.raw)


def test_pausing_and_starting_are_each_derived_once(acme_connection, workspace, sync):
    space = workspace(acme_connection)
    sync(acme_connection)
    assert derived(acme_connection) == [], "what is seen for the first time has not changed"
    active, draft = (next(row for row in space.campaigns if row["status"] == status) for status in (1, 0))
    active["status"], draft["status"] = -2, 1

    assert sync(acme_connection).derived == 2
    assert sync(acme_connection).derived == 0

    told = {delivery.campaign: delivery.event_type for delivery in derived(acme_connection)}
    assert told == {active["id"]: "campaign_paused", draft["id"]: "campaign_started"}
    with rls.scope(rls.SYSTEM):
        assert Pending.objects.count() == 2
        assert Campaign.objects.get(provider_id=active["id"]).status == "bounce_protect"


def test_a_derived_event_does_not_overwrite_the_state_it_came_from(acme_connection, workspace, sync):
    space = workspace(acme_connection)
    sync(acme_connection)
    active = next(row for row in space.campaigns if row["status"] == 1)
    for status, word in ((-1, "accounts_unhealthy"), (1, "active"), (-2, "bounce_protect")):
        active["status"] = status
        assert sync(acme_connection).derived == 1
        assert process_pending() == 1
        with rls.scope(rls.SYSTEM):
            assert Campaign.objects.get(provider_id=active["id"]).status == word
        assert sync(acme_connection).derived == 0


def test_a_suspended_account_becomes_an_event(acme_connection, workspace, sync):
    space = workspace(acme_connection)
    sync(acme_connection)
    account = next(iter(space.accounts))
    account["warmup_status"] = -3
    assert sync(acme_connection).derived == 1
    (delivery,) = derived(acme_connection)
    assert (delivery.event_type, delivery.payload["email_account"]) == ("account_suspended", account["email"])
    assert ("suspended",) in rows(EmailAccount, acme_connection, "status")


def test_a_held_campaign_instantly_does_not_know_either_is_made_from_the_delivery(
    shared_connection, house, workspace, sync
):
    workspace(shared_connection)
    body = {
        "timestamp": "2026-07-10T12:00:00.000Z",
        "event_type": "email_sent",
        "workspace": shared_connection.workspace_id,
        "campaign_id": "c-gone",
        "campaign_name": "Old one",
        "lead_email": "lead@lead.example",
        "step": 1,
        "variant": 1,
    }
    with rls.scope(rls.SYSTEM):
        store_raw(shared_connection.pk, orjson.dumps(body))
    process_pending()

    report = sync(shared_connection)

    with rls.scope(rls.SYSTEM):
        campaign = Campaign.objects.get(provider_id="c-gone")
    assert (campaign.name, campaign.organization_id, campaign.status) == ("Old one", house.pk, "unknown")
    assert campaign.missing_since is not None
    assert (report.kinds["campaigns"].forgotten, report.released) == (1, 1)
    process_pending()
    with rls.scope(rls.SYSTEM):
        assert campaign.events.count() == 1


def test_a_key_of_another_workspace_is_refused(acme_connection, globex_connection, workspace, sync):
    space = workspace(acme_connection)
    workspace(globex_connection)
    with rls.scope(rls.SYSTEM):
        acme_connection.set_api_key(globex_connection.api_key)
        acme_connection.save()

    report = sync(acme_connection)

    assert report.status == SyncStatus.FAILED and space.id in report.problems[0]["reason"]
    assert rows(Campaign, acme_connection, "id") == []
    assert alerts(acme_connection) == [AlertKind.CONNECTION_REFUSED]


def test_the_workspace_is_pinned_at_the_first_sync(instantly, sync, acme):
    access = instantly.add_workspace("somewhere")
    connection = factories.connection("new", acme, workspace_id="", workspace_name="")
    with rls.scope(rls.SYSTEM):
        connection.set_api_key(access.key)
        connection.save()
    assert sync(connection).status == SyncStatus.SUCCEEDED
    with rls.scope(rls.SYSTEM):
        connection.refresh_from_db()
    assert (connection.workspace_id, connection.workspace_name) == (access.id, "somewhere")


def test_a_refused_key_is_recorded_on_the_connection_until_it_works_again(acme_connection, instantly, workspace, sync):
    space = workspace(acme_connection)
    space.plan_active = False
    assert sync(acme_connection).status == SyncStatus.FAILED
    with rls.scope(rls.SYSTEM):
        assert ProviderConnection.objects.get(pk=acme_connection.pk).status == "unpaid"
    assert alerts(acme_connection) == [AlertKind.CONNECTION_REFUSED]
    space.plan_active = True
    sync(acme_connection)
    with rls.scope(rls.SYSTEM):
        connection = ProviderConnection.objects.get(pk=acme_connection.pk)
    assert (connection.status, connection.status_detail) == ("working", "")
    assert alerts(acme_connection) == []


def test_one_sync_of_a_connection_at_a_time(acme_connection, globex_connection, workspace, sync):
    workspace(acme_connection)
    workspace(globex_connection)
    with connection_lock(acme_connection.pk, "acme"):
        with pytest.raises(SyncRunning, match="already running"):
            sync(acme_connection)
        sync(globex_connection)
    sync(acme_connection)


def test_a_run_is_written_down_and_a_killed_one_closed(acme_connection, workspace, sync):
    workspace(acme_connection)
    with rls.scope(rls.SYSTEM):
        killed = SyncRun.objects.create(connection=acme_connection, trigger="schedule")

    report = sync(acme_connection, actor_name="ada")

    with rls.scope(rls.SYSTEM):
        killed.refresh_from_db()
        run = SyncRun.objects.get(pk=report.run_id)
        connection = ProviderConnection.objects.get(pk=acme_connection.pk)
    assert (killed.status, killed.errors[0]["reason"]) == ("failed", "The process ended before the sync did.")
    assert (run.status, run.actor_name, run.requests) == ("succeeded", "ada", report.requests)
    assert run.counts["campaigns"]["imported"] == 7
    assert connection.last_synced_at == run.finished_at


def test_a_dry_run_counts_and_writes_nothing(acme_connection, workspace, sync):
    space = workspace(acme_connection)
    sync(acme_connection)
    row = next(iter(space.campaigns))
    row["status"] = 2
    space.campaigns.remove(list(space.campaigns)[1]["id"])
    before = versions(acme_connection)

    report = sync(acme_connection, dry_run=True)

    assert (report.kinds["campaigns"].updated, report.kinds["campaigns"].missing) == (1, 1)
    assert versions(acme_connection) == before
    assert derived(acme_connection) == []
    with rls.scope(rls.SYSTEM):
        assert SyncRun.objects.count() == 1
