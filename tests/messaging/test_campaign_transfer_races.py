"""Transfers of campaigns concurrent with all other work, without deadlock."""

import random
from collections.abc import Callable
from threading import Barrier, Thread

import orjson
import pytest
from django.db import DatabaseError, connection

from instantly.processing.batch import number_events, process_pending
from instantly.webhooks.store import store_raw
from messaging import campaign_transfer
from messaging.search import index_pending
from salesbrain.kernel import db
from tests import factories
from tests.factories import NOON
from tests.instantly.processing.test_any_order import STATE, rows
from tests.recount import RECOUNT

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, ROUNDS = 12, 20
KINDS = ("email_sent", "email_opened", "reply_received", "lead_interested", "lead_unsubscribed")


@pytest.fixture
def without_retries(monkeypatch):
    """Switch off retries, so that a deadlock fails the test."""
    monkeypatch.setattr(campaign_transfer, "TRIES", 1)
    monkeypatch.setattr(db, "is_concurrent_change", lambda error: False)


def deliver(campaign, dice, minute: int) -> None:
    body = {
        "event_type": dice.choice(KINDS),
        "timestamp": f"2026-07-{dice.randint(10, 12)}T{minute // 60 % 24:02}:{minute % 60:02}:{dice.randint(0, 59):02}.000Z",
        "workspace": campaign.connection.workspace_id,
        "campaign_id": campaign.provider_id,
        "lead_email": f"lead{dice.randrange(PEOPLE)}@lead.example",
        "firstName": f"Name {dice.randrange(1000)}",
        "step": dice.randint(1, 4),
        "variant": 1,
        "email_account": "a@sender.example",
        "email_subject": "Hello",
        "email_text": f"Text {dice.randrange(1000)}",
    }
    store_raw(campaign.connection_id, orjson.dumps(body))


def test_transfers_do_not_deadlock(acme, globex, house, shared_connection, without_retries):
    dice = random.Random(11)
    goes = [factories.campaign(shared_connection, f"Goes {n}") for n in range(2)]
    stays = [factories.campaign(shared_connection, f"Stays {owner}", owner) for owner in (house, acme, globex)]
    homes = (acme, globex, house)
    for minute in range(150):
        deliver(dice.choice([*goes, *stays]), dice, minute)
    process_pending()
    together, failures = Barrier(6), []

    def thread(step: Callable[[int], object]) -> Thread:
        def run() -> None:
            try:
                for turn in range(ROUNDS):
                    together.wait(60)
                    try:
                        step(turn)
                    except DatabaseError as error:
                        failures.append(str(error))
            finally:
                connection.close()

        return Thread(target=run)

    def work(seed: int) -> Callable[[int], None]:
        own = random.Random(seed)

        def step(turn: int) -> None:
            for _ in range(15):
                deliver(own.choice([*goes, *stays]), own, 200 + turn)
            process_pending(own.choice((5, 10)))
            process_pending()

        return step

    def search(turn: int) -> None:
        while index_pending(20):
            pass

    threads = [
        thread(lambda turn: campaign_transfer.move_campaign(goes[0].pk, homes[turn % 3].pk, now=NOON)),
        thread(lambda turn: campaign_transfer.move_campaign(goes[1].pk, homes[(turn + 1) % 3].pk, now=NOON)),
        thread(work(1)),
        thread(work(2)),
        thread(search),
        thread(lambda turn: number_events(7)),
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []
    while process_pending() + index_pending() + number_events():
        pass
    assert rows(STATE["stats"]) == rows(RECOUNT)
