"""Names in a delivery of a mail that the inbox reported first: stored; the mail counts once."""

from typing import Any

import orjson
import pytest

from campaigns.models import Campaign
from instantly.models import Delivery
from instantly.webhooks import store
from instantly.webhooks.store import parse_delivery, store_all, store_raw
from messaging.choices import Origin
from messaging.models import Contact, Event
from salesbrain import rls
from tests.instantly.reconciliation.test_reported_twice import (
    AT,
    BY_DELIVERY,
    body,
    campaign,
    copies,
    events,
    figures,
    process,
    tell,
)

pytestmark = pytest.mark.django_db
__all__ = ["campaign"]

MAILS: dict[str, tuple[str, dict[str, Any]]] = {
    "sent": ("email_sent", {"email_subject": "A question", "email_text": "Hello"}),
    "reply": ("reply_received", {"reply_subject": "Re: A question", "reply_text": "Yes"}),
    "automatic reply": ("auto_reply_received", {"reply_subject": "Away", "reply_text": "Until Monday"}),
}
NAMED = {**BY_DELIVERY, "lastName": "Lead", "phone": "+49 30 5550100", "website": "lead.example"}


def one_by_one(campaign: Campaign, *bodies: dict[str, Any]) -> list[bool]:
    with rls.scope(rls.SYSTEM):
        return [store_raw(campaign.connection_id, orjson.dumps(told)) is not None for told in bodies]


def in_one_group(campaign: Campaign, *bodies: dict[str, Any]) -> list[bool]:
    given = [parse_delivery(campaign.connection_id, orjson.dumps(told)) for told in bodies]
    return [id is not None for id in store_all(given, using="inbox")]


def as_large(campaign: Campaign, *bodies: dict[str, Any]) -> list[bool]:
    given = [parse_delivery(campaign.connection_id, orjson.dumps(told)) for told in bodies]
    return [store.store_large(one, using="inbox") is not None for one in given]


STORED = {"one by one": one_by_one, "in one group": in_one_group, "as large ones": as_large}


def contact() -> Contact:
    with rls.scope(rls.SYSTEM):
        return Contact.objects.get()


def names(row: Contact) -> tuple[Any, ...]:
    return row.first_name, row.last_name, row.company, row.phone, row.website, row.named_at


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one after the other"])
@pytest.mark.parametrize("mail", MAILS)
def test_the_contact_gets_the_names_and_nothing_counts_twice(campaign, mail, at_once):
    kind, text = MAILS[mail]
    told = body(kind, campaign, email_id="mail-1", **text)
    tell(campaign, told, origin=Origin.BACKFILL)
    if not at_once:
        process()
        assert contact().named_at is None
        before = figures()
    assert one_by_one(campaign, told | NAMED) == [True]
    process()

    assert names(contact()) == ("Lea", "Lead", "Lead GmbH", "+49 30 5550100", "lead.example", AT)
    (event,) = events()
    assert (event.first_name, event.company, copies()) == ("Lea", "Lead GmbH", 1)
    if not at_once:
        assert figures() == before

    assert one_by_one(campaign, told | NAMED, told | NAMED) == [False, False], "a retry is a copy"
    process()
    with rls.scope(rls.SYSTEM):
        assert (Delivery.objects.count(), Event.objects.count()) == (2, 2)


def test_a_retried_delivery_is_still_dropped(campaign):
    told = body("reply_received", campaign, email_id="mail-1", **MAILS["reply"][1]) | NAMED
    assert one_by_one(campaign, told, told) == [True, False]
    assert one_by_one(campaign, told | {"firstName": "Other"}) == [False]
    tell(campaign, body("reply_received", campaign, email_id="mail-1", **MAILS["reply"][1]), origin=Origin.BACKFILL)
    process()
    with rls.scope(rls.SYSTEM):
        assert Delivery.objects.count() == 1, "what the inbox tells after the delivery is the same delivery"
    assert contact().first_name == "Lea"


@pytest.mark.django_db(transaction=True)  # the ways of a webhook go past transactions
@pytest.mark.parametrize("way", STORED)
def test_new_mails_copies_and_a_copy_with_names_are_distinguished_in_one_batch(campaign, way):
    text = MAILS["reply"][1]
    repaired = body("reply_received", campaign, email_id="mail-1", **text)
    known = body("reply_received", campaign, minutes=1, email_id="mail-2", **text)
    new = body("reply_received", campaign, minutes=2, email_id="mail-3", **text)
    tell(campaign, repaired, origin=Origin.BACKFILL)
    tell(campaign, known)
    assert STORED[way](campaign, known, repaired | NAMED, new, repaired | NAMED, new) == [
        False,
        True,
        True,
        False,
        False,
    ]
    process()
    assert len(events()) == 3 and copies() == 1


def test_opens_and_lead_events_reported_again_stay_copies(campaign):
    for kind in ("email_opened", "lead_interested", "email_unsubscribed"):
        told = body(kind, campaign)
        tell(campaign, told, origin=Origin.BACKFILL)
        assert one_by_one(campaign, told | NAMED) == [False], kind
