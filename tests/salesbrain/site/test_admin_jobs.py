"""Admin page of jobs: the queue with progress, cancel and retry, and the schedule."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from instantly.actions.runner import request_action
from instantly.models import Heartbeat, JobRun, StaffAction
from instantly.monitoring import job_runs
from salesbrain import rls
from salesbrain.kernel.messages import message
from salesbrain.kernel.messages import shown as shown_text
from tests import factories

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


# --- the queue --------------------------------------------------------------------------------------------------------


def queued(operator, connection, **fields) -> StaffAction:
    with rls.scope(rls.SYSTEM):
        action = request_action("sync", actor=operator, target=connection)
        if fields:
            StaffAction.objects.filter(pk=action.pk).update(**fields)
            action.refresh_from_db()
    return action


def job_of(action: StaffAction) -> ProcrastinateJob:
    with rls.scope(rls.SYSTEM):
        return next(job for job in ProcrastinateJob.objects.all() if job.args.get("action_id") == str(action.pk))


def post(user, **given):
    client = Client()
    client.force_login(user)
    return client.post("/admin/jobs/", given, follow=True)


def test_the_queue_shows_what_a_job_does_and_how_far_it_is(client, operator, acme_connection):
    assert "Nothing runs, nothing waits" in page(client)
    queued(operator, acme_connection, outcome=message("action.progress", done=3, count=9))
    shown = page(client)
    assert "Sync now" in shown and "3 of 9 done." in shown and "acme" in shown
    assert 'name="cancel"' not in shown, "a viewer changes nothing"


def test_a_waiting_job_is_cancelled_and_its_action_ends(operator, acme_connection):
    action = queued(operator, acme_connection)
    job = job_of(action)
    answer = post(operator, cancel=job.pk)
    assert "The job was cancelled." in answer.content.decode()
    with rls.scope(rls.SYSTEM):
        action.refresh_from_db()
        job.refresh_from_db()
    assert (action.state, job.status) == ("failed", "cancelled") and "before it began" in shown_text(action.outcome)
    assert "has changed meanwhile" in post(operator, cancel=job.pk).content.decode()


def test_a_cancelled_promotion_waits_to_be_continued(operator, acme, acme_connection, shared_connection):
    promotion = factories.promotion(acme, shared_connection, acme_connection, state="running", journal={})
    with rls.scope(rls.SYSTEM):
        action = request_action(
            "workspace_promote", actor=operator, target=shared_connection, arguments={"promotion": str(promotion.pk)}
        )
    post(operator, cancel=job_of(action).pk)
    client = Client()
    client.force_login(operator)
    assert "No job works on it" in client.get(f"/admin/promotion/{promotion.pk}/").content.decode()


def test_nobody_but_operators_and_admins_cancels(viewer, operator, acme_connection):
    action = queued(operator, acme_connection)
    assert post(viewer, cancel=job_of(action).pk).status_code == 403
    with rls.scope(rls.SYSTEM):
        action.refresh_from_db()
    assert action.state == "queued"


@pytest.mark.parametrize(
    "given", [{}, {"cancel": "x"}, {"retry": "9" * 30}, {"cancel": "0"}], ids=["nothing", "word", "huge", "none"]
)
def test_nonsense_changes_nothing(operator, acme_connection, given):
    action = queued(operator, acme_connection)
    assert post(operator, **given).status_code == 200
    with rls.scope(rls.SYSTEM):
        action.refresh_from_db()
    assert action.state == "queued"
