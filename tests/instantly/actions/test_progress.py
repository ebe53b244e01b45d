"""Progress of staff actions: stored during a sync, shown on list and page, which reload."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from instantly.actions import runner
from instantly.actions.progress import SyncProgress
from instantly.actions.runner import request_action
from instantly.models import StaffAction, SyncRun
from salesbrain import rls
from salesbrain.kernel.messages import shown
from tests import factories

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def running(operator, acme_connection) -> StaffAction:
    with rls.scope(rls.SYSTEM):
        action = request_action("sync", actor=operator, target=acme_connection)
        StaffAction.objects.filter(pk=action.pk).update(state="running")
    return action


def outcome(action: StaffAction) -> str:
    with rls.scope(rls.SYSTEM):
        return shown(StaffAction.objects.get(pk=action.pk).outcome)


def test_a_sync_stores_its_progress_at_most_once_a_second(running):
    times = iter([0.0, 0.0, 0.5, 1.2, 1.2])
    progress = SyncProgress(running.pk, clock=lambda: next(times))
    for kind, listed, noted in (
        ("campaigns", 100, "100 campaigns, 0 email accounts"), ("campaigns", 200, "100 campaigns, 0 email accounts"),
        ("email_accounts", 40, "200 campaigns, 40 email accounts"),
    ):  # fmt: skip
        progress(kind, listed)
        assert outcome(running) == f"Reading from Instantly: {noted} so far."


def test_progress_of_an_ended_action_is_not_stored(running):
    with rls.scope(rls.SYSTEM):
        StaffAction.objects.filter(pk=running.pk).update(state="failed", outcome="It failed.")
    SyncProgress(running.pk)("campaigns", 5)
    assert outcome(running) == "It failed."


def test_a_sync_stores_its_progress_and_ends_with_its_result(space: Any, operator, acme_connection, monkeypatch):
    noted = []
    monkeypatch.setattr(SyncProgress, "__call__", lambda self, kind, listed: noted.append((kind, listed)))
    with rls.scope(rls.SYSTEM):
        action = request_action("sync", actor=operator, target=acme_connection)
    runner.run_action(action.pk)
    assert {kind for kind, _ in noted} == {"campaigns", "email_accounts"}
    assert "campaigns (0 new" in outcome(action)


def test_the_page_and_the_list_of_a_connection_show_and_follow_what_runs(running, viewer, acme_connection):
    SyncProgress(running.pk)("campaigns", 7)
    client = as_(viewer)
    page = reverse("admin:accounts_providerconnection_change", args=[acme_connection.pk])
    text = client.get(page).content.decode()
    assert (
        "Sync now: Running" in text
        and "7 campaigns, 0 email accounts so far" in text
        and '<meta name="follow">' in text
    )
    listed = client.get(reverse("admin:accounts_providerconnection_changelist")).content.decode()
    assert "1 action is queued or running" in listed and '<meta name="follow">' in listed
    with rls.scope(rls.SYSTEM):
        StaffAction.objects.update(state="done", finished_at=factories.NOON)
    for address in (page, reverse("admin:accounts_providerconnection_changelist")):
        assert '<meta name="follow">' not in client.get(address).content.decode()


def test_actions_on_other_objects_are_not_shown(running, viewer, acme_connection, globex_connection):
    campaign = factories.campaign(acme_connection)
    client = as_(viewer)
    for name, row in (("accounts_providerconnection", globex_connection), ("campaigns_campaign", campaign)):
        text = client.get(reverse(f"admin:{name}_change", args=[row.pk])).content.decode()
        assert "Sync now: Running" not in text and '<meta name="follow">' not in text
    assert "queued or running" not in client.get(reverse("admin:campaigns_campaign_changelist")).content.decode()


def test_a_run_of_the_sync_is_followed_until_it_ends(viewer, acme_connection):
    with rls.scope(rls.SYSTEM):
        run = SyncRun.objects.create(connection=acme_connection, trigger="schedule", status="running")
    client = as_(viewer)
    pages = (reverse("admin:instantly_syncrun_changelist"), reverse("admin:instantly_syncrun_change", args=[run.pk]))
    assert all('name="follow"' in client.get(page).content.decode() for page in pages)
    with rls.scope(rls.SYSTEM):
        SyncRun.objects.update(status="succeeded")
    assert not any('name="follow"' in client.get(page).content.decode() for page in pages)
