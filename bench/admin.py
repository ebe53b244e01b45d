"""Benchmark of the admin: lists with every filter, order, search and page, and staff's own pages.

The addresses to open are taken from the links of the pages themselves; a page that fails or is slow ends the run. Pages are opened in
this process, one after the other, so that a time is what PostgreSQL and rendering need.
"""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from statistics import median, quantiles
from time import perf_counter
from typing import Any
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.contrib import admin
from django.test import Client

from bench import filling, staff_pages
from bench.cast import viewer_for_pages
from bench.checking import Wrong
from bench.plan import Plan
from bench.results import Results, progress
from bench.scratch import Scratch
from salesbrain.kernel import gc_tuning

PART = "admin"
P95 = 300.0
"""Target: milliseconds within which 95 of 100 pages must respond."""

LINK = re.compile(r'href="(\?[^"]*)"')
FACETS = "_facets=True"
SLOWEST_NAMED = 12
OF_EACH = {"full": 6, "quick": 3, "tiny": 1}
"""Links of each filter that are opened, by plan."""

AIM = 7

DELIVERIES = """INSERT INTO instantly_delivery (connection_id, digest, event_type, campaign, body, origin, received_at)
    SELECT connection_id, sha256(id::text::bytea), type, campaign_id::text, '{}', origin, happened_at FROM messaging_event
    ON CONFLICT DO NOTHING"""
HELD = """INSERT INTO instantly_held (delivery_id, reason, detail, held_at)
    SELECT id, (ARRAY['dead', 'unknown_campaign', 'failed', 'dismissed'])[1 + id % 4], 'why', received_at FROM instantly_delivery
    WHERE id % 200 = 0 ON CONFLICT DO NOTHING"""
PENDING = (
    "INSERT INTO instantly_pending SELECT id FROM instantly_delivery ORDER BY id DESC LIMIT 1000 ON CONFLICT DO NOTHING"
)
AUDIT = """INSERT INTO accounts_auditentry (at, actor_name, action, target_type, target_id, detail)
    SELECT happened_at, 'viewer@bench.example', (ARRAY['admin.read', 'login', 'export'])[1 + abs(id) % 3], 'messaging.message',
        message_id::text, '{}' FROM messaging_event WHERE id % 10 = 0"""
SUPPRESSIONS = """INSERT INTO messaging_suppression (id, organization_id, email, reason, detail, first_at, last_at, lifted_by,
        lift_reason, created_at, updated_at)
    SELECT gen_random_uuid(), organization_id, email, 'manual', '', first_seen_at, first_seen_at, '', '', now(), now()
    FROM messaging_contact WHERE right(email, 12) > '5' ON CONFLICT DO NOTHING"""
RARE = """UPDATE messaging_message SET bounced_at = happened_at WHERE direction = 'out' AND abs(hashtext(id::text)) % 200 = 0"""
TABLES = (
    "instantly_delivery",
    "instantly_held",
    "instantly_pending",
    "accounts_auditentry",
    "messaging_suppression",
    "messaging_message",
)


def measure(plan: Plan, scratch: Scratch, results: Results) -> None:
    """Fill a database of the plan's largest size and open every page in every round."""
    size = plan.messages[-1]
    with scratch.connect(owner=True) as watching:
        library = filling.existing_library(watching) or filling.begin(watching, size)
        if library.messages < size:
            filling.grow(library, size, watching)
        fill_the_rest(watching)
        client = staff()
        own = list(staff_pages.addresses())
        asked = [*questions(client, terms(library, watching), OF_EACH[plan.name]), *own]
        times: dict[str, list[float]] = {}
        for round in range(plan.rounds):
            for url in asked:
                times.setdefault(url, []).append(ask(client, url)[1])
            progress(f"admin at {size:,}: round {round + 1} of {plan.rounds}, {len(asked)} questions")
    medians = {url: median(each) for url, each in times.items()}
    report(medians, size, results)
    report_own(
        {url: medians[url] for url in own}, {url: took for url, took in medians.items() if FACETS in url}, size, results
    )


def report(times: dict[str, float], size: int, results: Results) -> None:
    """Record the times, name the slowest pages, and compare them with the target."""
    ordered = sorted(times.values())
    p95 = quantiles(ordered, n=20)[-1] if len(ordered) > 1 else ordered[0]
    case = f"{size:,}: every list, filter, order and search"
    results.add(PART, case, "salesbrain", p50=median(ordered), p95=p95)
    results.add(PART, case, "salesbrain", unit="ms", slowest=ordered[-1])
    results.add(PART, case, "salesbrain", questions=float(len(ordered)))
    for url in sorted(times, key=lambda url: -times[url])[:SLOWEST_NAMED]:
        progress(f"admin: {times[url]:6.0f} ms  {url}")
    results.aim(PART, AIM, f"lists of the admin at {size:,}, p95 ms", P95, p95, at_least=False)


