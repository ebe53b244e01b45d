"""Admin's own script and colours: following actions, names of search boxes, a chosen theme."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.choices import StaffRole
from accounts.models import User
from instantly.actions.runner import request_action
from instantly.choices import ActionState
from instantly.models import StaffAction
from salesbrain import rls
from tests import staff_world
from tests.browser.scenes import LOOKS, faults, visiting
from tests.browser.test_admin_axe import COLOURS, DJANGOS, settle
from tests.factories import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def action(db) -> StaffAction:
    world = staff_world.build(("Acme",), per=1)
    boss = User.objects.create_user("boss@salesbrain.example", "boss-password", role=StaffRole.ADMIN)
    with rls.scope(rls.SYSTEM):
        StaffAction.objects.all().delete()
        return request_action("campaign_pause", actor=boss, target=world.campaigns[0])


def test_a_list_follows_its_actions_and_is_not_loaded_again_while_nothing_changes(browser, live_server, admin, action):
    address = reverse("admin:instantly_staffaction_changelist")
    with visiting(browser, live_server.url, LOOKS[0], admin) as visit:
        page = visit.page
        page.goto(address)
        expect(page.locator("#result_list")).to_contain_text("Queued")
        page.evaluate("window.kept = true")
        for _ in range(2):
            with page.expect_response(lambda answer: answer.url.endswith(address), timeout=20_000):
                pass
        assert page.evaluate("window.kept") is True
        with rls.scope(rls.SYSTEM):
            StaffAction.objects.filter(pk=action.pk).update(state=ActionState.DONE, finished_at=NOON)
        expect(page.locator("#result_list")).to_contain_text("Done", timeout=20_000)
        assert page.evaluate("window.kept ?? false") is False
        assert page.locator("meta[name=follow]").count() == 0, "what is over is not followed"
        assert visit._said == []


def test_without_scripts_such_a_list_is_loaded_every_few_seconds(browser, live_server, admin, action):
    with visiting(browser, live_server.url, LOOKS[0], admin) as visit:
        plain = browser.new_context(base_url=live_server.url, java_script_enabled=False)
        plain.add_cookies(visit.page.context.cookies())
        page = plain.new_page()
        page.goto(reverse("admin:instantly_staffaction_changelist"))
        assert page.locator('meta[http-equiv="refresh"]').get_attribute("content") == "3"
        plain.close()


def test_a_search_box_has_the_name_of_its_field(browser, live_server, admin, action):
    with visiting(browser, live_server.url, LOOKS[0], admin) as visit:
        visit.page.goto("/admin/accounts/membership/add/")
        for name in ("Organization", "User"):
            expect(visit.page.get_by_role("combobox", name=name)).to_be_visible()
        visit.page.goto("/admin/accounts/organization/add/")
        visit.page.get_by_text("Add another Membership").click()
        expect(visit.page.get_by_role("combobox", name="User")).to_be_visible()
        expect(visit.page.get_by_role("combobox", name="Role")).to_be_visible()


@pytest.mark.parametrize(("chosen", "look"), [("dark", LOOKS[0]), ("light", LOOKS[1])], ids=["dark", "light"])
def test_a_theme_that_was_chosen_goes_before_the_systems(browser, live_server, admin, action, chosen, look):
    with visiting(browser, live_server.url, look, admin) as visit:
        page = visit.page
        page.goto("/admin/")
        before = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.evaluate("theme => localStorage.setItem('theme', theme)", chosen)
        for address in ("/admin/", "/admin/accounts/user/", "/admin/accounts/user/add/"):
            page.goto(address)
            settle(page)
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before, address
            assert faults(page, DJANGOS, only=COLOURS) == [], address
