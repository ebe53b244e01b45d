"""Inbox in a browser: keyboard shortcuts, live changes, and use without JavaScript."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from accounts.models import User
from messaging.models import ContactLabel, Conversation, OutboxMessage
from salesbrain import rls
from tests import factories
from tests.browser.scenes import LOOKS, Visit, visiting
from tests.messaging.web.test_inbox import replied

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MANY = 10
MOST_KEYS = 22


@pytest.fixture
def campaign(acme_connection):
    factories.email_account(acme_connection, "sender@sender.example")
    return factories.campaign(acme_connection)


@pytest.fixture
def people(campaign) -> list[Conversation]:
    """Create ten people who wrote, in order of time."""
    return [replied(campaign, f"person{number}@firm{number}.example", f"1{number}:00") for number in range(MANY)]


@pytest.fixture
def visit(browser, live_server, customer, people) -> Iterator[Visit]:
    with visiting(browser, live_server.url, LOOKS[0], customer) as visit:
        yield visit
        leave(visit)
        assert visit._said == []


def leave(visit: Visit) -> None:
    """Wait for the page's pending requests and leave it, because the database is emptied next."""
    visit.page.wait_for_timeout(1500)  # a draft is kept 800 ms after the last key
    visit.page.goto("about:blank")
    visit.page.wait_for_timeout(300)


def states() -> dict[str, int]:
    with rls.scope(rls.SYSTEM):
        found = list(Conversation.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in set(found)}


def opened(visit: Visit, row: Conversation) -> None:
    expect(visit.page.locator(f'#pane[data-open="{row.pk}"]')).to_be_visible()


def test_ten_replies_are_handled_with_22_keys(visit, people):
    visit.page.goto("/")
    latest_first = people[::-1]
    pressed = 0

    def press(*keys: str) -> None:
        nonlocal pressed
        for key in keys:
            visit.page.keyboard.press(key)
            pressed += 1

    press("g", "i")
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Inbox")
    visit.page.wait_for_load_state()  # the script listens for keys by then
    press("o")
    for number in range(8):
        opened(visit, latest_first[number])
        press("e")
    opened(visit, latest_first[8])
    press("s", "m", "o", "Enter")
    opened(visit, latest_first[9])
    press("l", "V", "Enter")
    expect(visit.page.locator("#pane .chips")).to_contain_text("V")
    with visit.page.expect_response("**/inbox/act"):
        press("e")
    expect(visit.page.locator("#pane[data-open]")).to_have_count(0)
    expect(visit.page.locator("#inbox-list [data-row]")).to_have_count(0)
    assert pressed <= MOST_KEYS
    assert states() == {"done": 9, "snoozed": 1}
    with rls.scope(rls.SYSTEM):
        assert ContactLabel.objects.get().contact_id == latest_first[9].pk


def test_the_next_conversation_is_prefetched(visit, people):
    visit.page.goto(f"/inbox/{people[-1].pk}")
    with visit.page.expect_response(lambda answer: f"/inbox/{people[-2].pk}" in answer.url) as ahead:
        pass
    assert ahead.value.request.headers["x-unseen"] == "1"
    visit.page.wait_for_load_state("networkidle")
    visit.page.route("**/inbox/*", lambda route: route.abort() if route.request.method == "GET" else route.continue_())
    visit.page.keyboard.press("j")
    opened(visit, people[-2])
    visit.page.unroute_all()
    visit._said[:] = [text for text in visit._said if "ERR_FAILED" not in text]  # what this test took away


def test_undo_takes_back_what_a_key_did(visit, people):
    visit.page.goto(f"/inbox/{people[-1].pk}")
    visit.page.keyboard.press("e")
    expect(visit.page.locator("#undo-bar")).to_contain_text("1 conversation done.")
    expect(visit.page.locator("#inbox-list [data-row]")).to_have_count(MANY - 1)
    visit.page.keyboard.press("z")
    expect(visit.page.locator("#undo-bar")).to_contain_text("Undone.")
    expect(visit.page.locator("#inbox-list [data-row]")).to_have_count(MANY)
    assert states() == {"open": MANY}


