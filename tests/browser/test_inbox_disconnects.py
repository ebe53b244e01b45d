"""Open inbox on a connection that breaks off: every reply appears, and no row appears twice.

The page's own scripts run, on a clock that the test advances. Requests are lost on their way to the server, or their answers on the way
back.
"""

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from playwright.sync_api import Page, Request, Route

from messaging.models import Conversation
from salesbrain import rls
from tests import factories
from tests.browser.scenes import LOOKS, Visit, visiting
from tests.browser.test_inbox_browser import leave
from tests.messaging.web.test_inbox import replied

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DISCONNECTS = 200
REPLIES = 30
SHARE = 0.6
"""Share of the page's requests that are lost while the connection is bad."""

PAUSE = 15_000
"""Milliseconds by which the test advances the page's clock: the longest pause between two of its requests."""

ROWS = '[...document.querySelectorAll("#inbox-list [data-row]")].map((row) => row.dataset.row)'


class BadConnection:
    """Connection that loses a share of the requests for news (`poll`) and for the list (`list`), half of them after the server has
    answered.
    """

    def __init__(self, page: Page) -> None:
        self.page, self.dice, self.lost, self.under_way = page, Random(7), Counter[str](), set[Request]()
        page.on("request", lambda request: self.under_way.add(request))
        page.on("requestfinished", lambda request: self.under_way.discard(request))
        page.on("requestfailed", lambda request: self.under_way.discard(request))
        page.route("**/poll?*", lambda route: self._asked(route, "poll"))
        page.route("**/inbox*", self._maybe_list)

    def _maybe_list(self, route: Route) -> None:
        if route.request.headers.get("x-part") == "list":
            self._asked(route, "list")
        else:
            route.continue_()

    def _asked(self, route: Route, what: str) -> None:
        if self.dice.random() >= SHARE:
            return route.continue_()
        if self.dice.random() < 0.5:
            route.fetch()
        route.abort("connectionreset")
        self.lost[what] += 1
        return None

    def later(self) -> None:
        """Advance the page's clock, and answer or lose the requests it sends."""
        self.page.clock.run_for(PAUSE)
        self.page.wait_for_timeout(20)
        while self.under_way:
            self.page.wait_for_timeout(20)


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


@pytest.fixture
def visit(browser, live_server, customer, campaign) -> Iterator[Visit]:
    with visiting(browser, live_server.url, LOOKS[0], customer) as visit:
        visit.page.clock.install()
        yield visit
        leave(visit)


def shown(page: Page) -> list[str]:
    rows: list[str] = page.evaluate(ROWS)
    assert len(rows) == len(set(rows)), "a row is there twice"
    return rows


def test_no_reply_is_missed_and_no_row_is_there_twice_after_200_disconnects(visit, campaign):
    page = visit.page
    page.goto("/inbox?lane=all")
    bad = BadConnection(page)
    came = 0
    while bad.lost.total() < DISCONNECTS:
        if came < REPLIES and bad.lost.total() >= came * DISCONNECTS / REPLIES:
            replied(campaign, f"person{came}@firm{came}.example", f"1{came // 10}:{came % 10:02}")
            came += 1
        bad.later()
        shown(page)
    page.unroute_all(behavior="wait")
    for _ in range(3):  # the connection is good again: the latest question is asked once more, and the list after it
        bad.later()
    with rls.scope(rls.SYSTEM):
        wanted = [str(id) for id in Conversation.objects.order_by("-last_mail_at", "-pk").values_list("pk", flat=True)]
    assert shown(page) == wanted and len(wanted) == REPLIES
    assert bad.lost["poll"] > 20 and bad.lost["list"] > 20, bad.lost
    visit._said[:] = [text for text in visit._said if "ERR_CONNECTION_RESET" not in text]  # what this test took away