def report_own(own: dict[str, float], facets: dict[str, float], size: int, results: Results) -> None:
    """Record the times of staff's own pages and of lists with counts beside their filters, which are few among the others."""
    for name, times in (("assignment, promotion, trust, radar, jobs", own), ("counts beside filters", facets)):
        ordered = sorted(times.values())
        p95 = quantiles(ordered, n=20)[-1] if len(ordered) > 1 else ordered[0]
        results.add(PART, f"{size:,}: {name}", "salesbrain", p50=median(ordered), p95=p95)
        results.add(PART, f"{size:,}: {name}", "salesbrain", unit="ms", slowest=ordered[-1])
        results.aim(PART, AIM, f"{name} at {size:,}, p95 ms", P95, p95, at_least=False)
        for url in sorted(times, key=lambda url: -times[url])[:SLOWEST_NAMED]:
            progress(f"admin, {name}: {times[url]:6.0f} ms  {url}")


def fill_the_rest(watching: psycopg.Connection) -> None:
    """Fill the admin's other tables: deliveries (also pending and held ones), suppressions, audit log, bounced mails."""
    for statement in (DELIVERIES, HELD, PENDING, AUDIT, SUPPRESSIONS, RARE):
        watching.execute(statement)
    staff_pages.fill()
    for table in TABLES:
        watching.execute(f"VACUUM (ANALYZE) {table}")
    progress("admin: deliveries, suppressions and the audit log are there")


def staff() -> Client:
    """Return a logged-in HTTP client of a staff member with all rights, without second factor and static files."""
    gc_tuning.reduce_gc_frequency()  # as a web process does
    settings.SECOND_FACTOR_REQUIRED = False
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    client = Client(headers={"host": "127.0.0.1"}, raise_request_exception=False)
    client.force_login(viewer_for_pages())
    return client


def terms(library: filling.Library, watching: psycopg.Connection) -> list[str]:
    """Return search terms as people type them: an address, keys, common and rare words, and one without hits."""
    row = watching.execute(
        "SELECT c.email, m.id::text, m.subject FROM messaging_message m JOIN messaging_contact c ON c.id = m.contact_id LIMIT 1"
    ).fetchone()
    assert row
    email, key, subject = row
    common, rare = library.words[0], library.words[-1]
    return [
        email,
        email.split("@")[0],
        key,
        subject,
        subject[:5],
        common,
        rare,
        f"{common} {rare}",
        "no-such-thing",
        "4711",
    ]


def some(queries: Iterable[str], of_each: int) -> list[str]:
    """Return up to `of_each` links per filter, evenly spaced, because links that differ only in the value cost the same."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for query in dict.fromkeys(queries):
        names = tuple(sorted(part.split("=")[0] for part in query.lstrip("?").split("&")))
        order = (query.split("o=")[1].lstrip("-").split(".")[0],) if names == ("o",) else ()
        groups.setdefault(names + order, []).append(query)
    return [query for group in groups.values() for query in group[:: max(1, -(-len(group) // of_each))]]


def questions(client: Client, searched: list[str], of_each: int) -> Iterator[str]:
    """Yield the URLs to open of a list: itself, some of its filters, orders and pages, searches, and counts of filters."""
    yield "/admin/"
    for model, page in sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label):
        url = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        content, _ = ask(client, url)
        yield url
        yield from (url + query for query in some(map(unescape, LINK.findall(content)), of_each))
        yield f"{url}?{FACETS}"
        if page.search_fields:
            yield from (f"{url}?q={quote(term)}" for term in searched)


def ask(client: Any, url: str) -> tuple[str, float]:
    """Open a page; return it and the milliseconds it took. Raises Wrong for an error."""
    began = perf_counter()
    answer = client.get(url, secure=True)
    content = answer.content.decode()
    took = 1000 * (perf_counter() - began)
    if answer.status_code not in (200, 302) or (answer.status_code == 302 and "e=1" in answer["Location"]):
        raise Wrong(f"error: the admin answered {answer.status_code} to {url}; the log above says why.")
    return content, took
