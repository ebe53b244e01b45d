"""Every customer page in a browser: two languages, two themes, three widths, each role."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import Max
from django.utils import timezone
from playwright.sync_api import expect

from accounts.access_log import record_access
from accounts.choices import AccessAction, MembershipRole
from accounts.models import Membership, User
from messaging.models import DailyStats, Event
from salesbrain import rls
from tests import factories, staff_world
from tests.accounts.web.test_team import act, link_in, member_of
from tests.browser.scenes import LOOKS, Look, visiting
from tests.salesbrain.web import example_rows, pages
from tests.salesbrain.web.pages import client_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("SALESBRAIN_SCREENSHOTS", "")


@pytest.fixture
def owner(acme, acme_connection, globex, viewer) -> User:
    """Return an owner of an organization with data: stats of a month, a team, an invitation, an access log."""
    user = member_of(acme, "carla.customer@acme.example", MembershipRole.OWNER)
    User.objects.filter(pk=user.pk).update(name="Carla Customer")
    with rls.scope(rls.SYSTEM):
        Membership.objects.create(user=user, organization=globex, role=MembershipRole.MEMBER)
    for role in (MembershipRole.MEMBER, MembershipRole.OBSERVER):
        member_of(acme, f"friederike.hohenstein-baumgarten.{role}@acme.example", role)
    campaign = factories.campaign(acme_connection, "Manufacturing directors in the north, second attempt")
    today = timezone.now().date()
    with rls.scope(rls.SYSTEM):
        for back in range(30):
            sent = 0 if (today - timedelta(days=back)).weekday() > 4 else 90 + 7 * back % 40
            DailyStats.objects.create(
                organization=acme, campaign=campaign, email_account="a@sender.example",
                day=today - timedelta(days=back), sent=sent, replies=sent // 15, interested=sent // 60,
            )  # fmt: skip
    factories.event(campaign, 1, "email_sent", position=7)
    example_rows.make(campaign.connection)
    contact = factories.contact(acme, "adrian.fletcher499@atlas-robotics.example")
    record_access(
        organization_id=acme.pk, user=viewer, conversation_id=contact.pk, action=AccessAction.READ, now=timezone.now()
    )
    act(client_of(user), acme, "invite", email="new.colleague@acme.example", role="member")
    client_of(user).post("/settings/tokens", {"name": "CRM sync", "days": "30"})
    return user


def of_users() -> list[pages.Opened]:
    """Return the customer pages, except the HTML of a mail, whose sandbox allows no script for the checks."""
    return [page for page in pages.of_users() if not page.route.endswith("/body")]


def picture(visit, name: str, look: Look) -> None:
    if not PICTURES:
        return
    for width in (360, 1440):
        visit.page.set_viewport_size({"width": width, "height": 900})
        visit.page.wait_for_timeout(150)
        path = Path(PICTURES) / f"{name}-{look.language[:2]}-{look.theme}-{width}.png"
        visit.page.screenshot(path=path, full_page=True)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.language}-{look.theme}")
def test_every_page_as_an_owner(browser, live_server, owner, acme, look):
    with visiting(browser, live_server.url, look, owner) as visit:
        for page in of_users():
            visit.open(page.address)
            picture(visit, page.route.replace("/", "-") or "overview", look)
        visit.page.goto("/")
        for place in ("first", "last"):
            getattr(visit.page.locator("details.menu > summary"), place).click()
            visit.check(f"the {place} menu")
            picture(visit, f"menu-{place}", look)
            visit.page.keyboard.press("Escape")
        visit.page.goto("/settings/team")
        visit.page.locator("details.confirm > summary").first.click()
        visit.check("asking before somebody goes")
        visit.page.goto("/settings/password")
        visit.page.locator("button.primary").click()
        visit.check("a form with errors")
        picture(visit, "errors", look)
        assert visit.problems == []


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.language}-{look.theme}")
def test_every_page_without_a_login(browser, live_server, owner, acme, look, settings):
    settings.DEMO = True
    factories.customer("customer@acme.example", acme)
    link = link_in(act(client_of(owner), acme, "invite", email="n@acme.example", role="member").content.decode())
    with visiting(browser, live_server.url, look, None) as visit:
        for page in pages.opened():
            if page not in pages.of_users() and page.route != "login/code":
                visit.open(page.address, status=410 if page.view.example_arguments else 200)
                picture(visit, page.route.replace("/", "-").partition("<")[0], look)
        visit.open(link)
        picture(visit, "invitation", look)
        visit.open("/nothing-here", status=404)
        picture(visit, "404", look)
        assert visit.problems == []


@pytest.mark.parametrize("role", [MembershipRole.MEMBER, MembershipRole.OBSERVER])
def test_every_page_as_a_member(browser, live_server, owner, role):
    user = User.objects.get(email=f"friederike.hohenstein-baumgarten.{role}@acme.example")
    with visiting(browser, live_server.url, LOOKS[0], user) as visit:
        for page in of_users():
            visit.open(page.address, status=403 if page.route == "settings/access-log" else 200)
        assert visit.problems == []


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_every_page_as_staff(browser, live_server, owner, acme, role, request):
    user = request.getfixturevalue(role)
    with visiting(browser, live_server.url, LOOKS[3], user) as visit:
        for page in of_users():
            visit.open(page.address)
        visit.page.locator("details.menu > summary").first.click()
        visit.page.get_by_role("button", name="Acme").click()
        expect(visit.page.get_by_role("heading", level=1)).to_have_text("Acme")
        visit.open("/settings/team")
        assert visit.problems == []


def test_pages_without_anything_to_show(browser, live_server, stranger):
    with visiting(browser, live_server.url, LOOKS[2], stranger) as visit:
        visit.open("/")
        picture(visit, "empty", LOOKS[2])
        visit.open("/settings/access-log")
        with rls.scope(rls.SYSTEM):
            Membership.objects.all().delete()
        visit.open("/", status=403)
        picture(visit, "no-organization", LOOKS[2])
        assert visit.problems == []


def test_admin_pages_have_no_console_errors_and_fit_the_window(browser, live_server, admin):
    """Admin pages cause no console error, no refused resource and no horizontal scrolling on a desktop."""
    world = staff_world.build(("Acme", "Globex"), per=1)
    with visiting(browser, live_server.url, LOOKS[0], admin) as visit:
        for address in (
            "/admin/",
            "/admin/campaigns/campaign/",
            f"/admin/messaging/message/{world.hostile.pk}/change/",
        ):
            visit.page.goto(address)
            visit.page.wait_for_load_state("networkidle")
            if too_wide := visit.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth"):
                visit.problems.append(f"{address}: {too_wide} pixels too wide")
        assert visit.problems + visit._said == []


def test_a_page_follows_the_feed_and_stops_when_the_session_ends(browser, live_server, owner, acme_connection):
    with visiting(browser, live_server.url, LOOKS[0], owner) as visit:
        visit.page.goto("/")
        latest = visit.page.locator("ul.events")
        expect(latest).to_be_visible()
        campaign = factories.campaign(acme_connection, "Another one")
        with rls.scope(rls.SYSTEM):
            last = Event.objects.aggregate(id=Max("id"), position=Max("position"))
        factories.event(campaign, last["id"] + 1, position=last["position"] + 1, happened_at=timezone.now())
        expect(latest).to_contain_text("Another one", timeout=15_000)
        assert visit._said == []


def test_a_whole_visit_by_keyboard_alone(browser, live_server, owner):
    with visiting(browser, live_server.url, LOOKS[0], None) as visit:
        page = visit.page
        page.goto("/settings")
        expect(page.get_by_label("Email")).to_be_focused()
        page.keyboard.type("carla.customer@acme.example")
        page.keyboard.press("Tab")
        page.keyboard.type("customer-password")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.keyboard.press("g")
        page.keyboard.press("o")
        expect(page.get_by_role("heading", level=1)).to_have_text("Acme")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()


def test_pages_work_without_javascript(browser, live_server, owner):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/login")
    page.locator("[name=username]").fill("carla.customer@acme.example")
    page.locator("[name=password]").fill("customer-password")
    page.locator("button.primary").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Acme")
    page.goto("/stats")
    table = page.locator("details.chart-table").first
    table.locator("summary").click()
    expect(table.get_by_role("row").nth(1)).to_be_visible()
    page.goto("/")
    page.locator("details.menu > summary").first.click()
    page.get_by_role("button", name="Globex").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Globex")
    context.close()
