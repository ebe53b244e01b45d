"""Admin page of scheduled jobs."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from instantly.models import Heartbeat, JobRun
from instantly.monitoring import job_runs
from salesbrain import rls

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(viewer) -> Client:
    client = Client()
    client.force_login(viewer)
    return client


def page(client: Client) -> str:
    return client.get("/admin/jobs/").content.decode()


def test_before_any_process_ran_every_job_is_listed_and_the_absence_is_said(client):
    shown = page(client)
    assert shown.count("Has not run yet") == len(job_runs.scheduled_tasks())
    assert "No jobs process has run yet" in shown and "every 15 minutes" in shown


def test_a_failed_and_a_missed_job_are_marked_with_their_latest_error(client):
    now = timezone.now()
    with rls.scope(rls.SYSTEM):
        Heartbeat.objects.create(process="jobs", started_at=now, beat_at=now)
        fine = {"started_at": now - timedelta(seconds=3), "finished_at": now, "succeeded_at": now}
        for task in job_runs.scheduled_tasks():
            JobRun.objects.create(task=task, **fine)
        JobRun.objects.filter(task="instantly.tasks.sync_all").update(
            failed_at=now + timedelta(seconds=1), error="TimeoutError"
        )
        JobRun.objects.filter(task="instantly.tasks.walk_leads").update(succeeded_at=now - timedelta(days=3))
    shown = page(client)
    assert shown.count('sb-bad"') == 2 and "TimeoutError" in shown and "A run was missed" in shown and "Failed" in shown
    assert "No jobs process" not in shown and "3.0 s" in shown


def test_the_menu_leads_there(client):
    assert 'href="/admin/jobs/?"' in client.get("/admin/").content.decode()


def test_customers_and_anonymous_visitors_do_not_see_the_jobs_page(customer):
    logged_in = Client()
    logged_in.force_login(customer)
    assert [caller.get("/admin/jobs/").status_code for caller in (Client(), logged_in)] == [302, 302]
