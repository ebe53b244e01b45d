"""Benchmark of the pages of the largest customer and of the agency: time and SQL statements of each.

Requests run in this process, one after the other, so that times contain only PostgreSQL and rendering. Statements are counted in a separate
round, because counting takes time; the maximum of each page is declared by its view, independent of the number of rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any
from urllib.parse import quote
from uuid import UUID

import psycopg
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from accounts.models import EmailAccount, ProviderConnection
from bench import filling, polling
from bench import inbox as conversations
from bench.admin import ask, staff
from bench.checking import Wrong
from bench.plan import Plan
from bench.results import Results, progress
from bench.scratch import Scratch
from campaigns.models import Campaign
from salesbrain import rls

PART = "portal"
AIM = 8
P95 = 60.0
"""Target: milliseconds within which 95 of 100 responses of a customer's page must arrive."""

TIMES = {"full": 40, "quick": 15, "tiny": 2}
"""Requests of each page in a round, by plan."""

ACCOUNTS = 40
SHOWN = 160
"""Characters of a statement that the log shows."""

NO_WORK = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
SCOPE = ("set_config(", "current_setting('role')")
"""Beginnings of statements that are not counted: those that begin or end a transaction or set the scope, and touch no row."""

# The pages show the days up to now, and the rows that are filled in end long before: the rollups are moved up to today.
RECENT = (
    "UPDATE messaging_dailystats SET day = day + (current_date - (SELECT max(day) FROM messaging_dailystats))",
    "VACUUM FULL messaging_dailystats",
    "ANALYZE messaging_dailystats",
)
CONNECTED = "UPDATE accounts_providerconnection SET last_synced_at = now(), created_at = now() - interval '3 days'"
"""SQL that marks the first sync as complete, because pages ask for its progress until then."""

