"""Digests of mirrored rows: unchanged objects are skipped, and every other write deletes the digest."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import EmailAccount
from campaigns.models import Campaign
from instantly import schemas
from instantly.actions import campaigns
from instantly.processing.batch import process_pending
from instantly.sync import mirror
from instantly.webhooks.store import store_raw
from messaging.campaign_transfer import move_campaign, move_email_account
from salesbrain import rls
from tests import factories
from tests.instantly.sync.test_sync import versions

pytestmark = pytest.mark.django_db

NOON = factories.NOON
EARLY, LATE = NOON - timedelta(hours=1), NOON + timedelta(days=1)
TABLES: dict[str, Any] = {"campaigns_campaign": Campaign, "accounts_emailaccount": EmailAccount}


@pytest.fixture
def space(acme_connection, workspace, sync):
    space = workspace(acme_connection)
    sync(acme_connection, now=NOON)
    assert None not in digests(acme_connection).values()
    return space


def digests(of, model=Campaign):
    with rls.scope(rls.SYSTEM):
        rows = model.objects.filter(connection=of).values_list("provider_id", "digest")
        return {key: digest and bytes(digest) for key, digest in rows}


def deliver(to, type, at, **about):
    body = {"timestamp": at.isoformat(), "event_type": type, "workspace": to.workspace_id, **about}
    with rls.scope(rls.SYSTEM):
        assert store_raw(to.pk, orjson.dumps(body)) is not None
    process_pending()


def active(space):
    return next(row for row in space.campaigns if row["status"] == 1)


def test_unchanged_objects_are_neither_validated_nor_written(acme_connection, space, sync, monkeypatch):
    def refuse(stored):
        raise AssertionError("validated")

    monkeypatch.setattr(schemas.Campaign, "restored", refuse)
    monkeypatch.setattr(schemas.EmailAccount, "restored", refuse)
    before = versions(acme_connection)
    with CaptureQueriesContext(connection) as queries:
        report = sync(acme_connection)
    assert [counts.unchanged for counts in report.kinds.values()] == [7, 6]
    assert versions(acme_connection) == before
    assert not [query for query in queries if "json_to_recordset" in query["sql"]]


def test_only_changed_objects_are_written(acme_connection, space, sync):
    active(space)["name"] = "Renamed at Instantly"
    queries: Any = CaptureQueriesContext(connection)  # of ours, `params` stands beside `sql`
    with queries:
        report = sync(acme_connection)
    (sent,) = [query["params"] for query in queries if "json_to_recordset" in query["sql"]]
    assert len(sent["stored"]) == report.kinds["campaigns"].updated == 1
    assert None not in digests(acme_connection).values()


def test_another_order_of_fields_is_not_a_change(acme_connection, space, sync):
    before = versions(acme_connection)
    for row in [*space.campaigns, *space.accounts]:
        turned = dict(reversed(row.items()))
        row.clear()
        row.update(turned)
    sync(acme_connection)
    assert versions(acme_connection) == before


def test_a_secret_leaves_no_trace_in_a_digest(acme_connection, workspace, sync):
    space = workspace(acme_connection)
    account = next(iter(space.accounts))
    account |= {"smtp_password": "hunter2", "imap": {"password": "hunter2", "host": "imap.mail.example"}}
    sync(acme_connection)
    before, rows = digests(acme_connection, EmailAccount), versions(acme_connection)
    account |= {"smtp_password": "changed", "imap": {"password": "changed", "host": "imap.mail.example"}}
    sync(acme_connection)
    assert (digests(acme_connection, EmailAccount), versions(acme_connection)) == (before, rows)


@pytest.mark.parametrize("table", TABLES)
def test_an_update_of_any_column_forgets_the_digest(acme_connection, space, table):
    """Any writer, any column, even the same value: the trigger deletes the digest."""
    model = TABLES[table]
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        for column in [field.column for field in model._meta.fields if field.column != "id"]:
            cursor.execute(f"UPDATE {table} SET digest = 'known'")
            assert set(digests(acme_connection, model).values()) == {b"known"}
            cursor.execute(f"UPDATE {table} SET {column} = {column}")
            assert set(digests(acme_connection, model).values()) == {None}, column


def test_every_mirrored_table_has_the_trigger_that_deletes_digests():
    forgets = (
        "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgfoid = 'sb_forget_digest'::regproc AND tgenabled = 'O'"
    )
    with connection.cursor() as cursor:
        cursor.execute(forgets)
        assert {name for (name,) in cursor.fetchall()} == {kind.model._meta.db_table for kind in mirror.KINDS}


def rename(row, **_):
    with rls.scope(rls.SYSTEM):
        campaign = Campaign.objects.get(provider_id=row["id"])
        campaign.name = "Renamed here"
        campaign.save()


WRITERS: dict[str, Callable[..., Any]] = {
    "a delivery": lambda row, of, **_: deliver(of, "campaign_completed", LATE, campaign_id=row["id"]),
    "a move": lambda row, ours, acme, **_: move_campaign(ours, acme.pk, now=NOON),
    "staff who pause it": lambda row, ours, operator, **_: campaigns.pause_campaign(ours, actor=operator),
    "staff who delete it": lambda row, ours, operator, **_: campaigns.delete_campaign(ours, actor=operator),
    "a model that is saved": rename,
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_campaign_written_by_other_code_is_compared_again(shared_connection, acme, operator, workspace, sync, writer):
    space = workspace(shared_connection)
    sync(shared_connection, now=NOON)
    row, was = active(space), digests(shared_connection)
    with rls.scope(rls.SYSTEM):
        ours = Campaign.objects.get(provider_id=row["id"]).pk
    WRITERS[writer](row=row, ours=ours, of=shared_connection, acme=acme, operator=operator)
    now = digests(shared_connection)
    assert now.pop(row["id"]) != was.pop(row["id"]), "empty, or of what Instantly answered to staff"
    assert now == was

    sync(shared_connection, now=LATE + timedelta(days=1))

    with rls.scope(rls.SYSTEM):
        campaign = Campaign.objects.get(provider_id=row["id"])
    there = space.campaigns.get(row["id"])
    assert (campaign.missing_since is None) == (there is not None)
    if there:
        assert (campaign.name, campaign.status_code) == (there["name"], there["status"])
        assert None not in digests(shared_connection).values()


def test_an_email_account_written_by_other_code_is_compared_again(shared_connection, acme, workspace, sync):
    space = workspace(shared_connection)
    sync(shared_connection, now=NOON)
    first, second = list(space.accounts)[:2]
    moment = NOON + timedelta(minutes=1)
    deliver(shared_connection, "account_error", moment, email_account=first["email"], message="no login")
    with rls.scope(rls.SYSTEM):
        assert EmailAccount.objects.get(address=first["email"]).status == "error"
        move_email_account(EmailAccount.objects.get(address=second["email"]).pk, acme.pk, now=NOON)
    lost = [key for key, digest in digests(shared_connection, EmailAccount).items() if digest is None]
    assert sorted(lost) == sorted([first["email"], second["email"]])

    report = sync(shared_connection, now=NOON.replace(year=2028))

    assert (report.kinds["email_accounts"].updated, report.kinds["email_accounts"].unchanged) == (1, 5)
    with rls.scope(rls.SYSTEM):
        assert EmailAccount.objects.get(address=first["email"]).status_code == first["status"]
        assert EmailAccount.objects.get(address=second["email"]).organization_id == acme.pk


def test_a_status_from_an_event_is_corrected_by_the_next_listing(acme_connection, space, sync):
    """The provider's object is unchanged, but our row is not."""
    row = active(space)
    deliver(acme_connection, "campaign_paused", NOON + timedelta(minutes=1), campaign_id=row["id"])
    report = sync(acme_connection, now=LATE)
    assert (report.kinds["campaigns"].updated, report.derived) == (1, 1)
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.get(provider_id=row["id"]).status == "active"
    assert None not in digests(acme_connection).values()


