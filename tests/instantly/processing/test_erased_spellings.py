"""Erasure of a person from other people's mails, in every spelling of the address."""

import io
import json

import pytest
from django.core.management import call_command

from instantly.models import Delivery
from messaging.models import Message
from salesbrain import rls

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "written",
    ["ada.lee@<wbr>lead.example", "ada%2Elee%40lead%2Eexample", "ada.lee@\u200blead.example", "ada.lee=40lead.example"],
)
def test_spellings_in_mails_of_others_go_too(post, work, dedicated, payload, acme, written):
    _, _, secret = dedicated
    post(secret, payload("email_sent", lead_email="ada.lee@lead.example", email="ada.lee@lead.example"))
    told = {"reply_text": f"Ask {written} about it.", "reply_html": f"<p>Ask {written} about it.</p>"}
    post(
        secret,
        payload(
            "reply_received",
            lead_email="bob@lead.example",
            email="bob@lead.example",
            timestamp="2026-07-11T09:00:00.000Z",
            **told,
        ),
    )
    work()
    out = io.StringIO()
    call_command("erase_contact", "Ada Lee <ADA.lee@lead.example>", organization=acme.slug, stdout=out)
    report = json.loads(out.getvalue())
    assert (report["quoting_messages"], report["quoting_deliveries"]) == (1, 1)
    with rls.scope(rls.SYSTEM):
        (reply,) = Message.objects.filter(direction="in")
        bodies = " ".join(delivery.text or "" for delivery in Delivery.objects.all())
    for text in (reply.body_text, reply.body_html, reply.reply_text, bodies):
        assert "lead.example" not in text.replace("bob@lead.example", "") and "@erased.invalid" in text
