"""Transfer of a campaign to another organization while a worker processes its events."""

from threading import Event as Signal
from threading import Thread

import orjson
import pytest
from django.db import connection
from django.utils import timezone

from instantly.models import Held
from instantly.processing.batch import process_pending
from instantly.webhooks.store import store_raw
from messaging import event_writer, identity
from messaging.campaign_transfer import move_campaign
from messaging.models import Contact, Event
from salesbrain import rls
from tests import factories
from tests.waiting import until_somebody_waits_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)


def deliver(campaign, hour: int, name: str) -> None:
    body = {
        "event_type": "email_sent",
        "timestamp": f"2026-07-10T{hour:02}:00:00.000Z",
        "campaign_id": campaign.provider_id,
    }
    body |= {"lead_email": "lead@lead.example", "step": hour, "variant": 1, "firstName": name}
    store_raw(campaign.connection_id, orjson.dumps(body))


@pytest.fixture
def in_the_middle(monkeypatch):
    """Return `in_the_middle(do)`: a worker writes contacts and pauses; `do` runs until it waits for the worker; both continue."""
    written, go_on = Signal(), Signal()
    real = event_writer._write

    def write(statement, rows):
        result = real(statement, rows)
        if statement == "contacts":
            written.set()
            assert go_on.wait(30)
        return result

    def thread(step):
        def run():
            try:
                step()
            finally:
                connection.close()

        return Thread(target=run)

    def meanwhile(do):
        worker, other = thread(process_pending), thread(do)
        monkeypatch.setattr(event_writer, "_write", write)
        worker.start()
        try:
            assert written.wait(30)
            other.start()
            until_somebody_waits_for_a_lock()
        finally:
            go_on.set()
            worker.join(30)
        other.join(30)

    return meanwhile


@pytest.mark.parametrize("known", ["Old", None])
def test_a_name_the_worker_passed_over_because_of_the_moved_campaign_is_not_lost(
    in_the_middle, shared_connection, acme, house, known
):
    """The house knows the lead as Zed by the moving campaign and as Bob by the remaining one, which reported the name later."""
    goes, stays = (factories.campaign(shared_connection, name) for name in ("Goes", "Stays"))
    deliver(goes, 12, "Zed")
    if known:
        deliver(stays, 10, known)
    process_pending()
    deliver(stays, 11, "Bob")
    in_the_middle(lambda: move_campaign(goes.pk, acme.pk, now=timezone.now()))
    with rls.scope(rls.SYSTEM):
        assert list(Held.objects.all()) == []
        assert Event.objects.count() == (3 if known else 2)
        names = {
            organization.name: Contact.objects.get(
                pk=identity.contact_id(organization.pk, "lead@lead.example")
            ).first_name
            for organization in (acme, house)
        }
    assert names == {"Acme": "Zed", "House": "Bob"}