def test_a_row_that_keeps_a_later_status_gets_no_digest(acme_connection, space, sync):
    """The row differs from the listed object, so a later listing of the same object must be compared again."""
    row = active(space)
    deliver(acme_connection, "campaign_paused", LATE, campaign_id=row["id"])
    row["name"] = "Renamed at Instantly"
    for expected in ((1, 0), (0, 0)):
        report = sync(acme_connection, now=NOON + timedelta(hours=1))
        assert (report.kinds["campaigns"].updated, report.derived) == expected
        assert digests(acme_connection)[row["id"]] is None
    assert sync(acme_connection, now=LATE + timedelta(hours=1)).derived == 1
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.get(provider_id=row["id"]).status == "active"
    assert digests(acme_connection)[row["id"]] is not None


def test_a_digest_that_was_lost_is_noted_and_nothing_else_written(acme_connection, space, sync):
    with rls.scope(rls.SYSTEM):
        for model in TABLES.values():
            model.objects.update(digest=None)

    def stamps():
        with rls.scope(rls.SYSTEM):
            return [
                list(model.objects.order_by("id").values_list("id", "synced_at", "updated_at"))
                for model in TABLES.values()
            ]

    before = stamps()
    report = sync(acme_connection, now=LATE)
    assert [counts.unchanged for counts in report.kinds.values()] == [7, 6]
    assert stamps() == before
    assert None not in {**digests(acme_connection), **digests(acme_connection, EmailAccount)}.values()


