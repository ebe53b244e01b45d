"""Time from the 200 of a reply's webhook to its row on the screen of an open inbox.

Web server, worker and browser run as in production, all on this machine. The page polls the feed's position every few seconds and reloads
its list after a change, so most of the time is the pause between polls; replies arrive at any moment of it. The clock is the machine's, in
Python and in the browser. Needs chromium and playwright (requirements/dev.txt); without them the aim is reported as not measured.
"""

import json
import shutil
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median, quantiles
from typing import Any

import requests
from django.conf import settings

from bench import cast, filling, inbox, processes
from bench.checking import Wrong
from bench.plan import Plan
from bench.results import Results, progress
from bench.scratch import Scratch
from salesbrain.local.run.static import collecting_static_files

PART = "live"
AIM = 8
LIMIT = 5000.0
"""Target: milliseconds within which 95 of 100 replies must be shown."""

REPLIES = {"full": 100, "quick": 30, "tiny": 3}
PAUSES = 0.5, 4.0
"""Minimum and maximum of seconds between two replies, so that they arrive at any moment between two polls of the page."""

PATIENCE = 60.0
PATH = "/webhooks/instantly/webhook"

WATCH = """() => {
  window.shown = {};
  window.twice = [];
  new MutationObserver(() => {
    const names = [...document.querySelectorAll("#inbox-list [data-row] .who")].map((who) => who.textContent.trim().split(" ").at(-1));
    for (const name of names) if (names.indexOf(name) !== names.lastIndexOf(name)) window.twice.push(name);
    const at = new Set(names.filter((name) => !(name in window.shown)));
    if (at.size) requestAnimationFrame(() => setTimeout(() => { for (const name of at) window.shown[name] ??= Date.now(); }));
  }).observe(document.querySelector("[data-inbox]"), { childList: true, subtree: true, characterData: true });
}"""


def measure(plan: Plan, scratch: Scratch, results: Results) -> None:
    """Deliver replies one after the other at random moments, and record when each appears on the screen."""
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    aim = "reply on the screen after its webhook's 200, 95 % of the replies, ms"
    if chromium is None:
        note = "needs chromium and requirements/dev.txt"
        results.aim(PART, AIM, aim, LIMIT, None, at_least=False, note=note)
        return
    workspace, session, count = _furnished(plan, scratch)
    with collecting_static_files():
        pass
    port = processes.free_port()
    with (
        processes.started("live-web", processes.web(port), port=port, HTTPS="false"),
        processes.started("live-worker", processes.worker()),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(base_url=f"http://127.0.0.1:{port}", viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": session, "url": f"http://127.0.0.1:{port}"}])
        page = context.new_page()
        page.goto("/inbox?lane=all")
        page.evaluate(WATCH)
        url = f"http://127.0.0.1:{port}{PATH}"
        _shown(
            page, set(_deliver(url, workspace, 1, page, "first"))
        )  # the worker has started, and every statement has its plan
        answered = _deliver(url, workspace, REPLIES[plan.name], page, "live")
        shown = _shown(page, set(answered))
        browser.close()
    times = [shown[name] - at for name, at in answered.items()]
    p95 = quantiles(times, n=20)[-1]
    results.add(PART, f"{count:,} conversations: reply on the screen", "salesbrain", p50=median(times), p95=p95)
    results.aim(PART, AIM, aim, LIMIT, p95, at_least=False)


def _furnished(plan: Plan, scratch: Scratch) -> tuple[cast.Workspace, str, int]:
    """Return a workspace of the inbox benchmark's organization, the session of its owner, and how many conversations it has."""
    size, count = plan.messages[0], inbox.CONVERSATIONS[plan.name]
    with scratch.connect(owner=True) as watching:
        library = filling.existing_library(watching) or filling.begin(watching, size)
        inbox.fill(watching, library.big, count, inbox.MAILS[plan.name])
    progress(f"live: {count:,} conversations are there")
    workspace = cast.workspace(PART, [library.big], campaigns=1)
    return workspace, inbox.owner(library.big).cookies[settings.SESSION_COOKIE_NAME].value, count


def _deliver(url: str, workspace: cast.Workspace, count: int, page: Any, name: str) -> dict[str, float]:
    """Deliver replies of new people; return by address the time of the webhook's response, in ms since 1970."""
    dice, answered = Random(7), {}
    for number in range(count):
        lead = f"{name}{number}@reply{number}.example"
        body = json.dumps(_reply(workspace, lead, f"{name}-{number}"))
        answer = requests.post(url, data=body, headers={"X-Webhook-Secret": workspace.secret}, timeout=10)
        if answer.status_code != 200:
            raise Wrong(f"error: a reply was answered with {answer.status_code}.")
        answered[lead] = time.time() * 1000
        page.wait_for_timeout(1000 * dice.uniform(*PAUSES))
    return answered


def _reply(workspace: cast.Workspace, lead: str, email_id: str) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(seconds=1)
    return {
        "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "event_type": "reply_received",
        "workspace": workspace.workspace_id,
        "campaign_id": workspace.campaigns[0],
        "lead_email": lead,
        "email_account": "nora0@outreach.example",
        "email_id": email_id,
        "step": 1,
        "variant": 1,
        "reply_subject": "Re: Hello",
        "reply_text": "Yes, please tell me more.",
    }


def _shown(page: Any, wanted: set[str]) -> Mapping[str, float]:
    """Wait until every reply is on the screen; return its time by address. Raises Wrong if one is missing or shown twice."""
    due = time.monotonic() + PATIENCE
    while missed := wanted - set(found := page.evaluate("window.shown")):
        if time.monotonic() > due:
            raise Wrong(f"error: {len(missed)} of {len(wanted)} replies are not on the screen after {PATIENCE:.0f} s.")
        page.wait_for_timeout(200)
    if twice := page.evaluate("window.twice"):
        raise Wrong(f"error: {len(set(twice))} rows were on the screen twice.")
    return {name: float(at) for name, at in found.items()}
