"""Handling of many replies by keyboard, with at most 2.2 keys each.

Set REPLIES=100 in the environment for the number in the product's requirements.
"""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from messaging.models import ContactLabel, Conversation, OutboxMessage
from salesbrain import rls
from tests import factories
from tests.browser.scenes import LOOKS, Visit, visiting
from tests.browser.test_inbox_browser import leave, states
from tests.messaging.web.test_inbox import replied

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
REPLIES = int(os.environ.get("REPLIES", "20"))
KEYS_PER_REPLY = 2.2

SNOOZE = ("s", "m", "o", "Enter")
LABEL = ("l", "V", "Enter")
ANSWER = ("r", "O", "k", "Control+Enter")


@pytest.fixture
def people(acme_connection) -> list[Conversation]:
    """Create conversations of people who wrote, the latest first."""
    factories.email_account(acme_connection, "sender@sender.example")
    campaign = factories.campaign(acme_connection)
    times = [f"{8 + number // 60:02}:{number % 60:02}" for number in range(REPLIES)]
    return [replied(campaign, f"person{n}@firm{n}.example", at) for n, at in enumerate(times)][::-1]


@pytest.fixture
def visit(browser, live_server, customer, people) -> Iterator[Visit]:
    with visiting(browser, live_server.url, LOOKS[0], customer) as visit:
        yield visit
        leave(visit)
        assert visit._said == []


class Keyboard:
    """Keyboard of a browser page that counts the pressed keys."""

    def __init__(self, visit: Visit) -> None:
        self.page, self.pressed = visit.page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def expect_open(self, row: Conversation) -> None:
        expect(self.page.locator(f'#pane[data-open="{row.pk}"]')).to_be_visible()


def test_replies_are_handled_with_few_keys(visit, people):
    """Of every ten replies one is snoozed, one labelled and closed, one answered, and the others closed."""
    keyboard = Keyboard(visit)
    visit.page.goto("/")
    keyboard.press("g", "i")
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Inbox")
    keyboard.press("o")
    for number, row in enumerate(people):
        keyboard.expect_open(row)
        turn = number % 10
        if turn == 3:
            keyboard.press(*SNOOZE)
        elif turn == 6:
            keyboard.press(*LABEL)
            expect(visit.page.locator("#pane .chips")).to_contain_text("V")
            keyboard.press("e")
        elif turn == 8:
            keyboard.press(*ANSWER)
            expect(visit.page.locator(".is-queued")).to_contain_text("Ok")
            keyboard.press("e")
        else:
            keyboard.press("e")
    expect(visit.page.locator("#pane[data-open]")).to_have_count(0)
    expect(visit.page.locator("#inbox-list [data-row]")).to_have_count(0)
    assert keyboard.pressed <= KEYS_PER_REPLY * REPLIES, f"{keyboard.pressed} keys for {REPLIES} replies"
    tenth = REPLIES // 10
    wanted = {"done": REPLIES - tenth, "snoozed": tenth}
    for _ in range(100):  # rows leave the list at once, before the server has answered
        if states() == wanted:
            break
        visit.page.wait_for_timeout(100)
    assert states() == wanted
    with rls.scope(rls.SYSTEM):
        assert ContactLabel.objects.filter(name="V").count() == tenth
        assert OutboxMessage.objects.filter(text="Ok", state="queued").count() == tenth
