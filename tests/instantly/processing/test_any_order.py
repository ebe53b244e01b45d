"""Order independence of processing: any order, batches, copies and workers, same rows and stats.

Deliveries are drawn from few leads and few instants, so that they collide: in trials with many leads and instants, half of the mutations of
the merging rules went unnoticed.
"""

import random
from threading import Thread
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection, connections

from instantly.processing.batch import number_events, process_pending, release_held
from instantly.webhooks.store import digest, store_raw
from messaging.inbox.recount import differences
from messaging.models.rollup import ROLLUP_COUNTERS
from salesbrain import rls
from tests import factories
from tests.recount import RECOUNT

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

STATE = {
    "contacts": "SELECT to_jsonb(c) - '{created_at,updated_at}'::text[] FROM messaging_contact c",
    "messages": "SELECT to_jsonb(m) - '{created_at,updated_at}'::text[] FROM messaging_message m",
    "conversations": "SELECT to_jsonb(c) - '{version,created_at,updated_at}'::text[] FROM messaging_conversation c",
    "suppressions": "SELECT to_jsonb(s) - '{id,created_at,updated_at}'::text[] FROM messaging_suppression s",
    "events": "SELECT to_jsonb(e) - '{id,position,recorded_at}'::text[] FROM messaging_event e",
    "campaigns": "SELECT provider_id, status, status_at FROM campaigns_campaign",
    "email accounts": "SELECT address, status, status_at, status_reason FROM accounts_emailaccount",
    "stats": f"""SELECT organization_id, campaign_id, email_account, day, step, variant, {", ".join(ROLLUP_COUNTERS)}
        FROM messaging_dailystats WHERE ({", ".join(ROLLUP_COUNTERS)}) <> ({", ".join("0" for _ in ROLLUP_COUNTERS)})""",
}
EMPTY = """TRUNCATE instantly_delivery, instantly_pending, instantly_held, instantly_alert, messaging_event, messaging_messagesearch,
    messaging_searchpending, messaging_renamedcontact, messaging_triagepending, messaging_message, messaging_contact,
    messaging_suppression, messaging_dailystats, accounts_emailaccount CASCADE"""

TYPES = (
    ["email_sent"] * 6
    + ["email_opened"] * 5
    + [
        "link_clicked",
        "reply_received",
        "auto_reply_received",
        "email_bounced",
        "lead_unsubscribed",
        "email_spam_report",
        "manual_email_sent",
        "untracked_reply_received",
    ]
    * 2
    + [
        "lead_interested",
        "lead_not_interested",
        "lead_meeting_booked",
        "Hot Lead",
        "campaign_completed",
        "campaign_paused",
    ]
    + ["account_error", "account_suspended", "lead_completed"]
)


def some_deliveries(dice: random.Random, campaigns: list[str], workspace: str, n: int) -> list[bytes]:
    bodies: dict[bytes, bytes] = {}  # by digest: copies of one occurrence say the same
    for _ in range(n):
        type = dice.choice(TYPES)
        body: dict[str, Any] = {
            "timestamp": f"2026-07-{dice.choice((10, 11)):02}T{dice.choice((0, 12, 23)):02}:{dice.choice((0, 59)):02}:00"
            f".{dice.choice((0, 1)):03}Z",
            "event_type": type,
            "workspace": workspace,
            "campaign_id": dice.choice(campaigns),
            "lead_email": f"lead{dice.randrange(3)}@lead.example",
            "step": dice.choice((1, 2)),
            "variant": dice.choice((1, 1, 2)),
        }
        if dice.random() < 0.7:
            body["email_account"] = dice.choice(("a@sender.example", "B@sender.example"))
        if dice.random() < 0.5:
            body |= {"firstName": dice.choice(("Ada", "Bob", "")), "companyName": dice.choice(("One", "Two"))}
        if type == "email_sent" and dice.random() < 0.7:
            body |= {"email_subject": dice.choice(("Hello", "Again")), "email_html": "<p>Hello</p>"}
        if type == "manual_email_sent":
            body |= {
                "email_subject": "Re: Hello",
                "email_text": "Thank you",
                "email_id": dice.choice(("mail-3", "mail-4")),
            }
        if type == "untracked_reply_received" and dice.random() < 0.5:
            body["campaign_id"] = None
        if "reply" in type:
            body |= {"reply_subject": "Re: Hello", "reply_text": dice.choice(("Yes", "No"))}
            if dice.random() < 0.5:
                body["email_id"] = dice.choice(("mail-1", "mail-2"))
        if type.startswith("account"):
            body |= {
                "lead_email": None,
                "campaign_id": None,
                "email_account": dice.choice(("a@sender.example", "b@sender.example")),
            }
        bodies.setdefault(digest(body), orjson.dumps(body))
    return list(bodies.values())