def test_a_release_with_another_mapping_rereads_everything(acme_connection, space, sync, monkeypatch):
    before = digests(acme_connection)
    monkeypatch.setattr(mirror, "_mapping_digest", lambda: b"of the next release")
    report = sync(acme_connection)
    assert report.kinds["campaigns"].unchanged == 7
    assert not set(before.values()) & {*digests(acme_connection).values(), None}
    rows = versions(acme_connection)
    sync(acme_connection)
    assert versions(acme_connection) == rows


def test_a_dry_run_notes_no_digest(acme_connection, space, sync):
    with rls.scope(rls.SYSTEM):
        Campaign.objects.update(digest=None)
    sync(acme_connection, dry_run=True)
    assert set(digests(acme_connection).values()) == {None}


STEPS = st.sampled_from(
    [
        "rename",
        "pause",
        "start",
        "vanish",
        "return",
        "paused",
        "started",
        "told late",
        "staff",
        "missing",
        "sync",
        "sync",
        "sync",
    ]
)
PLANS = st.lists(st.tuples(STEPS, st.integers(0, 3)), max_size=12)
COMPARED = (
    "provider_id", "name", "status", "status_code", "status_at", "not_sending", "daily_limit", "missing_since", "synced_at",
)  # fmt: skip


def test_digests_never_change_the_result_in_any_order_of_changes(acme_connection, globex_connection, workspace, sync):
    """Two workspaces get the same changes; one of them loses its digests before each sync."""
    campaigns = [{"id": f"c{n}", "name": f"C{n}", "status": n % 3} for n in range(4)]
    both = [acme_connection, globex_connection]
    spaces = [workspace(of, campaigns=campaigns, accounts=[]) for of in both]
    clock = [NOON]
    away: dict[tuple[int, str], Any] = {}

    def step(side: int, what: str, which: int) -> Any:
        of, space, id = both[side], spaces[side], f"c{which}"
        row = space.campaigns.get(id)
        if what == "sync":
            if side:
                with rls.scope(rls.SYSTEM):
                    Campaign.objects.filter(connection=of).update(digest=None)
            report = sync(of, now=clock[0])
            return report.kinds["campaigns"].as_dict(), report.derived, report.status
        if what in ("paused", "started", "told late"):
            at = clock[0] + timedelta(seconds=1 if what != "told late" else 500)
            deliver(of, "campaign_started" if what == "started" else "campaign_paused", at, campaign_id=id)
        elif what in ("staff", "missing"):
            with rls.scope(rls.SYSTEM):
                ours = Campaign.objects.filter(connection=of, provider_id=id)
                ours.update(**({"name": "Staff's"} if what == "staff" else {"missing_since": NOON}))
        elif what == "return" and (side, id) in away:
            space.campaigns.add(away.pop((side, id)))
        elif row is not None and what == "vanish":
            away[side, id] = space.campaigns.remove(id)
        elif row is not None and what != "return":
            row |= {"rename": {"name": f"{row['name'][:20]}x"}, "pause": {"status": 2}, "start": {"status": 1}}[what]
        return None

    def rows(of):
        process_pending()
        with rls.scope(rls.SYSTEM):
            return list(Campaign.objects.filter(connection=of).order_by("provider_id").values_list(*COMPARED))

    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(PLANS)
    def live(plan: list[tuple[str, int]]) -> None:
        for what, which in [*plan, ("sync", 0), ("sync", 0)]:
            clock[0] += timedelta(seconds=100)
            ours, theirs = (step(side, what, which) for side in (0, 1))
            assert ours == theirs
            assert rows(acme_connection) == rows(globex_connection)

    live()