SEQUENCE = [
    {"steps": [{"type": "email", "delay": 2, "variants": [
        {"subject": f"Subject {step} {letter}", "body": f"<p>Hello, {'this is a text. ' * 60}</p>"} for letter in "AB"
    ]} for step in range(3)]}
]  # fmt: skip
SCHEDULE = {
    "schedules": [
        {
            "name": "Weekdays",
            "timing": {"from": "08:00", "to": "17:30"},
            "days": {str(day): True for day in range(1, 6)},
            "timezone": "Europe/Berlin",
        }
    ]
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """A logged-in HTTP client with its role's name, and the pages to request by name."""

    name: str
    client: Client
    pages: Mapping[str, str]
    limit: float | None


def measure(plan: Plan, scratch: Scratch, results: Results) -> None:
    """Fill a database of the plan's largest size and request every page, as the largest customer and as the agency."""
    size = plan.messages[-1]
    with scratch.connect(owner=True) as watching:
        library = filling.existing_library(watching) or filling.begin(watching, size)
        if library.messages < size:
            filling.grow(library, size, watching)
        conversations.fill(
            watching, library.big, conversations.CONVERSATIONS[plan.name], conversations.MAILS[plan.name]
        )
        accounts = furnish(library, watching)
        customer = pages_of(library, accounts, watching)
        words = library.words
    visitors = (
        Visitor("customer", conversations.owner(library.big), customer, P95),
        Visitor("agency", staff(), {name: customer[name] for name in OF_ALL}, None),
    )
    for visitor in visitors:
        report(
            results,
            visitor,
            size,
            response_times_ms(visitor, plan),
            {name: statements(visitor, name) for name in visitor.pages},
        )
    search_pages(results, visitors[0], words, plan, size)
    polling.measure(plan, scratch, results, part=PART, client=visitors[0].client, organization=library.big)


OF_ALL = ("overview", "campaigns", "email accounts", "contacts", "messages", "stats")
"""Pages measured for the agency, which looks at all organizations together."""


def furnish(library: filling.Library, watching: psycopg.Connection) -> list[UUID]:
    """Add email accounts to the customer and texts to the largest campaign, and move the data to recent days; return the accounts' ids."""
    for statement in (*RECENT, CONNECTED):
        watching.execute(statement)
    with rls.scope(rls.SYSTEM):
        campaigns = Campaign.objects.filter(pk=library.campaign)
        campaigns.update(sequences=SEQUENCE, schedule=SCHEDULE, senders=["nora@outreach.example"])
        connection_id = campaigns.values_list("connection_id", flat=True).get()
        assert ProviderConnection.objects.filter(pk=connection_id).exists()
        addresses = ["nora@outreach.example", *(f"nora{n}@outreach.example" for n in range(ACCOUNTS - 1))]
        known = EmailAccount.objects.filter(connection_id=connection_id)
        if not known.exists():
            EmailAccount.objects.bulk_create(
                EmailAccount(
                    organization_id=library.big, connection_id=connection_id, provider_id=address, address=address,
                    status="active", daily_limit=40, warmup_score=98,
                )
                for address in addresses
            )  # fmt: skip
        made = list(known.order_by("address").values_list("pk", flat=True))
    watching.execute("VACUUM (ANALYZE) accounts_emailaccount")
    progress(f"portal: {len(made)} email accounts are there, and the figures end today")
    return made


def pages_of(library: filling.Library, accounts: Sequence[UUID], watching: psycopg.Connection) -> dict[str, str]:
    """Return the pages of a customer by name, with the filters and orders that people choose most."""
    row = watching.execute(
        "SELECT contact_id, (SELECT min(happened_at)::date FROM messaging_message) FROM messaging_message "
        "WHERE organization_id = %s AND campaign_id = %s LIMIT 1",
        [library.big, library.campaign],
    ).fetchone()
    today = watching.execute("SELECT current_date - 6").fetchone()
    assert row and today
    contact, first = row
    campaign = f"campaign={library.campaign}"
    return {
        "overview": "/",
        "campaigns": "/campaigns",
        "campaigns, by reply rate, healthy": "/campaigns?order=-reply_rate&health=healthy&days=90",
        "campaign": f"/campaigns/{library.campaign}?days=90",
        "email accounts": "/email-accounts",
        "email account": f"/email-accounts/{accounts[0]}",
        "contacts": "/contacts",
        "contacts, by address": "/contacts?order=email",
        "contacts, part of a name": "/contacts?query=Sample77",
        "contacts, part of every name": "/contacts?query=sample",
        "contacts behind a figure": f"/contacts?figure=positive_replies&counted_since={today[0]}",
        "contacts, who replied": "/contacts?happened=replied",
        "contacts, who booked a meeting": "/contacts?happened=meeting",
        "contacts, must not be written to": "/contacts?happened=suppressed",
        "contacts, interested": "/contacts?interest=lead_interested",
        "contacts, last reply in 7 days": f"/contacts?since={today[0]}",
        "contacts of a campaign": f"/contacts?{campaign}",
        "contact": f"/contacts/{contact}",
        "messages": "/messages",
        "messages, received": "/messages?direction=in",
        "messages, replied": "/messages?status=replied",
        "messages behind a figure": f"/messages?figure=replied&since={first}&until={today[0]}",
        "messages, bounced": "/messages?status=bounced",
        "messages, of a day": f"/messages?since={first}&until={first}",
        "messages of a campaign": f"/messages?{campaign}&status=received",
        "messages of an email account": "/messages?account=nora@outreach.example",
        "messages, page 200": "/messages?page=200",
        "stats": "/stats",
        "stats, all days by campaign": "/stats?period=all&by=campaign",
        "stats, all days by email account": "/stats?period=all&by=email_account",
        "goals": "/settings/goals",
        "inbox": "/inbox",
    }


def response_times_ms(visitor: Visitor, plan: Plan) -> dict[str, list[float]]:
    """Return the response times of each page in milliseconds; the first request of a page is not counted."""
    found: dict[str, list[float]] = {name: [] for name in visitor.pages}
    for address in visitor.pages.values():
        opened(visitor.client, address)
    for round in range(plan.rounds):
        for name, address in visitor.pages.items():
            found[name] += [opened(visitor.client, address) for _ in range(TIMES[plan.name])]
        progress(f"portal: round {round + 1} of {plan.rounds} as {visitor.name}, {len(visitor.pages)} pages")
    return found


def opened(client: Client, address: str) -> float:
    content, milliseconds = ask(client, address)
    if '<main id="main"' not in content:
        raise Wrong(f"error: {address} is answered with something that is no page.")
    return milliseconds


def statements(visitor: Visitor, name: str) -> list[tuple[float, str]]:
    """Return the milliseconds and the text of each statement of a page that touches rows."""
    with CaptureQueriesContext(connection) as captured:
        opened(visitor.client, visitor.pages[name])
    work = [
        query
        for query in captured
        if not query["sql"].startswith(NO_WORK) and not any(part in query["sql"] for part in SCOPE)
    ]
    return [(_milliseconds(query["time"]), query["sql"]) for query in work]


def _milliseconds(time: str) -> float:
    """Return a statement's time in milliseconds; 0 where psycopg sent it together with BEGIN and no time is known."""
    return 1000 * float(time) if time[:1].isdigit() else 0.0


def report(
    results: Results,
    visitor: Visitor,
    size: int,
    found: Mapping[str, Sequence[float]],
    asked: Mapping[str, Sequence[tuple[float, str]]],
) -> None:
    """Record time and statement count of each page, print the statements of slow ones, and compare the customer's with the targets."""
    worst, too_many = 0.0, 0
    for name, taken in found.items():
        p95 = quantiles(taken, n=20)[-1]
        case = f"{size:,}, {visitor.name}: {name}"
        results.add(PART, case, "salesbrain", p50=median(taken), p95=p95)
        results.add(PART, case, "salesbrain", statements=float(len(asked[name])))
        worst = max(worst, p95)
        too_many += len(asked[name]) > most_statements(visitor.pages[name])
        if p95 > P95:
            took, text = max(asked[name], default=(0.0, ""))
            progress(f"portal: {p95:6.0f} ms  {case}; {took:.0f} ms of it: {' '.join(text.split())[:SHOWN]}")
    if visitor.limit is not None:
        results.aim(PART, AIM, f"slowest page of a customer at {size:,}, p95 ms", visitor.limit, worst, at_least=False)
        results.aim(PART, AIM, f"pages of a customer at {size:,} over their statements", 0, too_many, at_least=False)


def most_statements(address: str) -> int:
    """Return how many SQL statements the view of the page at this URL is allowed."""
    view: Any = resolve(address.partition("?")[0]).func
    return int(view.view_class.statements)


def search_pages(results: Results, visitor: Visitor, words: Sequence[str], plan: Plan, size: int) -> None:
    """Measure the search on the page of messages with a common word, a rare one and two words."""
    kinds = {"commonest word": words[0], "rare word": words[-1], "two words": f"{words[3]} {words[40]}"}
    searches = {f"messages, {kind}": f"/messages?query={quote(text)}" for kind, text in kinds.items()}
    searcher = Visitor("customer, search", visitor.client, searches, None)
    found = response_times_ms(searcher, plan)
    report(results, searcher, size, found, {name: statements(searcher, name) for name in searches})
