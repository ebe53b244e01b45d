"""Command canonicalize_addresses: earlier rows converted without loss or double counting."""

import io
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from instantly.actions.leads import add_leads
from messaging import identity
from messaging.choices import SuppressionReason
from messaging.models import Contact, DailyStats, Event, Message, Suppression
from salesbrain import rls
from salesbrain.kernel import addresses
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
OLD, NEW = "eva@b\u00fccher.example", "eva@xn--bcher-kva.example"


def as_before(monkeypatch):
    """Make the parser normalize addresses as the previous release did: to lower case only."""
    lower = lambda text: text.strip().lower()  # noqa: E731
    for module in ("instantly.processing.parsing",):
        monkeypatch.setattr(f"{module}.canonical", lower)
        monkeypatch.setattr(f"{module}.canonical_or_none", lower)


def canonicalized(*options: str) -> str:
    out = io.StringIO()
    call_command("canonicalize_addresses", *options, stdout=out)
    return out.getvalue()


def all_of(model):
    with rls.scope(rls.SYSTEM):
        return list(model.objects.order_by("pk"))


def figures() -> dict[str, int]:
    names = ("messages", "sent", "opens", "unique_opens", "replies", "unique_replies")
    return {name: sum(getattr(row, name) for row in all_of(DailyStats)) for name in names}


def test_contacts_of_several_spellings_become_one_with_mails_events_and_figures(
    monkeypatch, post, work, dedicated, payload, acme
):
    _, campaign, secret = dedicated
    told: Any = (
        (OLD, "email_sent", "00", {"email_subject": "Hello", "firstName": "Eva"}),
        (OLD, "email_opened", "01", {}),
        (NEW, "email_opened", "02", {}),
        (NEW, "email_sent", "03", {"step": 2}),
        (OLD, "reply_received", "04", {"reply_text": "Yes", "email_id": "mail-1"}),
        (NEW, "lead_interested", "05", {}),
    )
    with monkeypatch.context() as patch:
        as_before(patch)
        for lead, type, second, more in told:
            post(
                secret, payload(type, lead_email=lead, email=lead, timestamp=f"2026-07-10T09:00:{second}.000Z", **more)
            )
        work()
    assert len(all_of(Contact)) == 2 and figures()["unique_opens"] == 2

    assert "1 contacts would be brought" in canonicalized("--dry-run") and len(all_of(Contact)) == 2
    assert "1 contacts were brought to a canonical address, 1 of them joined" in canonicalized()

    (contact,) = all_of(Contact)
    assert (contact.pk, contact.email) == (identity.contact_id(acme.pk, NEW), NEW)
    assert (contact.interest, contact.first_name, contact.replied_at.second) == ("lead_interested", "Ada", 4)
    messages = all_of(Message)
    first = identity.outbound_id(campaign.pk, NEW, 1, 1)
    assert {message.pk for message in messages} == {
        first, identity.outbound_id(campaign.pk, NEW, 2, 1), identity.inbound_id(campaign.pk, NEW, "mail-1 2026-07-10T09:00:04+00:00"),
    }  # fmt: skip
    (opened,) = [message for message in messages if message.pk == first]
    assert (opened.open_count, opened.opened_at.second, len(opened.open_times), opened.subject) == (2, 1, 2, "Hello")
    assert {event.lead_email for event in all_of(Event)} == {NEW}
    assert {event.contact_id for event in all_of(Event)} == {contact.pk}
    assert figures() == {"messages": 3, "sent": 2, "opens": 2, "unique_opens": 1, "replies": 1, "unique_replies": 1}
    call_command("rebuild_stats", "--check")
    assert "0 contacts were brought" in canonicalized()


def test_contacts_that_are_canonical_keep_their_keys(acme):
    known = factories.contact(acme, "lead@lead.example")
    assert "0 contacts" in canonicalized() and all_of(Contact)[0].pk == known.pk


def test_the_migration_makes_every_suppression_hold_at_once(acme, acme_connection, capsys):
    campaign = factories.campaign(acme_connection)
    at, later = factories.NOON, timezone.now()
    rows = [
        (OLD, {}),
        (NEW, {"lifted_at": later, "lift_reason": "asked"}),
        ("ada@lead.example\u200b", {}),
        ("lifted@LEAD.example", {"lifted_at": later, "lift_reason": "asked"}),
        ("nobody", {}),
    ]
    with rls.scope(rls.SYSTEM):
        for email, more in rows:
            Suppression.objects.create(organization=acme, email=email, reason="import", first_at=at, last_at=at, **more)
    migration = import_module("messaging.migrations.0018_canonical_suppressions")
    migration.canonicalize(None, SimpleNamespace(connection=connections["owner"]))
    assert "3 brought to the canonical form of their address, 1 of them joined" in capsys.readouterr().out
    with rls.scope(rls.SYSTEM):
        assert {row.email: row.is_in_force for row in Suppression.objects.all()} == {
            NEW: True, "ada@lead.example": True, "lifted@lead.example": False, "nobody": True,
        }  # fmt: skip
    leads = [{"email": email} for email in (OLD, NEW, "ada@lead.example")]
    assert add_leads(campaign.pk, leads, actor=None, dry_run=True).unsent == 0


def test_addresses_that_sql_treats_as_ordinary_are_canonical():
    assert addresses.ORDINARY_IN_SQL.startswith("^[a-z0-9")
    with connections["default"].cursor() as cursor:
        for text in (
            "eva@lead.example",
            "e.v-a+1@a.b-c.example",
            "EVA@lead.example",
            "eva@lead.example.",
            "'eva@lead.example",
            "e\u00e4@lead.example",
            "eva @lead.example",
        ):
            cursor.execute("SELECT %s ~ %s", [text, addresses.ORDINARY_IN_SQL])
            assert cursor.fetchone()[0] == (addresses.canonical_or_none(text) == text and text.isascii())


def test_suppressions_of_an_earlier_spelling_apply_to_every_spelling(acme):
    """Suppressions stored by a release that did not recognize `smtp:` and typographic apostrophes."""
    began, ended = timezone.now(), timezone.now()
    with rls.scope(rls.SYSTEM):
        for email in ("smtp:eva@firma.example", "eva@firma.example", "o\u2019neil@firma.example", "nobody at all"):
            Suppression.objects.create(
                organization=acme, email=email, reason=SuppressionReason.MANUAL, first_at=began, last_at=ended
            )
    assert "2 suppressions would be brought" in canonicalized("--dry-run") and len(all_of(Suppression)) == 4
    said = canonicalized()
    assert "2 suppressions were brought" in said and "1 suppressions with no address" in said
    assert sorted(row.email for row in all_of(Suppression)) == [
        "eva@firma.example",
        "nobody at all",
        "o'neil@firma.example",
    ]
    assert "0 suppressions were brought" in canonicalized()
