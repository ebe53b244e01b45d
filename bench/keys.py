"""Key to paint: the time from a key to the next conversation on the screen, in a browser.

Needs chromium and playwright (requirements/dev.txt); without them the aim is reported as not measured. The web server and the browser share
this machine, so that each slows the other, and the times include that. The clock is the browser's own: from the key's time stamp to the
frame after the pane has changed.
"""

import shutil
from statistics import median, quantiles
from uuid import UUID

from django.conf import settings

from bench import filling, inbox, processes
from bench.plan import Plan
from bench.results import Results, progress
from bench.scratch import Scratch
from salesbrain.local.run.static import collecting_static_files

PART = "keys"
AIM = 8
LIMIT = 100.0
"""Milliseconds that 95 of 100 keys may take at most."""

KEYS = {"full": 60, "quick": 20, "tiny": 2}
READING = 700
"""Milliseconds between two keys: the least time to read a reply, in which the next conversation is fetched."""

WATCH = """() => {
  window.painted = [];
  let began = 0, was = "";
  addEventListener("keydown", (event) => { began = event.timeStamp; was = document.getElementById("pane").dataset.open; }, true);
  new MutationObserver(() => {
    const is = document.getElementById("pane")?.dataset.open;
    if (!began || !is || is === was) return;
    const from = began;
    began = 0;
    requestAnimationFrame(() => setTimeout(() => window.painted.push(performance.now() - from)));
  }).observe(document.querySelector("[data-inbox]"), { childList: true, subtree: true, attributes: true });
}"""


def measure(plan: Plan, scratch: Scratch, results: Results) -> None:
    """Go through a lane of the inbox benchmark's organization with `j`, then close conversations with `e`."""
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None:
        note = "needs chromium and requirements/dev.txt"
        results.aim(PART, AIM, "key to the next conversation painted, p95 ms", LIMIT, None, at_least=False, note=note)
        return
    organization, count = _filled(plan, scratch)
    with collecting_static_files():
        pass
    session = inbox.owner(organization).cookies[settings.SESSION_COOKIE_NAME].value
    port = processes.free_port()
    with (
        processes.started("keys-web", processes.web(port), port=port, HTTPS="false"),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(base_url=f"http://127.0.0.1:{port}", viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": session, "url": f"http://127.0.0.1:{port}"}])
        page = context.new_page()
        for key, words in (("j", "next one"), ("e", "done and next one")):
            page.goto("/inbox?lane=needs_reply")
            page.locator(".conversation-link").first.click()
            page.wait_for_selector("#pane[data-open]")
            page.evaluate(WATCH)
            for number in range(KEYS[plan.name]):
                page.wait_for_timeout(READING)
                page.keyboard.press(key)
                page.wait_for_function("(count) => window.painted.length >= count", arg=number + 1)
            times = [float(each) for each in page.evaluate("window.painted")]
            p95 = quantiles(times, n=20)[-1]
            case = f"{count:,} conversations: {key}, {words}"
            results.add(PART, case, "salesbrain", p50=median(times), p95=p95)
            results.aim(PART, AIM, f"{case} painted, 95 % of the keys, ms", LIMIT, p95, at_least=False)
        browser.close()


def _filled(plan: Plan, scratch: Scratch) -> tuple[UUID, int]:
    """Fill the inbox benchmark's conversations in, if missing; return their organization's id and their number."""
    size, count = plan.messages[0], inbox.CONVERSATIONS[plan.name]
    with scratch.connect(owner=True) as watching:
        library = filling.existing_library(watching) or filling.begin(watching, size)
        inbox.fill(watching, library.big, count, inbox.MAILS[plan.name])
    progress(f"keys: {count:,} conversations are there")
    return library.big, count
