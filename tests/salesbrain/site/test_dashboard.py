"""Admin dashboard: correct stats and alerts, same number of statements for 2 and 12 customers."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ProviderConnection
from instantly import findings
from instantly.models import Heartbeat, StaffAction
from instantly.monitoring import heartbeats
from messaging.choices import MeasurementKind
from messaging.findings import sources
from messaging.models import Goal
from salesbrain import rls
from salesbrain.site.admin import dashboard
from tests import factories, faulty_world, staff_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def jobs_run(db) -> None:
    with rls.scope(rls.SYSTEM):
        for process in (heartbeats.JOBS, heartbeats.REPLIES):
            heartbeats.beat(process, started_at=timezone.now())


@pytest.fixture
def client(viewer) -> Client:
    client = Client()
    client.force_login(viewer)
    return client


@pytest.fixture
def read(viewer) -> Callable[[], dashboard.Dashboard]:
    """Return the dashboard as a viewer's request loads it."""
    request = RequestFactory().get("/admin/")
    request.user = viewer

    def load() -> dashboard.Dashboard:
        with rls.scope(rls.staff("sb_viewer")):
            return dashboard.load_dashboard(request, now=timezone.now())

    return load


def test_figures_of_today_and_of_seven_days(read, acme_connection):
    campaign, today = factories.campaign(acme_connection), timezone.now().date()
    factories.daily_stats(campaign, day=today, sent=10, replies=2, interested=1, bounces=1)
    factories.daily_stats(campaign, day=today, step=2, sent=5)
    factories.daily_stats(campaign, day=today - timedelta(days=6), sent=100, replies=4)
    factories.daily_stats(campaign, day=today - timedelta(days=7), sent=1000)
    factories.daily_stats(campaign, day=today + timedelta(days=1), sent=7)
    row = next(row for row in read().organizations if row.organization.name == "Acme")
    assert row.today == {"sent": 15, "replies": 2, "interested": 1, "bounces": 1}
    assert row.week == {"sent": 115, "replies": 6, "interested": 1, "bounces": 1}
    assert row.reply_rate == pytest.approx(6 / 115)


def test_there_is_no_rate_without_sent_mails(read, initech):
    row = next(row for row in read().organizations if row.organization == initech)
    assert (row.reply_rate, row.bounce_rate, row.is_quiet) == (None, None, True)


def test_the_busiest_comes_first_and_the_house_last(read, acme_connection, globex_connection, initech):
    factories.daily_stats(factories.campaign(globex_connection), day=timezone.now().date(), sent=9)
    assert [row.organization.name for row in read().organizations] == ["Globex", "Acme", "Initech", "House"]


def test_a_connection_shows_its_backlog(read):
    staff_world.build(("Acme",))
    (row,) = read().connections
    assert (row.backlog, row.held_total, row.alerts, row.sync_is_late) == (1, 4, 1, False)
    assert row.feed.last_event_at is not None


def test_refused_keys_and_late_syncs_are_shown(read, acme_connection):
    with rls.scope(rls.SYSTEM):
        ProviderConnection.objects.update(status="unauthorized", status_detail="401 at 09:00", last_synced_at=None)
    findings.update(now=timezone.now())
    told = read()
    assert [(row.finding.rule, row.sentence) for group in told.groups for row in group.rows] == [
        ("connection_refused", "Key refused. 401 at 09:00")
    ]
    assert told.connections[0].sync_is_late


def test_findings_stand_by_severity_with_customer_figure_rule_and_fix(client, operator):
    faulty_world.build()
    findings.update(now=timezone.now())
    client.force_login(operator)
    page = client.get("/admin/")
    groups = page.context["start"].groups
    assert [group.severity for group in groups] == ["critical", "warning", "notice"]
    text = page.content.decode()
    for part in (
        "Too many bounces 12.5\u00a0%",
        "burning@acme.example",
        "more than 5.0\u00a0%, from 50 sent",
        "Fix: Pause",
        "Acme",
    ):
        assert part in text, part
    assert page.context["start"].sentence.endswith("of them critical.")


def test_a_viewer_is_offered_no_fix(client):
    faulty_world.build()
    findings.update(now=timezone.now())
    assert "Fix: " not in client.get("/admin/").content.decode()


def test_this_week_is_compared_with_the_same_weekdays_before(read, acme_connection):
    campaign, today = factories.campaign(acme_connection), timezone.now().date()
    monday = today - timedelta(days=today.weekday())
    factories.daily_stats(campaign, day=today, sent=30)
    factories.daily_stats(campaign, day=monday - timedelta(days=7), sent=20)
    factories.daily_stats(
        campaign, day=today - timedelta(days=6 if today.weekday() == 6 else 7) + timedelta(days=1), step=2, sent=0
    )
    factories.daily_stats(campaign, day=monday - timedelta(days=8), sent=500)
    change = next(row for row in read().organizations if row.organization.name == "Acme").changes["sent"]
    assert (change.now, change.before, change.share) == (30, 20, 0.5)


def test_the_line_has_thirty_days_and_ends_today(read, acme_connection):
    campaign, today = factories.campaign(acme_connection), timezone.now().date()
    for days, sent in ((0, 3), (29, 5), (30, 100)):
        factories.daily_stats(campaign, day=today - timedelta(days=days), sent=sent)
    line = next(row for row in read().organizations if row.organization.name == "Acme").line
    assert (len(line), line[-1], line[0], sum(line)) == (30, 3, 5, 8)


