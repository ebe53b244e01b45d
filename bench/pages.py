"""First load of pages in a browser: bytes over the wire, time to the first contentful paint.

Each load is a first visit, with an empty cache, to a server with files collected and compressed as in production.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any

from bench import filling, processes
from bench.inbox import CONVERSATIONS, MAILS, fill, owner
from bench.plan import Plan
from bench.results import Results, progress
from bench.scratch import CHECKOUT, Scratch

PART = "pages"
AIM = 9
PAINT, BYTES = 400.0, 80 * 1024.0
"""Targets of a first load: milliseconds to the first contentful paint, and bytes."""

LOADS = {"full": 6, "quick": 3, "tiny": 1}
PAGES = (
    "/login",
    "/",
    "/inbox",
    "/campaigns",
    "/email-accounts",
    "/contacts",
    "/messages",
    "/stats",
    "/settings",
    "/settings/team",
)
FIRST_PAINT = """new Promise((done) => new PerformanceObserver((list) => {
    const paint = list.getEntriesByName("first-contentful-paint")[0];
    if (paint) done(paint.startTime);
}).observe({ type: "paint", buffered: true }))"""
MISSING = "not measured: needs chromium (Debian: apt-get install chromium) and `make dev`"


def measure(plan: Plan, scratch: Scratch, results: Results) -> None:
    """Fill a database of the plan's smallest size and load every page again and again, each time in a new browser profile."""
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None:
        for text, limit in (("bytes of a first load", BYTES), ("first contentful paint, ms", PAINT)):
            results.aim(PART, AIM, text, limit, None, at_least=False, note=MISSING)
        progress(f"pages: {MISSING}")
        return
    with scratch.connect(owner=True) as watching:
        library = filling.existing_library(watching) or filling.begin(watching, plan.messages[0])
        if library.messages < plan.messages[0]:
            filling.grow(library, plan.messages[0], watching)
        fill(watching, library.big, CONVERSATIONS["tiny"], MAILS["tiny"])
        key = owner(library.big).session.session_key
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright's loop runs in this thread
    with serving() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        worst = [0.0, 0.0]
        for address in PAGES:
            loads = [load(browser, url, address, str(key)) for _ in range(1 + LOADS[plan.name] * plan.rounds)][1:]
            worst = list(map(max, worst, report(address, loads, results)))
        browser.close()
    results.aim(PART, AIM, "bytes of a first load, the heaviest page", BYTES, worst[0], at_least=False)
    results.aim(PART, AIM, "first contentful paint, the slowest page, p95 ms", PAINT, worst[1], at_least=False)
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def serving() -> Iterator[str]:
    """Serve the product over plain HTTP with collected static files during the block. They are removed at the end: a later `make run` would
    serve them."""
    port, collected = processes.free_port(), CHECKOUT / ".local" / "static"
    were_there = collected.exists()
    command = [str(processes.PYTHON), "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    try:
        subprocess.run(command, cwd=CHECKOUT, check=True)
        with processes.started("pages", processes.web(port), port=port, HTTPS="false"):
            yield f"http://127.0.0.1:{port}"
    finally:
        if not were_there:
            shutil.rmtree(collected, ignore_errors=True)


def load(browser: Any, url: str, address: str, session: str) -> tuple[float, float]:
    """Open a page once in a new browser; return bytes over the wire and milliseconds to the first contentful paint."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    if address != "/login":
        context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    received: list[float] = []
    wire.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    answer = page.goto(url + address, wait_until="networkidle")
    if answer.status != 200:
        raise SystemExit(f"error: {address} was answered with {answer.status}.")
    paint = page.evaluate(FIRST_PAINT)
    context.close()
    return sum(received), paint


def report(address: str, loads: list[tuple[float, float]], results: Results) -> tuple[float, float]:
    """Note a page's figures; return its bytes, and the milliseconds that 95 of 100 first paints took at most."""
    weight, paints = max(weight for weight, _ in loads), [paint for _, paint in loads]
    p95 = quantiles(paints, n=20)[-1] if len(paints) > 1 else paints[0]
    results.add(PART, address, "salesbrain", unit="ms", paint_p50=median(paints), paint_p95=p95)
    results.add(PART, address, "salesbrain", unit="bytes", first_load=weight)
    progress(f"pages: {address}: {weight / 1024:.1f} KiB, first paint {median(paints):.0f} ms, p95 {p95:.0f} ms")
    return weight, p95
