"""Admin dashboard: correct stats and alerts, same number of statements for 2 and 12 customers."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ProviderConnection
from instantly.models import Heartbeat, StaffAction
from instantly.monitoring import heartbeats
from salesbrain import rls
from salesbrain.site.admin import dashboard
from tests import factories, staff_world

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


def read() -> dashboard.Dashboard:
    with rls.scope(rls.staff("sb_viewer")):
        return dashboard.load_dashboard(now=timezone.now())


def test_figures_of_today_and_of_seven_days(acme_connection):
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


def test_there_is_no_rate_without_sent_mails(initech):
    row = next(row for row in read().organizations if row.organization == initech)
    assert (row.reply_rate, row.bounce_rate, row.is_quiet) == (None, None, True)


def test_the_busiest_comes_first_and_the_house_last(acme_connection, globex_connection, initech):
    factories.daily_stats(factories.campaign(globex_connection), day=timezone.now().date(), sent=9)
    assert [row.organization.name for row in read().organizations] == ["Globex", "Acme", "Initech", "House"]


def test_a_connection_shows_its_backlog(client):
    staff_world.build(("Acme",))
    (row,) = read().connections
    assert (row.backlog, row.held_total, row.alerts, row.sync_is_late) == (1, 4, 1, False)
    assert row.feed.last_event_at is not None


def test_refused_keys_and_late_syncs_are_shown(client, acme_connection):
    with rls.scope(rls.SYSTEM):
        ProviderConnection.objects.update(status="unauthorized", status_detail="401 at 09:00", last_synced_at=None)
    told = read()
    assert [(concern.text, concern.detail) for concern in told.concerns] == [
        ("Connection acme: Key refused", "401 at 09:00")
    ]
    assert told.connections[0].sync_is_late


def test_unassigned_campaigns_are_shown(shared_connection):
    factories.campaign(shared_connection)
    assert [concern.text for concern in read().concerns] == ["1 campaign of a shared workspace assigned to nobody"]


def lost_action(connection, **fields):
    with rls.scope(rls.SYSTEM):
        return StaffAction.objects.create(
            kind="campaign_pause", connection=connection, target_name="Q3", actor_name="o@salesbrain.example", **fields
        )


def test_actions_of_unknown_outcome_are_shown_for_a_day(client, acme_connection):
    lost_action(acme_connection, state="done")
    old = lost_action(acme_connection, state="unknown")
    with rls.scope(rls.SYSTEM):
        StaffAction.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=25))
    assert read().concerns == []
    lost_action(acme_connection, state="unknown")
    assert [concern.text for concern in read().concerns] == [
        "1 action of unknown outcome: check the result in Instantly"
    ]


def test_every_concern_leads_to_a_page(client):
    staff_world.build(("Acme",))
    shared = factories.connection("shared", None)
    factories.campaign(shared)
    lost_action(shared, state="unknown")
    told = read().concerns
    assert len(told) >= 7
    for concern in told:
        answer = client.get(concern.url)
        assert answer.status_code == 200, concern
        assert answer.context["cl"].result_count >= 1, concern


def test_an_absent_jobs_process_is_shown_with_time_and_advice(acme_connection):
    assert not [concern for concern in read().concerns if "run_jobs" in concern.text]
    with rls.scope(rls.SYSTEM):
        Heartbeat.objects.update(beat_at=timezone.now() - timedelta(minutes=6))
    (concern, *_) = read().concerns
    assert concern.text.startswith("No jobs process has run since 20") and "Start `manage.py run_jobs`." in concern.text


def test_an_empty_installation_shows_empty_states(client, house):
    page = client.get("/admin/").content.decode()
    assert "Nothing. Every delivery is processed" in page and "None yet." in page


def test_twelve_customers_cost_no_more_statements_than_two(client):
    staff_world.build(("Acme", "Globex"), per=1)
    with CaptureQueriesContext(connection) as few:
        client.get("/admin/")
    staff_world.build(tuple(f"Customer{number}" for number in range(10)), per=1)
    with CaptureQueriesContext(connection) as many:
        client.get("/admin/")
    assert len(many) == len(few) <= 20
