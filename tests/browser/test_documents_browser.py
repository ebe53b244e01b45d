"""Documentation pages in a browser: both languages and themes, narrow and wide, search by keyboard."""

import pytest
from playwright.sync_api import expect

from tests.browser.scenes import LOOKS, visiting
from tests.browser.test_pages_browser import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOWN = ("", "/getting-started", "/operations", "/glossary", "/decisions")


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.language}-{look.theme}")
def test_documents_in_every_look(browser, live_server, look):
    language = look.language[:2]
    with visiting(browser, live_server.url, look, None) as visit:
        for name in SHOWN:
            visit.open(f"/docs/{language}{name}")
            picture(visit, f"docs{name.replace('/', '-')}", look)
        visit.page.goto(f"/docs/{language}")
        visit.page.get_by_role("searchbox").fill("webhook")
        visit.page.get_by_role("searchbox").press("Enter")
        expect(visit.page.locator(".docs-hits mark").first).to_be_visible()
        visit.check("search results")
        picture(visit, "docs-search", look)
        assert visit.problems == []
