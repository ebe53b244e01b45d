"""Sums of an organization's days: always what its daily stats come to, whoever changes what."""

from datetime import timedelta
from random import Random
from threading import Event as Signal
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from campaigns.models import Campaign
from messaging import organization_stats, stats
from messaging.campaign_transfer import move_campaign
from messaging.models import DailyStats, OrganizationDailyStats, StaleStats
from messaging.models.rollup import ROLLUP_COUNTERS
from messaging.stats_rebuild import rebuild
from salesbrain import rls
from salesbrain.kernel.fast_reads import Where
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

DAY = factories.NOON.date()
PERIODS = (stats.Period(), stats.Period(DAY, DAY), stats.Period(end=DAY), stats.Period(start=DAY + timedelta(days=1)))


def assert_sums_are_right(*organizations) -> None:
    """Compare every total and breakdown by day that is read from the sums with the same over the daily stats themselves."""
    for organization in organizations:
        own = {"organization_id": organization.pk}
        for period in PERIODS:
            for scope in (rls.SYSTEM, rls.customer(organization.pk)):
                with rls.scope(scope):
                    sums, rows = period.filter(Where(DailyStats, own)), period.filter(DailyStats.objects.filter(**own))
                    assert stats.total_and_groups(sums, "day") == stats.total_and_groups(rows, "day")
                    assert stats.total(sums) == stats.total(rows)
    with rls.scope(rls.SYSTEM):
        assert organization_stats.differences() == []


def refresh_all() -> None:
    while organization_stats.refresh():
        pass


def sent_by_sums(organization) -> int:
    with rls.scope(rls.SYSTEM):
        return stats.total(Where(DailyStats, {"organization_id": organization.pk}))["sent"]


@pytest.fixture
def campaigns(acme_connection):
    return [
        factories.campaign(acme_connection, f"Campaign {n}", open_tracking=opens, link_tracking=links)
        for n, (opens, links) in enumerate([(True, True), (True, False), (False, False), (None, True)])
    ]


def test_every_counter_of_the_daily_stats_is_summed():
    columns = {field.name for field in OrganizationDailyStats._meta.concrete_fields if field.has_db_default()}
    assert columns == {"row_count", *ROLLUP_COUNTERS}


def test_stats_of_an_organization_are_read_from_the_sums_of_its_days(api, customer, campaigns):
    for campaign in campaigns:
        factories.daily_stats(campaign, sent=2, unique_opens=1)
    refresh_all()
    with rls.scope(rls.SYSTEM):
        OrganizationDailyStats.objects.update(sent=100)  # no daily stats say so: the answer can only come from here
    assert api(customer).get("/api/instantly/stats").json()["data"]["sent"] == 300, "three kinds of tracking"


def test_a_noted_day_is_read_from_the_daily_stats_and_other_days_from_their_sums(campaigns, acme):
    factories.daily_stats(campaigns[0], sent=1)
    factories.daily_stats(campaigns[0], day=DAY + timedelta(days=1), sent=10)
    refresh_all()
    with rls.scope(rls.SYSTEM):
        OrganizationDailyStats.objects.update(sent=1000)
    factories.daily_stats(campaigns[1], sent=5)
    assert sent_by_sums(acme) == 1000 + 6


def test_random_changes_of_every_kind_are_never_missed(campaigns, acme, globex, shared_connection):
    """Inserts, updates, deletes, other tracking, transfers and rebuilds, each followed by a refresh or not."""
    dice = Random(7)
    campaigns += [factories.campaign(shared_connection, f"Shared {n}") for n in range(2)]
    organizations = (acme, globex, factories.house())

    def write() -> None:
        day = DAY + timedelta(days=dice.randrange(3))
        with rls.scope(rls.SYSTEM):
            campaign = Campaign.objects.get(pk=dice.choice(campaigns).pk)
        counts = {name: dice.randrange(3) for name in dice.sample(ROLLUP_COUNTERS, 5)}
        with rls.scope(rls.SYSTEM):
            DailyStats.objects.update_or_create(
                organization_id=campaign.organization_id, campaign=campaign, day=day, defaults=counts
            )

    def delete() -> None:
        with rls.scope(rls.SYSTEM):
            DailyStats.objects.filter(campaign=dice.choice(campaigns)).delete()

    def track_otherwise() -> None:
        with rls.scope(rls.SYSTEM):
            Campaign.objects.filter(pk=dice.choice(campaigns).pk).update(
                open_tracking=dice.choice((True, False, None)), link_tracking=dice.choice((True, False, None))
            )

    def move() -> None:
        move_campaign(dice.choice(campaigns[-2:]).pk, dice.choice((acme, globex)).pk, now=timezone.now())

    def repair() -> None:
        rebuild(dice.choice((None, acme.pk)))

    kinds = [write, write, write, delete, track_otherwise, track_otherwise, move, repair]
    for _ in range(120):
        dice.choice(kinds)()
        if dice.random() < 0.5:
            organization_stats.refresh(dice.choice((1, 3, 1000)))
        assert_sums_are_right(*organizations)
    refresh_all()
    assert_sums_are_right(*organizations)