def test_a_reply_is_written_sent_and_taken_back_by_keys(visit, people):
    visit.page.goto(f"/inbox/{people[-1].pk}")
    visit.page.keyboard.press("r")
    visit.page.keyboard.type("Thursday it is")
    expect(visit.page.locator("[data-saved]")).to_have_text("Draft saved")
    visit.page.keyboard.press("Control+Enter")
    expect(visit.page.locator(".is-queued")).to_contain_text("Thursday it is")
    expect(visit.page.locator("[data-countdown]")).to_contain_text(" s")
    visit.check("a reply that waits to be sent")
    visit.page.keyboard.press("z")
    expect(visit.page.locator("#reply-text")).to_have_value("Thursday it is")
    expect(visit.page.locator(".is-queued")).to_have_count(0)
    with rls.scope(rls.SYSTEM):
        assert [row.state for row in OutboxMessage.objects.all()] == ["draft"]
    assert visit.problems == []


def test_a_newer_mail_stops_the_reply_and_nothing_typed_is_lost(visit, campaign, people):
    visit.page.goto(f"/inbox/{people[-1].pk}")
    visit.page.keyboard.press("r")
    visit.page.keyboard.type("Thursday it is")
    replied(campaign, f"person{MANY - 1}@firm{MANY - 1}.example", "21:00")
    visit.page.keyboard.press("Control+Enter")
    expect(visit.page.get_by_role("alert")).to_contain_text("wrote meanwhile")
    expect(visit.page.locator("#reply-text")).to_have_value("Thursday it is")
    visit._said[:] = [text for text in visit._said if "409" not in text]  # a browser says so in its console
    visit.check("a newer mail")
    visit.page.get_by_role("button", name="Send anyway").click()
    expect(visit.page.locator(".is-queued")).to_contain_text("Thursday it is")
    assert visit.problems == []


def test_a_new_reply_appears_and_typed_text_stays(visit, campaign, people):
    visit.page.goto(f"/inbox/{people[3].pk}")
    visit.page.keyboard.press("r")
    visit.page.keyboard.type("Not finis")
    replied(campaign, "new@firm.example", "22:00")
    expect(visit.page.locator("#inbox-list")).to_contain_text("new@firm.example", timeout=15_000)
    opened(visit, people[3])
    visit.page.keyboard.type("hed")
    expect(visit.page.locator("#reply-text")).to_have_value("Not finished")


def test_single_keys_can_be_switched_off(browser, live_server, customer, people):
    User.objects.filter(pk=customer.pk).update(single_key_shortcuts=False)
    with visiting(browser, live_server.url, LOOKS[0], customer) as visit:
        visit.page.goto(f"/inbox/{people[-1].pk}")
        for key in ("e", "j", "u"):
            visit.page.keyboard.press(key)
        visit.page.wait_for_load_state("networkidle")
        opened(visit, people[-1])
        leave(visit)
    assert states() == {"open": MANY}


def test_everything_works_without_a_script(browser, live_server, customer, people):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/login?next=/inbox")
    page.locator("[name=username]").fill("customer@acme.example")
    page.locator("[name=password]").fill("customer-password")
    page.locator("button.primary").click()
    page.locator(".conversation-link").first.click()
    page.locator("#reply-text").fill("Without a script")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".is-queued")).to_contain_text("Without a script")
    page.get_by_role("button", name="Done", exact=True).last.click()
    expect(page.locator("#undo-bar")).to_be_visible()
    expect(page.locator(".conversation-link")).to_have_count(MANY - 1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".conversation-link")).to_have_count(MANY)
    context.close()


def test_a_deleted_conversation_leaves_the_inbox_usable(visit, people):
    """The conversation was transferred or its person erased while somebody had it open."""
    visit.page.goto(f"/inbox/{people[-1].pk}")
    with rls.scope(rls.SYSTEM):
        Conversation.objects.filter(pk=people[-1].pk).delete()
    visit.page.evaluate("document.body.dispatchEvent(new CustomEvent('feed'))")
    expect(visit.page.locator("#pane[data-open]")).to_have_count(0)
    expect(visit.page.locator("#inbox-list [data-row]")).to_have_count(MANY - 1)
    visit.page.keyboard.press("o")
    opened(visit, people[-2])
    visit._said[:] = [text for text in visit._said if "404" not in text]  # a browser says so in its console
