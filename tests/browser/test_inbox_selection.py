"""Changes of several conversations at once by keys, and the page's messages without a connection."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from messaging.models import ContactLabel, Conversation, OutboxMessage
from salesbrain import rls
from tests import factories
from tests.browser.scenes import LOOKS, Visit, visiting
from tests.browser.test_inbox_browser import leave, opened, states
from tests.messaging.web.test_inbox import replied

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(acme_connection) -> list[Conversation]:
    """Create three people who wrote, the latest first."""
    factories.email_account(acme_connection, "sender@sender.example")
    campaign = factories.campaign(acme_connection)
    return [replied(campaign, f"person{number}@firm{number}.example", f"1{number}:00") for number in range(3)][::-1]


@pytest.fixture
def visit(browser, live_server, customer, people) -> Iterator[Visit]:
    with visiting(browser, live_server.url, LOOKS[0], customer) as visit:
        yield visit
        leave(visit)
        assert visit._said == []


def press(visit: Visit, *keys: str) -> None:
    for key in keys:
        visit.page.keyboard.press(key)


def test_a_selection_is_closed_by_one_key_and_taken_back_by_another(visit, people):
    """Key e marks the selected conversations as done, key z undoes it."""
    visit.page.goto("/inbox")
    tools = visit.page.locator(".bulk-bar")
    expect(tools).to_be_hidden()
    press(visit, "j", "x", "j", "x")
    expect(tools).to_be_visible()
    visit.check("a selection")
    press(visit, "e")
    expect(visit.page.locator("#undo-bar")).to_contain_text("2 conversations done.")
    expect(visit.page.locator("#inbox-list [data-row]")).to_have_count(1)
    expect(tools).to_be_hidden()
    press(visit, "z")
    expect(visit.page.locator("#inbox-list [data-row]")).to_have_count(3)
    assert states() == {"open": 3} and visit.problems == []


def test_enter_after_a_time_snoozes_the_selection(visit, people):
    visit.page.goto(f"/inbox/{people[2].pk}")
    press(visit, "k", "k", "x")
    opened(visit, people[0])
    press(visit, "s", "f", "r", "i", "Enter")
    expect(visit.page.locator("#undo-bar")).to_contain_text("1 conversation snoozed.")
    expect(visit.page.locator("#inbox-list [data-row]")).to_have_count(2)
    assert states() == {"open": 2, "snoozed": 1}


def test_a_selection_and_its_typed_text_survive_a_new_reply(visit, acme_connection, people):
    visit.page.goto("/inbox")
    visit.page.locator("#inbox-list [name=id]").nth(1).check()
    visit.page.locator(".bulk-bar [name=name]").fill("Big deal")
    visit.page.evaluate("document.body.dispatchEvent(new CustomEvent('feed'))")
    with visit.page.expect_response(lambda answer: answer.request.headers.get("x-part") == "list"):
        visit.page.evaluate("document.body.dispatchEvent(new CustomEvent('feed'))")
    visit.page.wait_for_load_state("networkidle")
    expect(visit.page.locator(".bulk-bar [name=name]")).to_have_value("Big deal")
    assert visit.page.evaluate("document.activeElement.name") == "name", "whoever types goes on typing"
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#undo-bar")).to_contain_text("1 conversation labelled.")
    with rls.scope(rls.SYSTEM):
        assert ContactLabel.objects.get().contact_id == people[1].pk


def test_a_half_written_note_survives_a_new_reply_and_is_cleared_once_saved(visit, people):
    visit.page.goto(f"/inbox/{people[0].pk}")
    press(visit, "c")
    visit.page.keyboard.type("Calls ba")
    with visit.page.expect_response(lambda answer: answer.request.headers.get("x-unseen") == "1"):
        visit.page.evaluate("document.body.dispatchEvent(new CustomEvent('feed'))")
    visit.page.wait_for_load_state("networkidle")
    visit.page.wait_for_timeout(300)
    visit.page.keyboard.type("ck")
    expect(visit.page.locator("#note-text")).to_have_value("Calls back")
    visit.page.locator("#note-form button").click()
    expect(visit.page.locator(".notes")).to_contain_text("Calls back")
    expect(visit.page.locator("#note-text")).to_have_value("")


def test_a_change_without_a_connection_is_reported_and_its_row_returns(visit, people):
    visit.page.goto(f"/inbox/{people[0].pk}")
    visit.page.wait_for_load_state("networkidle")
    visit.page.route("**/inbox/act", lambda route: route.abort("internetdisconnected"))
    press(visit, "e")
    expect(visit.page.locator("#undo-bar")).to_contain_text("Nothing was changed: no connection.")
    expect(visit.page.locator("#inbox-list [data-row]")).to_have_count(3)
    visit.page.unroute_all()
    visit.page.route("**/reply*", lambda route: route.abort("internetdisconnected"))
    press(visit, "r")
    visit.page.keyboard.type("Thursday")
    press(visit, "Control+Enter")
    expect(visit.page.locator("[data-saved]")).to_contain_text("Not sent: no connection.")
    visit.page.unroute_all()
    expect(visit.page.locator("#reply-text")).to_have_value("Thursday")
    press(visit, "Control+Enter")
    expect(visit.page.locator(".is-queued")).to_contain_text("Thursday")
    with rls.scope(rls.SYSTEM):
        assert [row.state for row in OutboxMessage.objects.all()] == ["queued"]
    assert states() == {"open": 3}
    visit._said[:] = [text for text in visit._said if "ERR_INTERNET_DISCONNECTED" not in text]


@pytest.mark.parametrize("status", [429, 503])
def test_a_list_that_the_server_refused_is_requested_again(visit, acme_connection, people, status):
    visit.page.goto("/inbox?lane=all")
    visit.page.wait_for_load_state("networkidle")
    refused: list[str] = []

    def refuse(route) -> None:
        if route.request.headers.get("x-part") == "list" and not refused:
            refused.append(route.request.url)
            return route.fulfill(status=status, body="busy")
        return route.continue_()

    visit.page.route("**/inbox*", refuse)
    with rls.scope(rls.SYSTEM):
        campaign = acme_connection.campaigns.get()
    replied(campaign, "late@firm.example", "20:00")
    expect(visit.page.locator("#inbox-list")).to_contain_text("late@firm.example", timeout=15_000)
    assert len(refused) == 1
    visit._said[:] = [text for text in visit._said if str(status) not in text]
