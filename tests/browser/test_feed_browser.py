"""Admin pages of webhook deliveries and syncs in a browser: content policy, working forms."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from instantly.models import SyncRun
from messaging.models import Suppression
from salesbrain import rls
from tests import staff_world
from tests.browser.test_admin_browser import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world():
    made = staff_world.build(("Acme", "Globex"), per=1)
    gap = {"from": "2026-07-02T10:00:00", "until": "2026-07-03T10:00:00", "filled": True, "missing": "opens and clicks"}
    with rls.scope(rls.SYSTEM):
        SyncRun.objects.create(
            connection=made.connections[0],
            trigger="reconcile",
            status="succeeded",
            counts={"complete_since": "2026-07-01T00:00:00+00:00", "gaps": [gap], "undated": {"opens": 3, "clicks": 0}},
        )
    return made


def test_a_list_is_imported_and_lifted_again(page, picture, world, operator):
    log_in(page, operator.email, "operator-password")
    expect(page.locator("#content-main")).to_be_visible()
    page.goto(reverse("admin:messaging_suppression_changelist"))
    page.click("text=Import a list")
    page.select_option("select[name=organization]", label="Acme")
    page.fill("textarea[name=pasted]", "one@lead.example\nnobody\ntwo@lead.example")
    page.fill("input[name=reason]", "list of the old tool")
    page.check("input[name=dry_run]")
    picture("suppressions-import")
    page.locator("#content-main button[type=submit]").click()
    expect(page.get_by_text("2 would be added")).to_be_visible()
    picture("suppressions-import-dry-run")
    page.uncheck("input[name=dry_run]")
    page.locator("#content-main button[type=submit]").click()
    expect(page.get_by_text("3 lines: 2 added")).to_be_visible()
    picture("suppressions")
    for box in page.query_selector_all("input.action-select"):
        box.check()
    page.select_option("select[name=action]", "lift")
    page.click("button[name=index]")
    page.fill("input[name=reason]", "wrong list")
    picture("suppressions-lift")
    page.locator("#content-main button[type=submit]").click()
    expect(page.get_by_text("lifted. Who unsubscribes again")).to_be_visible()
    with rls.scope(rls.SYSTEM):
        assert not Suppression.objects.in_force().filter(reason="import").exists()


def test_the_feed_and_the_mailboxes_can_be_read(page, picture, world, viewer):
    log_in(page, viewer.email, "viewer-password")
    expect(page.locator("#content-main")).to_contain_text("but for 1 gap")
    assert "but for 1 gap" in page.inner_text("#content-main")
    picture("start-feed", whole=True)
    page.goto(reverse("admin:accounts_emailaccount_changelist"))
    assert "bounces, 7 d" in page.inner_text("#result_list").lower()
    picture("mailboxes")
    page.goto(reverse("admin:accounts_providerconnection_change", args=[world.connections[0].pk]))
    assert "3 opens that Instantly counts and no longer dates" in page.inner_text("#content-main")
    picture("connection-feed", whole=True)
