"""Open pages in a browser and check them: content policy, console, accessibility, width, weight."""

import gzip
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from axe_playwright_python.sync_playwright import DEFAULT_OPTIONS, Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Response

from accounts.models import User

WIDTHS = (360, 768, 1440)
HEIGHT = 900
SERIOUS = {"serious", "critical"}
HEAVIEST = 80 * 1024
"""Maximum of bytes of a page's first load, gzipped."""

WATCH = """document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`));"""


FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


@dataclass(frozen=True)
class Look:
    """Combination of language and theme."""

    language: str
    theme: Any


LOOKS = (Look("en-GB", "light"), Look("en-GB", "dark"), Look("de-DE", "light"), Look("de-DE", "dark"))


@dataclass
class Visit:
    """A browser window that records problems of the pages it opens."""

    page: Page
    problems: list[str] = field(default_factory=list)
    measured: list[tuple[str, int, float]] = field(default_factory=list)
    """For each opened page its URL, the gzipped bytes of its load, and the milliseconds to the first contentful paint, which are printed
    but never asserted.
    """

    _answers: list[Any] = field(default_factory=list)
    _said: list[str] = field(default_factory=list)

    def open(self, address: str, *, status: int = 200) -> None:
        """Open a page and check it in every width; findings are added to `problems`."""
        self._answers.clear()
        answer = self.page.goto(address)
        self.page.wait_for_load_state("networkidle")
        weight = sum(self._weight(each) for each in self._answers if each.ok and "/poll" not in each.url)
        self.measured.append((address, weight, self.page.evaluate(FIRST_PAINT)))
        if weight > HEAVIEST:
            self.problems.append(f"{address}: {weight} bytes gzipped, {HEAVIEST} are allowed")
        if answer is None or answer.status != status:
            self.problems.append(f"{address}: answered {answer.status if answer else 'nothing'} instead of {status}")
        # A browser says in its console that a page was not found; that is no fault of the page.
        self._said[:] = [text for text in self._said if status < 400 or "Failed to load resource" not in text]
        self.check(address)

    def listen(self, message: ConsoleMessage) -> None:
        """Record an error of the browser's console, except a missing /favicon.ico: error pages name none, so the browser requests that."""
        if message.type == "error" and not message.location["url"].endswith("/favicon.ico"):
            self._said.append(message.text)

    def _weight(self, answer: Response) -> int:
        try:
            body = answer.body()
        except Error:  # the browser has let it go by now: ask for it again
            body = self.page.request.get(answer.url).body()
        return len(gzip.compress(body))

    def check(self, name: str) -> None:
        """Check the current page; findings are recorded under `name`."""
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            too_wide = self.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
            if too_wide > 0:
                self.problems.append(f"{name}: {too_wide} pixels too wide at {width}")
        for width in (WIDTHS[0], WIDTHS[-1]):
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            self.problems += [f"{name} at {width}: {said}" for said in faults(self.page)]
        self.problems += [f"{name}: {said}" for said in self._said]
        self._said.clear()


def faults(
    page: Page, but: Mapping[str, re.Pattern[str]] = MappingProxyType({}), only: Sequence[str] = ()
) -> list[str]:
    """Return what axe calls serious or critical, with the first element it is about.

    `but`: by axe's rule, elements of third parties to ignore (as HTML). `only`: rules to apply instead of all.
    """
    found = []
    for fault in Axe().run(page, options={"runOnly": list(only)} if only else DEFAULT_OPTIONS).response["violations"]:
        excused = but.get(fault["id"])
        nodes = [node["html"] for node in fault["nodes"] if not (excused and excused.search(node["html"]))]
        if fault["impact"] in SERIOUS and nodes:
            found.append(f"{fault['id']}: {nodes[0][:200]}")
    return found


@contextmanager
def visiting(browser: Browser, base_url: str, look: Look, user: User | None) -> Iterator[Visit]:
    """Open a browser window logged in as a user (None: not logged in)."""
    context: BrowserContext = browser.new_context(
        base_url=base_url,
        locale=look.language,
        color_scheme=look.theme,
        viewport={"width": WIDTHS[-1], "height": HEIGHT},
    )
    context.add_init_script(WATCH)
    if user is not None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base_url}])
    visit = Visit(context.new_page())
    visit.page.on("console", visit.listen)
    visit.page.on("pageerror", lambda error: visit._said.append(str(error)))
    visit.page.on("response", lambda answer: visit._answers.append(answer))
    yield visit
    for address, weight, paint in visit.measured:
        sys.stdout.write(
            f"{address} {look.language} {look.theme}: {weight / 1024:.1f} KB gzipped, first paint {paint:.0f} ms\n"
        )
    context.close()
