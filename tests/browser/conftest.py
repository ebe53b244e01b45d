"""Fixtures: a real browser (Debian's chromium, through playwright) against a live server.

Without chromium these tests are skipped with a message.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

CHROMIUM = shutil.which("chromium")
PICTURES = os.environ.get("SALESBRAIN_SCREENSHOTS", "")
"""Folder for screenshots; none are written if it is not set."""


@pytest.fixture(scope="module")  # no longer: its event loop would be in the way of every test after it
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium here: apt-get install chromium")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright's loop runs in the thread that makes the rows
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Browser, live_server) -> Iterator[Page]:
    """Return a browser page that fails the test on a console error or a content policy violation."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def fault(error: Error) -> None:
        complaints.append(str(error))

    page.on("console", note)
    page.on("pageerror", fault)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def picture(page: Page):
    """Return a function that saves a screenshot under a name, if screenshots are requested."""

    def take(name: str, *, whole: bool = False) -> None:
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=whole)

    return take