def work(dice: random.Random, workers: int) -> None:
    def until_empty(sizes: random.Random) -> None:
        try:
            while process_pending(sizes.choice([1, 2, 7, 20, 60, 200])):
                number_events(sizes.choice([1, 50]))
        finally:
            connection.close()

    threads = [Thread(target=until_empty, args=[random.Random(dice.random())]) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def rows(query: str) -> list[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(query)
        return sorted(repr(row) for row in cursor.fetchall())


@pytest.mark.parametrize("seed", range(6))
def test_every_order_ends_the_same(seed, acme_connection):
    dice = random.Random(seed)
    late = f"campaign-{seed}"  # becomes known in the middle
    known = [factories.campaign(acme_connection, f"C{n}", provider_id=f"c{n}").provider_id for n in range(2)]
    deliveries = some_deliveries(dice, [*known, late], acme_connection.workspace_id, 120)
    ends = []
    for _ in range(4):
        with connections["owner"].cursor() as owner:
            owner.execute(EMPTY)
            owner.execute("DELETE FROM campaigns_campaign WHERE provider_id = %s", [late])
            owner.execute("UPDATE campaigns_campaign SET status = 'active', status_at = NULL")
        dice.shuffle(deliveries)
        half = len(deliveries) // 2
        for body in deliveries[:half] + dice.choices(deliveries, k=20):
            store_raw(acme_connection.pk, body)
        work(dice, workers=2)
        factories.campaign(acme_connection, "Late", provider_id=late, id=UUID(int=seed + 1, version=4))
        for body in deliveries[half:] + dice.choices(deliveries, k=20):
            store_raw(acme_connection.pk, body)
        release_held()
        work(dice, workers=2)
        with connections["owner"].cursor() as owner:  # done, and sent round again
            owner.execute("INSERT INTO instantly_pending SELECT id FROM messaging_event WHERE random() < 0.2")
        work(dice, workers=2)
        end = {table: rows(query) for table, query in STATE.items()}
        assert len(end["events"]) == len(deliveries)
        assert end["stats"] == rows(RECOUNT)
        assert list(differences()) == []
        ends.append(end)
    for end in ends[1:]:
        for table, expected in ends[0].items():
            assert end[table] == expected, table


def test_every_event_has_a_position_of_its_own(acme_connection):
    dice = random.Random(1)
    campaign = factories.campaign(acme_connection)
    for body in some_deliveries(dice, [campaign.provider_id], acme_connection.workspace_id, 60):
        store_raw(acme_connection.pk, body)
    work(dice, workers=3)
    while number_events():
        pass
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT position) FROM messaging_event")
        count, distinct = cursor.fetchone()
    assert distinct == count


def test_a_position_is_never_given_twice(acme_connection):
    """A moved campaign's events lose their feed numbers; later ones must be greater than any that a reader has seen."""
    dice = random.Random(2)
    campaign = factories.campaign(acme_connection)
    bodies = some_deliveries(dice, [campaign.provider_id], acme_connection.workspace_id, 20)
    for body in bodies[:-1]:
        store_raw(acme_connection.pk, body)
    work(dice, workers=1)
    while number_events():
        pass
    with connections["owner"].cursor() as owner:
        owner.execute("SELECT max(position) FROM messaging_event")
        (reader,) = owner.fetchone()
        owner.execute("UPDATE messaging_event SET position = NULL WHERE position > %s - 10", [reader])
    store_raw(acme_connection.pk, bodies[-1])
    work(dice, workers=1)
    while number_events():
        pass
    with connections["owner"].cursor() as owner:
        owner.execute("SELECT count(*) FROM messaging_event WHERE position > %s", [reader])
        assert owner.fetchone() == (11,)
