"""SQL statements per page: few, and the same for many rows as for few."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from messaging.inbox import feed_facts
from messaging.models import Message
from salesbrain import rls
from tests.outreach_world import Outreach, furnish
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db

LISTS = (
    "/campaigns", "/campaigns?order=-reply_rate&health=healthy", "/email-accounts", "/contacts", "/contacts?query=a", "/messages",
    "/messages?direction=out", "/follow-ups", "/inbox", "/inbox?lane=done", "/inbox?lane=all&label=VIP",
)  # fmt: skip
MOST_OF_A_LIST, MOST_OF_A_PAGE = 10, 16
NO_WORK = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
SCOPE = ("set_config(", "current_setting('role')")
"""Statements that are not counted, because they touch no row: begin and end of a transaction, and its scope."""


def statements(client, address: str) -> int:
    """Return the number of SQL statements of a second visit; the first one of a contact also writes the access log."""
    client.get(address)
    feed_facts._kept.clear()  # as after the ten seconds that they are kept
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200, address
    texts = [query["sql"] for query in captured]
    return len([text for text in texts if not text.startswith(NO_WORK) and not any(part in text for part in SCOPE)])


def pages(outreach: Outreach) -> list[str]:
    replied = next(message for message in outreach.messages if message.direction == "in")
    return [
        "/", "/stats?by=campaign", f"/campaigns/{outreach.campaigns[0].pk}", f"/email-accounts/{outreach.accounts[0].pk}",
        f"/contacts/{replied.contact_id}", f"/inbox/{replied.contact_id}?lane=all",
    ]  # fmt: skip


def most(address: str) -> int:
    """Return the maximum of statements of a page. A conversation is shown beside the list, so its own view's limit applies."""
    if address.startswith("/inbox/"):
        view: Any = resolve(address.partition("?")[0]).func
        return int(view.view_class.statements)
    return MOST_OF_A_LIST if address in LISTS else MOST_OF_A_PAGE


@pytest.mark.parametrize("asker", ["customer", "viewer"])
def test_pages_take_few_statements_whatever_the_number_of_rows(request, asker, acme_connection, globex_connection):
    user = request.getfixturevalue(asker)
    client = client_of(user)
    few = furnish(acme_connection, now=datetime.now(UTC), people=60, campaigns=1)
    first = {address: statements(client, address) for address in (*LISTS, *pages(few))}
    furnish(globex_connection, now=datetime.now(UTC), people=60, campaigns=3, seed=9)
    many = {address: statements(client, address) for address in first}
    assert many == first, "statements grow with rows"
    over = {a: n for a, n in many.items() if n > most(a)}
    assert over == {}


def test_more_rows_of_one_customer_take_no_more_statements(customer, acme_connection):
    client = client_of(customer)
    world = furnish(acme_connection, now=datetime.now(UTC), people=60, campaigns=2)
    first = {address: statements(client, address) for address in (*LISTS, *pages(world))}
    with rls.scope(rls.SYSTEM):
        assert Message.objects.filter(direction="in").exists()
    furnish_more(world)
    assert {address: statements(client, address) for address in first} == first


def furnish_more(world: Outreach) -> None:
    """Create more campaigns, mailboxes, people and mails of the same customer."""
    from tests import factories

    connection = world.campaigns[0].connection
    for number in range(8):
        campaign = factories.campaign(connection, f"More {number}", senders=world.campaigns[0].senders)
        factories.email_account(connection, f"more{number}@acme.example")
        for person in range(3):
            factories.message(campaign, f"more{number}-{person}@lead.example", happened_at=datetime.now(UTC))
        factories.daily_stats(campaign, day=datetime.now(UTC).date(), sent=3)
