"""Texts too long for a database index: only the object that has one fails."""

import pytest

from accounts.models import EmailAccount
from campaigns.models import Campaign
from instantly.models import Held
from instantly.webhooks.store import store_raw
from salesbrain import rls
from tests import factories
from tests.instantly.webhooks.conftest import fresh_secrets, post, work

__all__ = ["fresh_secrets", "post", "work"]
pytestmark = pytest.mark.django_db(transaction=True)
LETTERS = "".join(chr(0x4E00 + n * 7 % 20_000) for n in range(1500))
ASTRAL = "".join(chr(0x20000 + n * 13) for n in range(1000))


def test_a_campaign_with_a_long_name_is_mirrored_like_the_others(space, sync, acme_connection):
    row = next(iter(space.campaigns))
    row["name"] = LETTERS
    report = sync(acme_connection)
    assert (report.status, report.problems) == ("succeeded", [])
    with rls.scope(rls.SYSTEM):
        campaign = Campaign.objects.get(provider_id=row["id"])
    assert campaign.name == f"{LETTERS[:499]}\u2026" and campaign.raw["name"] == LETTERS


def test_an_object_with_a_long_key_is_named_and_the_others_go_on(space, sync, acme_connection):
    with rls.scope(rls.SYSTEM):
        before = Campaign.objects.count(), EmailAccount.objects.count()
    next(iter(space.accounts))["email"] = f"{LETTERS}@sender.example"
    report = sync(acme_connection)
    assert report.status == "incomplete" and len(report.problems) == 1
    with rls.scope(rls.SYSTEM):
        assert (Campaign.objects.count(), EmailAccount.objects.count()) == before


def test_a_delivery_that_names_a_long_campaign_stops_no_sync(space, sync, acme_connection, work):
    body = (
        b'{"event_type": "email_opened", "timestamp": "2026-07-10T09:00:00.000Z", "campaign_id": "%s"}'
        % ASTRAL.encode()
    )
    store_raw(acme_connection.pk, body)
    work()
    assert sync(acme_connection).status == "succeeded"
    with rls.scope(rls.SYSTEM):
        assert [held.reason for held in Held.objects.all()] == ["unknown_campaign"]
        assert not Campaign.objects.filter(provider_id__startswith=ASTRAL[:5]).exists()


def test_a_person_with_a_long_address_is_refused_alone(acme_connection, post, work):
    campaign, secret = factories.campaign(acme_connection), factories.webhook_secret(acme_connection)
    for lead in (f"{LETTERS}@lead.example", "ada@lead.example"):
        post(
            secret,
            {
                "event_type": "email_opened",
                "timestamp": "2026-07-10T09:00:00.000Z",
                "campaign_id": campaign.provider_id,
                "lead_email": lead,
            },
        )
    work()
    with rls.scope(rls.SYSTEM):
        assert [held.reason for held in Held.objects.all()] == ["dead"]
