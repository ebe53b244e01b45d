"""Conversations after a campaign's transfer, an erasure and a merge of two spellings."""

from datetime import UTC, datetime, timedelta

import pytest

from instantly.erasure import erase_contact
from messaging import identity
from messaging.address_merge import canonicalize
from messaging.campaign_transfer import move_campaign
from messaging.full_export import export
from messaging.inbox import services
from messaging.inbox.recount import differences
from messaging.models import Contact, ContactLabel, Conversation, Event, Message, MessageCategory, Note
from salesbrain import rls
from tests import factories
from tests.messaging.inbox.conftest import LEAD, delivered

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 10, 15, tzinfo=UTC)


@pytest.fixture
def shared(shared_connection, acme):
    return factories.campaign(shared_connection, organization=acme)


@pytest.fixture
def replied(shared) -> Conversation:
    delivered(shared, "reply_received", "10:00", email_id="mail-1")
    with rls.scope(rls.SYSTEM):
        return Conversation.objects.get()


def of(organization) -> Conversation | None:
    with rls.scope(rls.SYSTEM):
        return Conversation.objects.filter(organization=organization).first()


def act(service, by, **values) -> None:
    with rls.scope(rls.SYSTEM):
        id = Conversation.objects.get(organization__slug="acme").pk
    assert getattr(services, service)(by.scope_in(), by=by, conversation_id=id, now=NOW, **values)


def test_a_conversation_goes_along_with_its_mails(replied, shared, acme, globex):
    move_campaign(shared.pk, globex.pk, now=NOW)
    moved = of(globex)
    assert of(acme) is None and moved is not None and moved.pk == identity.contact_id(globex.pk, LEAD)
    assert (moved.state, moved.is_unread, moved.last_human_at) == ("open", True, replied.last_human_at)
    assert list(differences()) == []


@pytest.mark.django_db(transaction=True)
def test_the_chosen_state_moves_along_and_a_reply_still_reopens(replied, shared, acme, globex, customer):
    act("snooze", customer, until=NOW + timedelta(days=1))
    act("done", customer)
    move_campaign(shared.pk, globex.pk, now=NOW)
    moved = of(globex)
    assert moved is not None and (moved.state, moved.is_unread) == ("done", False)
    assert list(differences()) == []
    delivered(shared, "reply_received", "16:00", email_id="mail-2")
    moved = of(globex)
    assert moved is not None and (moved.state, moved.is_unread) == ("open", True)
    move_campaign(shared.pk, acme.pk, now=NOW)
    move_campaign(shared.pk, globex.pk, now=NOW)
    with rls.scope(rls.SYSTEM):
        words = Event.objects.filter(type__startswith="conversation_").values_list("type", flat=True)
        assert sorted(words) == ["conversation_done", "conversation_snoozed"], "told once, however often it moves"
    assert list(differences()) == []


@pytest.mark.parametrize(
    ("name", "values"),
    [("note", {"text": "Calls back"}), ("label", {"name": "VIP"}), ("assign", {"assignee_id": None})],
)
def test_what_people_wrote_stays_with_their_organization_and_keeps_the_contact(
    replied, shared, acme, globex, customer, name, values
):
    act(name, customer, **{key: value if value is not None else customer.pk for key, value in values.items()})
    move_campaign(shared.pk, globex.pk, now=NOW)
    with rls.scope(rls.SYSTEM):
        kept = Contact.objects.get(organization=acme)
        assert (kept.email, kept.replied_at, kept.interest) == (LEAD, None, None)
        written: list[Note | ContactLabel] = [*Note.objects.all(), *ContactLabel.objects.all()]
        assert {row.organization_id for row in written} <= {acme.pk}
    left, moved = of(acme), of(globex)
    assert left is not None and (left.state, left.done_reason, left.is_unread) == ("done", "moved", False)
    assert moved is not None and moved.assignee_id is None
    assert list(differences()) == []
    move_campaign(shared.pk, acme.pk, now=NOW)
    back = of(acme)
    assert back is not None and back.state == "open" and of(globex) is None
    assert back.assignee_id == (customer.pk if name == "assign" else None)
    assert list(differences()) == []


