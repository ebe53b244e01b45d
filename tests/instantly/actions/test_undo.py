"""Reversing a staff action by the button on its admin page."""

from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.models import EmailAccount
from campaigns.models import Campaign
from instantly.models import StaffAction
from salesbrain import rls
from tests import factories
from tests.instantly.actions.test_admin_actions import ACCOUNTS, CAMPAIGNS, YES, actions, as_, in_status, ours, post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


def done(user: Any, page: str, kind: str, row: Any, **given: str) -> StaffAction:
    post(user, page, kind, [row], **YES, **given)
    call_command("run_jobs", "--once")
    action: StaffAction = actions()[-1]
    assert (action.kind, action.state) == (kind, "done"), action.outcome
    return action


def shown(user: Any, action: StaffAction) -> Any:
    return as_(user).get(reverse("admin:instantly_staffaction_change", args=[action.pk]))


def test_a_pause_is_taken_back_from_its_page(space: Any, operator: Any) -> None:
    row = in_status(space, 1)
    action = done(operator, CAMPAIGNS, "campaign_pause", ours(row))
    page = shown(operator, action)
    undo = page.context["undo"]
    assert "Undo: Activate" in page.content.decode()
    asked = as_(operator).post(undo.url, {"action": undo.action.kind, "_selected_action": str(action.target_id)})
    assert row["name"] in asked.content.decode() and row["status"] == 2, "it is asked before it is done"
    done(operator, CAMPAIGNS, undo.action.kind, ours(row))
    assert row["status"] == 1


def test_an_undone_action_offers_the_reverse_and_is_not_undone_twice(space: Any, operator: Any) -> None:
    row = in_status(space, 1)
    first = done(operator, CAMPAIGNS, "campaign_pause", ours(row))
    second = done(operator, CAMPAIGNS, "campaign_activate", ours(row))
    assert shown(operator, first).context["undo"] is None
    assert shown(operator, second).context["undo"].action.kind == "campaign_pause"


def test_an_email_accounts_pause_is_taken_back_by_resuming_it(space: Any, operator: Any) -> None:
    with rls.scope(rls.SYSTEM):
        account = EmailAccount.objects.filter(status="active").first()
    action = done(operator, ACCOUNTS, "account_pause", account)
    assert shown(operator, action).context["undo"].action.kind == "account_resume"


def test_an_undone_assignment_returns_to_the_previous_organization(
    operator: Any, shared_connection: Any, acme: Any, house: Any
) -> None:
    campaign = factories.campaign(shared_connection)
    action = done(operator, CAMPAIGNS, "campaign_assign", campaign, organization=str(acme.pk))
    undo = shown(operator, action).context["undo"]
    assert dict(undo.given) == {"organization": str(house.pk)}
    chosen = {"action": undo.action.kind, "_selected_action": str(campaign.pk), **undo.given}
    asked = as_(operator).post(undo.url, chosen)
    assert f'<option value="{house.pk}" selected>' in asked.content.decode()
    again = done(operator, CAMPAIGNS, undo.action.kind, campaign, **undo.given)
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.get(pk=campaign.pk).organization_id == house.pk
    assert dict(shown(operator, again).context["undo"].given) == {"organization": str(acme.pk)}


def test_an_email_accounts_assignment_is_taken_back_too(
    operator: Any, shared_connection: Any, acme: Any, house: Any
) -> None:
    account = factories.email_account(shared_connection)
    action = done(operator, ACCOUNTS, "account_assign", account, organization=str(acme.pk))
    assert dict(shown(operator, action).context["undo"].given) == {"organization": str(house.pk)}
    unchanged = done(operator, ACCOUNTS, "account_assign", account, organization=str(acme.pk))
    assert shown(operator, unchanged).context["undo"] is None, "it changed nothing"


def test_no_undo_is_offered_for_failed_or_irreversible_actions_or_to_viewers(
    space: Any, instantly: Any, operator: Any, viewer: Any
) -> None:
    row = in_status(space, 1)
    changed = done(operator, CAMPAIGNS, "campaign_change", ours(row), name="Renamed")
    assert shown(operator, changed).context["undo"] is None
    paused = done(operator, CAMPAIGNS, "campaign_pause", ours(row))
    assert shown(viewer, paused).context["undo"] is None
    with rls.scope(rls.SYSTEM):
        StaffAction.objects.filter(pk=paused.pk).update(state="failed")
    assert shown(operator, paused).context["undo"] is None
