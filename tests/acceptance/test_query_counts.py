"""SQL statement counts of every API operation, kept in a file and independent of the number of rows.

A number that grows is visible in review.

    SALESBRAIN_WRITE_QUERY_COUNTS=1 pytest tests/acceptance/test_query_counts.py      writes the file again
"""

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import search
from salesbrain import rls
from tests import factories

FILE = Path(__file__).with_name("query_counts.json")
WRITE = bool(os.environ.get("SALESBRAIN_WRITE_QUERY_COUNTS"))
ROUTES = [
    ("customer", "me"),
    ("customer", "campaigns"),
    ("customer", "campaign/{campaign}"),
    ("customer", "campaign/{campaign}/messages"),
    ("customer", "campaign/{campaign}/messages?cursor="),
    ("customer", "campaign/{campaign}/stats?by=day&start=2026-07-01&end=2026-07-31&compare=previous"),
    ("customer", "email-accounts"),
    ("customer", "email-account/{account}/stats"),
    ("customer", "stats?by=campaign"),
    ("customer", "contacts?suppressed=false"),
    ("customer", "contacts/{contact}"),
    ("customer", "conversations"),
    ("customer", "conversations?lane=needs_reply&cursor="),
    ("customer", "conversations/{contact}"),
    ("customer", "events"),
    ("customer", "search/messages?query=question"),
    ("customer", "export/messages"),
    ("viewer", "admin/campaigns"),
    ("viewer", "admin/email-accounts"),
    ("viewer", "admin/connections"),
    ("viewer", "admin/findings"),
    ("viewer", "admin/campaign/{campaign}/stats"),
    ("viewer", "admin/email-account/{account}/stats"),
    ("viewer", "search/messages?query=question"),
]


def add(connection_, number: int) -> dict[str, str]:
    campaign = factories.campaign(connection_, f"Campaign {number}")
    account = factories.email_account(connection_, f"sender{number}@sender.example")
    for step in (1, 2):
        message = factories.message(campaign, "lead@lead.example", step=step, email_account=account.address)
    factories.message(campaign, f"lead{number}@lead.example", email_account=account.address)
    factories.event(campaign, number, contact=message.contact, message=message, position=number)
    factories.daily_stats(campaign, sent=1, email_account=account.address)
    factories.conversation(message.contact)
    with rls.scope(rls.SYSTEM):
        search.rebuild()
    search.index_pending()
    return {"campaign": campaign.pk, "account": account.pk, "contact": message.contact_id}


@pytest.mark.parametrize(("who", "route"), ROUTES, ids=lambda value: value)
def test_the_number_of_statements_is_the_files_and_does_not_grow_with_the_rows(
    request, api, acme_connection, who, route, monkeypatch
):
    monkeypatch.setattr(
        "salesbrain.api.throttles.FORGET_EVERY", 10**12
    )  # tidying up, now and then, is no part of a request
    client = api(request.getfixturevalue(who))
    counts = []
    for number in (1, 2):
        ids = (
            add(acme_connection, number) if number == 1 else (add(acme_connection, number), add(acme_connection, 3))[0]
        )
        url = "/api/instantly/" + route.format(**ids)
        if "conversations/" in url:
            client.get(url)  # who reads one is written down once in ten minutes
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(url)
            b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1], "it asks once more for each row"
    known = json.loads(FILE.read_text()) if FILE.exists() else {}
    if WRITE:
        FILE.write_text(json.dumps({**known, f"{who} {route}": counts[0]}, indent=1, sort_keys=True) + "\n")
    else:
        assert counts[0] == known.get(f"{who} {route}"), (
            f"{FILE.name} says {known.get(f'{who} {route}')}: if more are needed, write it anew and say why"
        )


def test_the_file_names_no_removed_operation():
    assert set(json.loads(FILE.read_text())) == {f"{who} {route}" for who, route in ROUTES}
