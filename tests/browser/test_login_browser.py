"""Login in two steps in a browser, in every look, and the way around the admin on a phone."""

import pytest
from playwright.sync_api import expect

from accounts import second_factor
from accounts.models import Authenticator
from tests import staff_world
from tests.browser.scenes import LOOKS, visiting
from tests.browser.test_admin_browser import code_of
from tests.browser.test_pages_browser import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def device(admin) -> Authenticator:
    begun = second_factor.begin(admin)
    second_factor.confirm(begun, code_of(begun))
    Authenticator.objects.filter(pk=begun.pk).update(last_t=-1)  # the code of this moment may be used again
    return begun


def forget_the_failure(device: Authenticator) -> None:
    Authenticator.objects.filter(pk=device.pk).update(throttling_failure_count=0, throttling_failure_timestamp=None)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.language}-{look.theme}")
def test_both_steps_of_a_login(browser, live_server, admin, device, look):
    with visiting(browser, live_server.url, look, None) as visit:
        page = visit.page
        visit.open("/login")
        page.locator("[name=username]").fill(admin.email)
        page.locator("[name=password]").fill("wrong")
        page.locator("button.primary").click()
        expect(page.locator(".errors, .notice.error").first).to_be_visible()
        visit.check("a wrong password")
        page.locator("[name=username]").fill(admin.email)
        page.locator("[name=password]").fill("admin-password")
        page.locator("button.primary").click()
        expect(page).to_have_url(f"{live_server.url}/login/code")
        visit.check("the second step")
        page.locator("[name=code]").fill("000000")
        page.locator("button.primary").click()
        expect(
            page.locator(".errors, .notice.error").first
        ).to_be_visible()  # the failure is stored, so it can be forgotten below
        visit.check("a wrong code")
        picture(visit, "login-code-wrong", look)
        forget_the_failure(device)  # within a second of it even the right code would be refused
        page.locator("[name=code]").fill(code_of(device))
        page.locator("button.primary").click()
        expect(page).to_have_url(f"{live_server.url}/admin/")
        assert visit.problems == []


def test_on_a_phone_the_start_page_of_the_admin_leads_to_every_list(browser, live_server, admin):
    staff_world.build(("Acme",), per=1)
    with visiting(browser, live_server.url, LOOKS[0], admin) as visit:
        page = visit.page
        page.goto("/admin/")
        lists = page.get_by_role("navigation", name="All lists")
        expect(lists).to_be_hidden()
        expect(page.locator("#nav-sidebar")).to_be_visible()
        page.set_viewport_size({"width": 360, "height": 740})
        expect(lists).to_be_visible()
        addresses = [link.get_attribute("href") for link in lists.get_by_role("link").all()]
        page.set_viewport_size({"width": 1440, "height": 900})
        beside = [link.get_attribute("href") for link in page.locator("#nav-sidebar tbody th a").all()]
        assert addresses == beside and len(addresses) > 15
        page.set_viewport_size({"width": 360, "height": 740})
        lists.get_by_role("link", name="Campaigns", exact=True).click()
        expect(page.locator("#result_list")).to_be_visible()
        page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name="Home").click()
        expect(lists).to_be_visible()