def test_goals_show_pace_and_leads_show_days(read, acme, acme_connection):
    campaign, today = factories.campaign(acme_connection), timezone.now().date()
    factories.daily_stats(campaign, day=today, sent=70, meetings=2)
    with rls.scope(rls.SYSTEM):
        Goal.objects.create(organization=acme, month=today.replace(day=1), metric="meetings", target=500)
        sources.keep(MeasurementKind.LEADS_LEFT, {campaign.pk: 35}, timezone.now())
    row = next(row for row in read().organizations if row.organization == acme)
    (goal,) = row.goals
    assert goal.text.startswith("Meetings: 2 of 500") and not goal.is_on_course
    assert (row.leads_days, row.runs_out) == (3.5, True)


def test_the_latest_staff_actions_are_listed_with_their_state(client, acme_connection):
    lost_action(acme_connection, state="failed")
    text = client.get("/admin/").content.decode()
    assert "Pause: Q3" in text and "o@salesbrain.example" in text and "Failed" in text


def lost_action(connection, **fields):
    with rls.scope(rls.SYSTEM):
        return StaffAction.objects.create(
            kind="campaign_pause", connection=connection, target_name="Q3", actor_name="o@salesbrain.example", **fields
        )


def test_actions_of_unknown_outcome_are_shown_for_a_day(read, acme_connection):
    lost_action(acme_connection, state="done")
    old = lost_action(acme_connection, state="unknown")
    with rls.scope(rls.SYSTEM):
        StaffAction.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=25))
    assert read().concerns == []
    lost_action(acme_connection, state="unknown")
    assert [concern.text for concern in read().concerns] == [
        "1 action of unknown outcome: check the result in Instantly"
    ]


def test_too_many_connections_are_cut_but_broken_ones_are_not(
    read, client, acme_connection, globex_connection, monkeypatch
):
    monkeypatch.setattr(dashboard, "MOST_CONNECTIONS", 1)
    with rls.scope(rls.SYSTEM):
        ProviderConnection.objects.filter(pk=acme_connection.pk).update(status="working")
        ProviderConnection.objects.filter(pk=globex_connection.pk).update(status="unauthorized")
    told = read()
    assert [row.connection.name for row in told.listed_connections] == ["globex"]
    assert told.listed_connections[0].feed is not None and len(told.connections) == 2
    assert "1 more connection<" in client.get("/admin/").content.decode()


def test_every_concern_leads_to_a_page(client, read):
    staff_world.build(("Acme",))
    shared = factories.connection("shared", None)
    factories.campaign(shared)
    lost_action(shared, state="unknown")
    told = read().concerns
    assert len(told) >= 4
    for concern in told:
        answer = client.get(concern.url)
        assert answer.status_code == 200, concern
        assert answer.context["cl"].result_count >= 1, concern


def test_an_absent_jobs_process_is_shown_with_time_and_advice(read, acme_connection):
    assert not [concern for concern in read().concerns if "run_jobs" in concern.text]
    with rls.scope(rls.SYSTEM):
        Heartbeat.objects.update(beat_at=timezone.now() - timedelta(minutes=6))
    (concern, *_) = read().concerns
    assert concern.text.startswith("No jobs process has run since 20") and "Start `manage.py run_jobs`." in concern.text


def test_an_empty_installation_shows_empty_states(client, house):
    page = client.get("/admin/").content.decode()
    assert "Nothing needs attention: every rule is silent" in page and "None yet." in page


def test_twelve_customers_cost_no_more_statements_than_two(client):
    staff_world.build(("Acme", "Globex"), per=1)
    findings.update(now=timezone.now())
    with CaptureQueriesContext(connection) as few:
        client.get("/admin/")
    staff_world.build(tuple(f"Customer{number}" for number in range(10)), per=1)
    findings.update(now=timezone.now())
    with CaptureQueriesContext(connection) as many:
        client.get("/admin/")
    assert len(many) == len(few) <= 27


def test_too_many_customers_are_cut_but_critical_ones_are_not(read, client, globex_connection, monkeypatch):
    monkeypatch.setattr(dashboard, "MOST_ROWS", 1)
    busy = factories.connection("busy", factories.organization("Busy"))
    factories.daily_stats(factories.campaign(busy), day=timezone.now().date(), sent=900)
    assert [row.organization.name for row in read().listed] == ["Busy"]
    factories.finding(factories.campaign(globex_connection), severity="critical")
    assert [row.organization.name for row in read().listed] == ["Globex"]
    assert sum(tile.today for tile in read().tiles) == 900
    assert "2 more customers" in client.get("/admin/").content.decode()


def test_a_promotion_that_waits_for_a_person_needs_attention(read, acme, acme_connection, shared_connection):
    promotion = factories.promotion(acme, shared_connection, acme_connection, state="stopped")
    assert [one.url for one in read().concerns if "promotion" in one.text] == ["/admin/promotion/?"]
    with rls.scope(rls.SYSTEM):
        type(promotion).objects.update(state="confirmed")
    assert not any("promotion" in one.text for one in read().concerns)
