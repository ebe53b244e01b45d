"""One person under several spellings of an address: one contact, found and erased by each."""

import io
import json

import pytest
from django.core.management import call_command

from instantly.models import Held
from messaging import search
from messaging.models import Contact, Message
from salesbrain import rls

pytestmark = pytest.mark.django_db(transaction=True)

SPELLINGS = [
    "Ada.Lee@Lead-One.example", "SMTP:ada.lee@lead-one.example", '"ada.lee"@lead-one.example', '"Lee, Ada" <ada.lee@lead-one.example>',
    "Lee, Ada <ada.lee@lead-one.example>", "ada.lee@lead\u2011one.example", "<mailto:ada.lee@lead-one.example>",
    "ada.lee@lead-one.example.",
    "\uff41da.lee\uff20lead-one.example", "ada.l\u200bee@lead-one.example", "`ada.lee@lead-one.example`", "ada.lee@lead-one.example.",
]  # fmt: skip
OTHERS = ["adalee@lead-one.example", "ada.lee+x@lead-one.example", "\u0430da.lee@lead-one.example"]


def people() -> list[str]:
    with rls.scope(rls.SYSTEM):
        return sorted(Contact.objects.values_list("email", flat=True))


def post_replies(post, payload, secret, addresses, day):
    for place, address in enumerate(addresses):
        told = {"lead_email": address, "email": address, "email_id": f"{day}-{place}", "reply_text": f"Hello {place}"}
        post(secret, payload("reply_received", **told, timestamp=f"2026-07-{day}T09:00:{place:02}.000Z"))


def test_every_spelling_is_one_contact_that_is_found_and_erased(post, work, dedicated, payload, acme):
    secret = dedicated[2]
    post_replies(post, payload, secret, SPELLINGS, 11)
    post_replies(post, payload, secret, OTHERS, 12)
    told = {"lead_email": "bob@lead.example", "email": "bob@lead.example", "reply_html": ""}
    quoting = payload("reply_received", **told, reply_text=" ; ".join(SPELLINGS), timestamp="2026-07-13T09:00:00.000Z")
    post(secret, quoting)
    work()
    assert people() == sorted([*OTHERS, "ada.lee@lead-one.example", "bob@lead.example"])
    with rls.scope(rls.SYSTEM):
        assert not Held.objects.exists()
        while search.index_pending():
            pass
        found = {
            text: {hit.id for hit in search.newest(search.SearchQuery(text, organization_id=acme.pk), limit=50)}
            for text in SPELLINGS
        }
        hers = set(Message.objects.filter(contact__email="ada.lee@lead-one.example").values_list("id", flat=True))
    assert len(hers) == len(SPELLINGS) + 1  # and the mail that was answered
    assert [text for text, hits in found.items() if not hits >= hers or hits != found[SPELLINGS[0]]] == []

    out = io.StringIO()
    call_command("erase_contact", "SMTP:Ada.Lee@lead\u2011one.example", organization=acme.slug, stdout=out)
    assert json.loads(out.getvalue())["quoting_messages"] == 1
    with rls.scope(rls.SYSTEM):
        (text,) = Message.objects.filter(contact__email="bob@lead.example", direction="in").values_list(
            "body_text", flat=True
        )
    assert "lee" not in text.lower().replace("lee,", "") and text.count("@erased.invalid") == len(SPELLINGS)
    post_replies(post, payload, secret, SPELLINGS, 14)
    work()
    assert len(people()) == len(OTHERS) + 2
    assert [email for email in people() if email.endswith("lead-one.example")] == sorted(OTHERS)