def test_a_contact_without_remaining_rows_is_deleted(replied, shared, acme, globex, customer):
    act("done", customer)
    act("label", customer, name="VIP")
    act("unlabel", customer, name="VIP")
    move_campaign(shared.pk, globex.pk, now=NOW)
    with rls.scope(rls.SYSTEM):
        assert not Contact.objects.filter(organization=acme).exists()
        assert not Event.objects.filter(organization=acme).exists()
    assert list(differences()) == []


def test_erasing_leaves_class_and_times_and_nothing_that_was_written(replied, shared, acme, customer, operator):
    other = factories.contact(acme, "eve@else.example")
    with rls.scope(rls.SYSTEM):
        Note.objects.create(organization=acme, contact=other, text=f"Works with {LEAD} since May")
    act("note", customer, text="Bob of the chess club")
    act("label", customer, name="Chess club")
    act("snooze", customer, until=NOW + timedelta(days=1))
    act("assign", customer, assignee_id=customer.pk)
    erase_contact(organization=acme, email=LEAD, now=NOW)
    row = of(acme)
    assert row is not None and row.pk != replied.pk
    assert (row.state, row.snoozed_until, row.last_human_at) == (
        "snoozed",
        NOW + timedelta(days=1),
        replied.last_human_at,
    )
    assert row.assignee_id == customer.pk
    with rls.scope(rls.SYSTEM):
        assert not ContactLabel.objects.exists()
        (note,) = Note.objects.all()
        assert note.contact_id == other.pk and LEAD not in note.text and "erased.invalid" in note.text
        log = str(list(Event.objects.values()))
    assert "Chess" not in log and LEAD not in log
    assert list(differences()) == []
    delivered(shared, "reply_received", "16:00", email_id="mail-2")
    row = of(acme)
    assert row is not None and row.state == "open"
    assert list(differences()) == []


def test_two_spellings_of_one_contact_become_one_conversation(acme_connection, acme, customer):
    campaign = factories.campaign(acme_connection)
    delivered(campaign, "reply_received", "10:00", email_id="mail-1")
    with rls.scope(rls.SYSTEM):
        known = Message.objects.get(direction="in")
        odd = Contact.objects.create(
            id=identity.contact_id(acme.pk, "LEAD@lead.example"),
            organization=acme,
            email="LEAD@lead.example",
            first_seen_at=NOW,
        )
        reply = Message.objects.create(
            id=identity.inbound_id(campaign.pk, odd.email, "mail-0"), organization=acme, campaign=campaign, contact=odd,
            direction="in", email_id="mail-0", happened_at=NOW, sent_at=NOW, subject="Re: Hello",
        )  # fmt: skip
        MessageCategory.objects.create(
            id=reply.pk,
            organization=acme,
            category="meeting",
            predicted="meeting",
            p=0.9,
            candidates=[],
            source="rule",
            version="1",
        )
        Event.objects.create(
            id=10**9, organization=acme, campaign=campaign, contact=odd, message=reply, type="reply_received", happened_at=NOW,
            lead_email=odd.email, origin="webhook",
        )  # fmt: skip
        Note.objects.create(organization=acme, contact=odd, text="Old note")
        for contact in (odd, known.contact):
            ContactLabel.objects.create(organization=acme, contact=contact, name="VIP")
    canonicalize()
    row = of(acme)
    assert row is not None and row.pk == known.contact_id
    assert (row.last_human_at, row.category) == (NOW, "meeting")
    with rls.scope(rls.SYSTEM):
        assert Note.objects.get().contact_id == known.contact_id
        assert ContactLabel.objects.get().contact_id == known.contact_id
    assert list(differences()) == []


def test_a_full_export_has_conversations_notes_and_labels(replied, acme, customer, tmp_path):
    act("note", customer, text="Calls back")
    act("label", customer, name="VIP")
    manifest = export(tmp_path / "out", form="ndjson", now=NOW, organization=acme)
    rows = {file["name"]: file["rows"] for file in manifest["files"]}
    assert [rows[f"{name}.ndjson"] for name in ("conversations", "notes", "labels")] == [1, 1, 1]
    assert "Calls back" in (tmp_path / "out" / "notes.ndjson").read_text()
    events = (tmp_path / "out" / "events.ndjson").read_text()
    assert "conversation_labelled" in events and '"note"' in events
