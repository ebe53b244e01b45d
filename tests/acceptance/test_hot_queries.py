"""Query plans of the most frequent reads: each can use an index instead of reading a whole table.

The planner would prefer a scan of a test's few rows, so scans are disabled. `python -m bench explain` shows the real plans at a million
messages.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign
from messaging import search
from salesbrain import rls
from tests import factories

DETOURS = ("seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin", "material")
"""Plan nodes that the planner prefers for few rows, or for a table that it takes for empty after an earlier test."""
NO_DETOURS = "; ".join(f"SET LOCAL enable_{detour} = off" for detour in DETOURS)
READS = re.compile(r"(\s*--[^\n]*\n)*\s*(SELECT|WITH)\b")
"""Beginning of a statement that reads, behind its comment."""

IN_ORDER = "in the order of an index"
ROUTES = {
    "campaigns": IN_ORDER,
    "campaign/{campaign}": "",
    "campaign/{campaign}/messages": IN_ORDER,
    "campaign/{campaign}/messages?cursor=": IN_ORDER,
    "campaign/{campaign}/messages?cursor=&offset=1&limit=1": IN_ORDER,
    "campaign/{campaign}/stats": "",
    "email-accounts": IN_ORDER,
    "contacts": IN_ORDER,
    "contacts?cursor=": IN_ORDER,
    "conversations": IN_ORDER,
    "conversations?cursor=": IN_ORDER,
    "conversations?ordering=updated_at&cursor=": IN_ORDER,
    "conversations/{contact}": "",
    "events": IN_ORDER,
    "stats": "",
    "search/messages?query=question": "",
}


@pytest.fixture
def filled(acme_connection):
    campaign = factories.campaign(acme_connection, "One")
    with rls.scope(rls.SYSTEM):  # pages enough that nobody would walk through them for one
        Campaign.objects.bulk_create(
            Campaign(
                connection=acme_connection, organization=campaign.organization, provider_id=f"other-{n}", name="Other"
            )
            for n in range(200)
        )
    for step in (1, 2, 3):
        message = factories.message(campaign, "lead@lead.example", step=step, subject="A question")
    factories.conversation(message.contact)
    factories.event(campaign, 1, contact=message.contact, message=message, position=1)
    factories.daily_stats(campaign, sent=3)
    factories.email_account(acme_connection, "sender@sender.example")
    with rls.scope(rls.SYSTEM):
        search.rebuild()
    search.index_pending()
    return {"campaign": campaign.pk, "contact": message.contact_id}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def plan_of(sql: str, params: Any, scope: rls.Scope) -> list[dict[str, Any]]:
    with rls.scope(scope), connection.cursor() as cursor:
        cursor.execute(NO_DETOURS)
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params or None)
        return list(nodes(cursor.fetchone()[0][0]["Plan"]))


def walked(plan: list[dict[str, Any]]) -> set[str]:
    """Return the tables that a plan reads without a key: sequentially, or through a whole index."""
    return {
        node["Relation Name"]
        for node in plan
        if node.get("Relation Name", "").startswith(("messaging_", "campaigns_", "accounts_emailaccount"))
        and "Index Cond" not in node
    }


def reads_of_tables(queries: Any) -> list[tuple[str, Any]]:
    asked = [(query["sql"], query.get("params")) for query in queries]
    return [
        (sql, params)
        for sql, params in asked
        if READS.match(sql) and ("messaging_" in sql or "campaigns_" in sql or "accounts_emailaccount" in sql)
    ]


@pytest.mark.parametrize("route", ROUTES)
def test_a_frequent_query_finds_its_rows_by_an_index(api, customer, acme, filled, route):
    client = api(customer)
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/api/instantly/" + route.format(**filled)).status_code == 200
    asked = reads_of_tables(queries)
    assert asked, "nothing was read, so this shows nothing"
    for sql, params in asked:
        plan = plan_of(sql, params, rls.customer(acme.pk))
        assert not walked(plan), f"{route} reads these without a key: {walked(plan)}\n{sql}"
    if ROUTES[route] == IN_ORDER:
        page = next(plan_of(sql, params, rls.customer(acme.pk)) for sql, params in asked if "row_to_json" in sql)
        sorts = [node for node in page if node["Node Type"] == "Sort"]  # an incremental one ends with the page
        assert not sorts, f"{route} sorts what an index could give in order"


@pytest.mark.parametrize("route", ["events", "campaign/{campaign}/messages"])
def test_staff_queries_use_an_index_too(api, viewer, filled, route):
    client = api(viewer)
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/api/instantly/" + route.format(**filled)).status_code == 200
    for sql, params in reads_of_tables(queries):
        assert not walked(plan_of(sql, params, rls.staff("sb_viewer"))), sql


def test_a_query_without_an_index_is_noticed(acme, filled):
    scope = rls.customer(acme.pk)
    for condition in ("subject = 'A question'", "open_count > 0"):
        sql = f"SELECT id FROM messaging_message WHERE {condition}"
        assert walked(plan_of(sql, None, rls.staff("sb_viewer"))) == {"messaging_message"}
    unordered = "SELECT id FROM messaging_message WHERE organization_id = %s ORDER BY open_count LIMIT 10"
    assert "Sort" in {node["Node Type"] for node in plan_of(unordered, [acme.pk], scope)}
