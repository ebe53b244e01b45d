"""Take screenshots of a running demo: those of the README, or with --all of every page.

    make run            # in another terminal; wait until its history is complete
    .venv/bin/python .ci/pictures.py --url http://127.0.0.1:8001
    .venv/bin/python .ci/pictures.py --all .local/pictures

Needs Debian's chromium and playwright (`make dev`).
"""

import argparse
import itertools
import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHECKOUT = Path(__file__).resolve().parent.parent
IMAGES = CHECKOUT / "docs" / "images"
CUSTOMER, STAFF = "customer@acme.example", "admin@salesbrain.example"
PAGES = {
    "overview": "/",
    "inbox": "/inbox",
    "campaigns": "/campaigns",
    "accounts": "/email-accounts",
    "contacts": "/contacts",
    "messages": "/messages",
    "stats": "/stats",
    "goals": "/settings/goals",
}
FIRST_OF = {"campaign": "/campaigns", "account": "/email-accounts", "contact": "/contacts?happened=meeting"}
SIZES = {"1440": (1440, 900), "360": (360, 740)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8001", help="where the demo answers (default %(default)s)")
    parser.add_argument(
        "--all", type=Path, metavar="FOLDER", help="every page into this folder, not the README's pictures"
    )
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        if options.all:
            take_all(browser, options.url, options.all)
        else:
            take_readme(browser, options.url)
        browser.close()
    return 0


def take_readme(browser: Browser, url: str) -> None:
    page = opened(browser, url, language="en", theme="light", size=SIZES["1440"])
    log_in(page, CUSTOMER)
    page.screenshot(path=IMAGES / "overview.png")
    page.goto("/inbox")
    page.locator("a.conversation-link").first.click()
    # Not for a silent network: an inbox asks for news every few seconds.
    page.locator("#pane[data-open]").wait_for()
    page.screenshot(path=IMAGES / "inbox.png")
    open_first(page, "/campaigns")
    page.locator("canvas").first.wait_for()
    page.screenshot(path=IMAGES / "campaign.png")
    page = opened(browser, url, language="en", theme="light", size=SIZES["1440"])
    log_in(page, STAFF)
    page.goto("/admin/")
    page.screenshot(path=IMAGES / "start.png")
    page.goto("/admin/isolation/")
    if page.locator(".sb-table").count():
        page.screenshot(path=IMAGES / "isolation.png")
    else:
        print("isolation.png was left as it is: run manage.py prove_isolation first")


def take_all(browser: Browser, url: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for language, theme, width in itertools.product(("en", "de"), ("light", "dark"), SIZES):
        page = opened(browser, url, language=language, theme=theme, size=SIZES[width])
        name = f"{language}-{theme}-{width}"
        page.goto("/login")
        page.screenshot(path=folder / f"login-{name}.png", full_page=True)
        log_in(page, CUSTOMER)
        for place, path in PAGES.items():
            page.goto(path)
            page.screenshot(path=folder / f"{place}-{name}.png", full_page=True)
        for place, path in FIRST_OF.items():
            open_first(page, path)
            page.screenshot(path=folder / f"{place}-{name}.png", full_page=True)
        page.context.close()


def open_first(page: Page, path: str) -> None:
    """Open the first row of a list."""
    page.goto(path)
    page.locator("main tbody a[href]").first.click()
    page.wait_for_load_state()


def opened(browser: Browser, url: str, *, language: str, theme: str, size: tuple[int, int]) -> Page:
    context = browser.new_context(
        base_url=url,
        locale=language,
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": size[0], "height": size[1]},
    )
    return context.new_page()


def log_in(page: Page, email: str) -> None:
    page.goto("/login")
    page.locator(f'button[name=email][value="{email}"]').click()
    page.wait_for_load_state()


if __name__ == "__main__":
    raise SystemExit(main())
