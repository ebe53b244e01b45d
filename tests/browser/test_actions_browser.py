"""Staff actions in a browser: choose in a list, confirm, wait for the job, see the result.

Without a manual reload.
"""

import pytest
from playwright.sync_api import Page, expect

from instantly.actions import runner
from instantly.models import StaffAction
from salesbrain import rls
from tests.browser.test_admin_browser import log_in
from tests.instantly.conftest import empty_queue, fake, instantly, space, sync, workspace  # noqa: F401  the emulator on a real socket

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("empty_queue"),
]


def only_action() -> StaffAction:
    with rls.scope(rls.SYSTEM):
        return StaffAction.objects.get()


def test_a_campaign_is_paused_from_the_list(page: Page, picture, space, operator):  # noqa: F811
    row = next(row for row in space.campaigns if row["status"] == 1)
    log_in(page, operator.email, "operator-password")
    page.goto("/admin/campaigns/campaign/")
    picture("campaigns-with-actions")
    page.get_by_role("row", name=row["name"]).get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option("campaign_pause")
    page.get_by_role("button", name="Go").click()
    expect(page.locator(".sb-chosen")).to_contain_text(row["name"])
    picture("action-asked")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".sb-badge")).to_have_text("Queued")
    picture("action-queued")
    runner.run_action(only_action().pk)
    expect(page.locator(".sb-badge")).to_have_text("Done", timeout=15_000)
    expect(page.locator("#content")).to_contain_text(f"{row['name']} is paused now.")
    picture("action-done")
    assert row["status"] == 2


def test_leads_are_given_on_the_campaigns_own_page(page: Page, picture, space, operator):  # noqa: F811
    log_in(page, operator.email, "operator-password")
    page.goto("/admin/campaigns/campaign/")
    page.get_by_role("link", name=next(iter(space.campaigns))["name"]).click()
    picture("campaign-with-actions")
    page.get_by_role("button", name="Add leads").click()
    page.get_by_role("textbox", name="Leads:").fill("email,first_name\nada@engines.example,Ada\nno address,Bo")
    picture("leads-asked", whole=True)
    page.get_by_role("button", name="Add leads").click()
    runner.run_action(only_action().pk)
    expect(page.locator("#content")).to_contain_text(
        "Nothing was sent. 1 would be, 1 would be left out.", timeout=15_000
    )
    picture("leads-done")


def test_the_page_to_make_a_campaign(page: Page, picture, space, operator):  # noqa: F811
    log_in(page, operator.email, "operator-password")
    page.goto("/admin/campaigns/campaign/")
    page.get_by_role("link", name="Add campaign").click()
    picture("campaign-create", whole=True)
    page.get_by_role("button", name="Create a campaign").click()
    expect(page.locator(".errorlist").first).to_contain_text("This field is required.")
