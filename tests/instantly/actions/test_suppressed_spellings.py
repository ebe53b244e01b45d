"""Lead lists with suppressed addresses: never sent to Instantly, in any spelling."""

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instantly.actions.leads import add_leads
from messaging.models import Suppression
from messaging.suppressions import import_addresses
from salesbrain import rls
from salesbrain.kernel.addresses import canonical
from tests import factories
from tests.spellings import addresses, spelled

pytestmark = pytest.mark.django_db(transaction=True)
SOME = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def would_be_sent(campaign, *texts: str) -> int:
    return add_leads(campaign.pk, [{"email": text} for text in texts], actor=None, dry_run=True).unsent


@SOME
@given(st.data(), addresses())
def test_an_imported_address_is_suppressed_under_every_spelling(acme, acme_connection, data, address):
    with rls.scope(rls.SYSTEM):
        Suppression.objects.all().delete()
        campaign = acme.campaigns.first() or factories.campaign(acme_connection)
    listed = data.draw(spelled(address)).replace("\n", " ").replace("\r", " ")
    report = import_addresses(
        acme,
        f'email\n"{listed.replace(chr(34), chr(34) * 2)}"\n'.encode(),
        detail="x",
        now=timezone.now(),
        actor_name="test",
    )
    assert (report.added, report.invalid) == (1, [])
    assert would_be_sent(campaign, data.draw(spelled(address)), address) == 0
    assert would_be_sent(campaign, f"not.{canonical(address)}") == 1


def test_somebody_who_unsubscribed_by_webhook_is_suppressed_under_every_spelling(post, work, dedicated, payload):
    _, campaign, secret = dedicated
    spelled_so = ["Eva <eva@b\u00fccher.example>", "adam\u2060@lead.example", "ida@lead.example\ufeff"]
    for place, text in enumerate(spelled_so):
        post(
            secret,
            payload("lead_unsubscribed", lead_email=text, email=text, timestamp=f"2026-07-10T09:00:0{place}.000Z"),
        )
    work()
    assert (
        would_be_sent(
            campaign, "EVA@xn--bcher-kva.example", "adam@lead.example", "ida@LEAD.example.", "eva@bu\u0308cher.example"
        )
        == 0
    )
    assert would_be_sent(campaign, "iva@lead.example") == 1


def test_a_delivery_about_no_address_is_held_with_its_reason(post, work, dedicated, payload):
    from instantly.models import Held

    _, _, secret = dedicated
    text = "eva@lead.example\r\nBcc: bob@lead.example"
    post(secret, payload("lead_unsubscribed", lead_email=text, email=text))
    work()
    with rls.scope(rls.SYSTEM):
        (held,) = Held.objects.all()
    assert held.reason == "dead" and "its lead_email is no address" in held.detail and "@" not in held.detail
