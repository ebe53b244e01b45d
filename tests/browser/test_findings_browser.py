"""A finding fixed and taken back in three clicks from the dashboard, in a browser."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Campaign
from instantly import findings
from instantly.actions import runner
from instantly.models import StaffAction
from messaging.models import Finding
from salesbrain import rls
from tests import factories
from tests.browser.test_admin_browser import log_in
from tests.instantly.conftest import empty_queue, fake, instantly, space, sync, workspace  # noqa: F401  the emulator on a real socket

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("empty_queue"),
]


def run_latest() -> None:
    with rls.scope(rls.SYSTEM):
        action = StaffAction.objects.order_by("-created_at")[0]
    runner.run_action(action.pk)
    findings.update(now=timezone.now())


def test_a_finding_is_fixed_and_taken_back_in_three_clicks(page: Page, picture, space, operator):  # noqa: F811
    row = next(row for row in space.campaigns if row["status"] == 1)
    with rls.scope(rls.SYSTEM):
        campaign = Campaign.objects.get(provider_id=row["id"])
    factories.daily_stats(campaign, day=timezone.now().date(), sent=400, bounces=40)
    findings.update(now=timezone.now())
    log_in(page, operator.email, "operator-password")
    page.goto("/admin/")
    attention = page.locator(".sb-attention li").filter(has_text=row["name"]).filter(has_text="Too many bounces")
    expect(attention).to_contain_text("of 400 emails sent in 7 days came back")
    picture("dashboard-with-a-finding")

    attention.get_by_role("link", name="Fix: Pause").click()  # 1
    expect(page.locator(".sb-chosen")).to_contain_text("Active → Paused")
    picture("finding-preview")
    page.get_by_role("button", name="Pause").click()  # 2
    run_latest()
    expect(page.locator(".sb-badge").first).to_have_text("Done", timeout=15_000)
    assert row["status"] == 2
    with rls.scope(rls.SYSTEM):
        finding = Finding.objects.get(rule="bounces", target_id=campaign.pk)
    assert finding.until is not None and finding.action_id is not None
    page.get_by_role("button", name="Undo: Activate").click()  # 3
    run_latest()
    expect(page.locator(".sb-badge").first).to_have_text("Done", timeout=15_000)
    assert row["status"] == 1