def test_a_change_that_commits_after_a_refresh_saw_the_day_is_not_lost(campaigns, acme):
    """The refresh deletes the notes of the changes it sees; that of a change under way stays."""
    factories.daily_stats(campaigns[0], sent=1)
    written, may_commit = Signal(), Signal()

    def change() -> None:
        try:
            with transaction.atomic(), rls.scope(rls.SYSTEM):
                DailyStats.objects.update(sent=2)
                written.set()
                assert may_commit.wait(30)
        finally:
            connections.close_all()

    thread = Thread(target=change)
    thread.start()
    assert written.wait(30)
    refresh_all()
    assert sent_by_sums(acme) == 1
    may_commit.set()
    thread.join()
    assert sent_by_sums(acme) == 2
    refresh_all()
    assert sent_by_sums(acme) == 2
    assert_sums_are_right(acme)


def test_a_day_added_while_tracking_changes_is_summed_by_the_new_tracking(campaigns, acme):
    """The day is committed and summed before the change of tracking can be seen, and after that wrote its note."""
    campaign = campaigns[0]
    toggled, may_commit = Signal(), Signal()

    def toggle() -> None:
        try:
            with transaction.atomic(), rls.scope(rls.SYSTEM):
                Campaign.objects.filter(pk=campaign.pk).update(open_tracking=False)
                toggled.set()
                assert may_commit.wait(30)
        finally:
            connections.close_all()

    thread = Thread(target=toggle)
    thread.start()
    assert toggled.wait(30)
    factories.daily_stats(campaign, day=DAY + timedelta(days=9), sent=3, unique_opens=1)
    refresh_all()
    may_commit.set()
    thread.join()
    assert_sums_are_right(acme)
    refresh_all()
    assert_sums_are_right(acme)
    with rls.scope(rls.SYSTEM):
        assert stats.total(Where(DailyStats, {"organization_id": acme.pk}))["opened"] is None


def test_one_process_at_a_time_sums_days(campaigns):
    factories.daily_stats(campaigns[0], sent=1)
    held, may_end = Signal(), Signal()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [organization_stats.LOCK])
                held.set()
                assert may_end.wait(30)
        finally:
            connections.close_all()

    thread = Thread(target=hold)
    thread.start()
    assert held.wait(30)
    assert organization_stats.refresh() == 0
    may_end.set()
    thread.join()
    assert organization_stats.refresh() > 0


def test_rebuild_stats_checks_and_repairs_the_sums(campaigns, acme, capsys):
    rebuild()  # a database begins with a note on every organization
    refresh_all()
    call_command("rebuild_stats", "--check")
    with rls.scope(rls.SYSTEM):
        OrganizationDailyStats.objects.create(
            organization=acme, day=DAY, tracks_opens=True, tracks_links=True, row_count=1, sent=1
        )
    with pytest.raises(CommandError, match="1 sums of an organization's day differ"):
        call_command("rebuild_stats", "--check")
    assert "2026-07-10 · acme: wrong sum over the campaigns" in capsys.readouterr().out
    call_command("rebuild_stats")
    call_command("rebuild_stats", "--check")
    refresh_all()
    call_command("rebuild_stats", "--check")
    assert sent_by_sums(acme) == 0


def test_notes_are_gone_when_all_is_summed(campaigns):
    for campaign in campaigns:
        factories.daily_stats(campaign, sent=1)
    refresh_all()
    with rls.scope(rls.SYSTEM):
        assert not StaleStats.objects.exists()


def test_a_customer_gets_nothing_by_naming_another_organization(campaigns, acme, globex):
    factories.daily_stats(campaigns[0], sent=7)
    for refreshed in (False, True):
        with rls.scope(rls.customer(globex.pk)):
            assert stats.total(Where(DailyStats, {"organization_id": acme.pk}))["sent"] == 0, f"refreshed: {refreshed}"
        refresh_all()


def test_the_statement_reads_no_daily_stats_of_valid_days(campaigns, acme):
    """Its cost follows the number of days and not the number of campaigns: of the daily stats it reads no row."""
    for campaign in campaigns:
        for n in range(5):
            factories.daily_stats(campaign, day=DAY + timedelta(days=n), sent=1)
    refresh_all()
    with rls.scope(rls.customer(acme.pk)), connection.cursor() as cursor:
        asked: list[tuple[str, dict]] = []
        rows = Where(DailyStats, {"organization_id": acme.pk})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                organization_stats.db, "prepared", lambda sql, params: asked.append((sql, params)) or _Nothing()
            )
            organization_stats.sums(rows, ("day",), stats.COLUMNS)
        ((sql, params),) = asked
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
        (found,) = cursor.fetchone()
    read: dict[str, float] = {}
    for node in _nodes(found[0]["Plan"]):
        if table := node.get("Relation Name"):
            read[table] = read.get(table, 0) + node["Actual Rows"] * node["Actual Loops"]
    assert read.get("messaging_dailystats", 0) == 0
    assert read["messaging_organizationdailystats"] == 15, "five days, three kinds of tracking"


class _Nothing:
    def fetchall(self) -> list:
        return []


def _nodes(plan: dict):
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)
