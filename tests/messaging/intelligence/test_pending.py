"""Worker step that categorizes replies: results, events; erasure, transfer and correction."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from instantly.erasure import erase_contact
from messaging import search
from messaging.campaign_transfer import move_campaign
from messaging.choices import Direction, Origin
from messaging.intelligence.triage import corrections, organizations, pending
from messaging.intelligence.triage.classes import Category
from messaging.models import (
    CategoryCorrection,
    Event,
    Message,
    MessageCategory,
    TriageLearning,
    TriagePending,
)
from salesbrain import rls
from tests import factories
from tests.factories import NOON

pytestmark = pytest.mark.django_db
REMOVE = "Bitte nehmen Sie mich aus Ihrem Verteiler."


@pytest.fixture
def campaign(shared_connection, acme):
    return factories.campaign(shared_connection, organization=acme)


def reply(campaign, text: str | None = REMOVE, email: str = "lead@lead.example", **fields) -> Message:
    contact = factories.contact(campaign.organization, email)
    values = {"subject": "Re: Quick question", "text_at": NOON, "happened_at": NOON, "sent_at": NOON} | fields
    with rls.scope(rls.SYSTEM):
        made = Message.objects.create(
            id=uuid4(), organization=campaign.organization, campaign=campaign, contact=contact, direction=Direction.IN,
            reply_text=text, **values,
        )  # fmt: skip
        TriagePending.objects.create(message_id=made.pk)
    return made


def category(message: Message) -> MessageCategory:
    with rls.scope(rls.SYSTEM):
        return MessageCategory.objects.get(pk=message.pk)


def category_events() -> list[tuple[str, str]]:
    with rls.scope(rls.SYSTEM):
        return list(Event.objects.filter(type="reply_category").order_by("id").values_list("detail", "origin"))


def marked_count() -> int:
    with rls.scope(rls.SYSTEM):
        return TriagePending.objects.count()


def test_a_pending_reply_gets_its_category_its_reason_and_one_event(campaign):
    message = reply(campaign)
    assert pending.triage_pending() == 1 and marked_count() == 0
    found = category(message)
    assert (found.category, found.predicted, found.source) == ("unsubscribe", "unsubscribe", "rule")
    assert found.reason["quote"] == REMOVE and found.rule.startswith(("unsubscribe.", "wish."))
    assert found.version == organizations.engine_of(campaign.organization_id).version
    assert category_events() == [("unsubscribe", "rule")]


def test_a_received_message_is_noted_by_the_search_step_and_a_sent_one_is_not(campaign):
    factories.message(campaign)
    message = reply(campaign)
    with rls.scope(rls.SYSTEM):
        TriagePending.objects.all().delete()
        search.rebuild()
    while search.index_pending():
        pass
    with rls.scope(rls.SYSTEM):
        assert [note.pk for note in TriagePending.objects.all()] == [message.pk]


def test_the_same_answer_again_writes_no_second_event(campaign):
    message = reply(campaign)
    pending.triage_pending()
    with rls.scope(rls.SYSTEM):
        TriagePending.objects.create(message_id=message.pk)
    assert pending.triage_pending() == 1
    assert category_events() == [("unsubscribe", "rule")]


def test_a_changed_text_is_categorized_again_with_an_event(campaign):
    message = reply(campaign)
    pending.triage_pending()
    with rls.scope(rls.SYSTEM):
        Message.objects.filter(pk=message.pk).update(
            reply_text="Sorry, meant the other one. Thursday 3 pm works for a call, send me an invite.", text_at=NOON - timedelta(hours=1)
        )  # fmt: skip
        TriagePending.objects.create(message_id=message.pk)
    pending.triage_pending()
    assert category(message).category == "meeting"
    assert category_events() == [("unsubscribe", "rule"), ("meeting", "rule")]


def test_text_that_changed_while_it_was_read_is_read_again(campaign, monkeypatch):
    message = reply(campaign)
    opinions = pending._opinions

    def meanwhile(notes):
        found = opinions(notes)
        with rls.scope(rls.SYSTEM):
            Message.objects.filter(pk=message.pk).update(text_at=NOON - timedelta(days=1))
            TriagePending.objects.update(taken_at=None)  # what the search step does with it
        return found

    monkeypatch.setattr(pending, "_opinions", meanwhile)
    pending.triage_pending()
    with rls.scope(rls.SYSTEM):
        assert not MessageCategory.objects.exists()
    assert marked_count() == 1 and category_events() == []


def test_marks_of_deleted_and_repeatedly_failing_messages_are_dropped(campaign):
    message = reply(campaign)
    with rls.scope(rls.SYSTEM):
        TriagePending.objects.filter(pk=message.pk).update(tries=pending.TRIES)
        TriagePending.objects.create(message_id=uuid4())
    assert pending.triage_pending() == 2 and marked_count() == 0
    with rls.scope(rls.SYSTEM):
        assert not MessageCategory.objects.exists()


def test_a_note_another_worker_took_is_left_until_it_does_not_come_back(campaign):
    message = reply(campaign)
    with rls.scope(rls.SYSTEM):
        TriagePending.objects.filter(pk=message.pk).update(taken_at=timezone_now())
    assert pending.triage_pending() == 0
    with rls.scope(rls.SYSTEM):
        TriagePending.objects.filter(pk=message.pk).update(taken_at=timezone_now() - timedelta(minutes=3))
    assert pending.triage_pending() == 1


def timezone_now():
    from django.utils import timezone

    return timezone.now()


def test_an_automatic_message_is_never_taken_for_a_persons(campaign):
    message = reply(campaign, "Danke, klingt gut!", is_auto_reply=True)
    pending.triage_pending()
    assert category(message).predicted in {"out_of_office", "auto_reply", "left_company", "wrong_person"}


def test_a_provider_label_decides_uncertain_replies(campaign):
    said = pending.facts.by_label((Category.NOT_NOW, Category.INTERESTED), "lead_interested")
    assert said is Category.INTERESTED
    assert pending.facts.by_label((Category.QUESTION, Category.INTERESTED), "lead_interested") is None
    assert pending.facts.by_label((Category.QUESTION,), "Calls back in May") is None


def test_a_reply_without_words_is_left_to_a_person(campaign):
    message = reply(campaign, None)
    pending.triage_pending()
    assert category(message).category == "unsure" and category_events() == []


def test_a_correction_overrides_the_engine_and_is_an_event(campaign, operator):
    message = reply(campaign)
    pending.triage_pending()
    assert corrections.correct(message, Category.COMPLAINT, now=NOON, actor=operator)
    assert not corrections.correct(message, Category.COMPLAINT, now=NOON, actor=operator), "says the same again"
    with rls.scope(rls.SYSTEM):
        assert TriagePending.objects.filter(pk=message.pk).exists(), "its next step is read again"
    pending.triage_pending()
    found = category(message)
    assert (found.category, found.predicted, found.source) == ("complaint", "unsubscribe", "staff")
    assert category_events() == [("unsubscribe", "rule"), ("complaint", "staff")]
    with rls.scope(rls.SYSTEM):
        assert TriageLearning.objects.get().is_due
        assert CategoryCorrection.objects.get().predicted == "unsubscribe"


def test_a_customers_correction_is_attributed_and_private(campaign, customer, acme, globex):
    message = reply(campaign)
    with rls.scope(rls.customer(acme.pk)):
        own = Message.objects.get(pk=message.pk)
    corrections.correct(own, Category.MEETING, now=NOON, actor=customer, origin=Origin.CUSTOMER)
    assert category_events() == [("meeting", "customer")]
    with rls.scope(rls.customer(globex.pk)):
        assert not MessageCategory.objects.exists() and not CategoryCorrection.objects.exists()
        assert not TriageLearning.objects.exists()


def test_sent_messages_have_no_category(campaign, operator):
    with pytest.raises(ValueError, match="received"):
        corrections.correct(factories.message(campaign), Category.MEETING, now=NOON, actor=operator)


def test_an_erasure_keeps_the_category_and_deletes_the_reason(campaign, acme, operator):
    message = reply(campaign, email="bob@lead.example")
    pending.triage_pending()
    corrections.correct(message, Category.COMPLAINT, now=NOON, actor=operator)
    with rls.scope(rls.SYSTEM):
        TriageLearning.objects.update(differences=b"learned from bob", is_due=False, version="v", is_adopted=True)
        assert TriagePending.objects.filter(pk=message.pk).exists()
    erase_contact(organization=acme, email="bob@lead.example", now=NOON, actor_name="test")
    with rls.scope(rls.SYSTEM):
        found = MessageCategory.objects.get()
        assert (found.category, found.reason) == ("complaint", {}) and found.pk != message.pk
        assert Message.objects.filter(pk=found.pk).exists()
        assert not CategoryCorrection.objects.exists() and not TriagePending.objects.exists()
        learned = TriageLearning.objects.get()
        assert learned.differences is None and learned.is_due and not learned.is_adopted
        assert "bob" not in str(list(Event.objects.values())).lower()


def test_a_transferred_campaign_keeps_corrections_and_is_categorized_again(campaign, acme, globex, operator, admin):
    message = reply(campaign)
    pending.triage_pending()
    corrections.correct(message, Category.COMPLAINT, now=NOON, actor=operator)
    with rls.scope(rls.SYSTEM):
        TriageLearning.objects.update(differences=b"acme's", is_due=False, version="v")
    move_campaign(campaign.pk, globex.pk, now=NOON, actor=admin)
    with rls.scope(rls.customer(acme.pk)):
        assert not MessageCategory.objects.exists() and not CategoryCorrection.objects.exists()
        assert TriageLearning.objects.get().differences is None
    assert marked_count() == 1
    pending.triage_pending()
    with rls.scope(rls.customer(globex.pk)):
        found = MessageCategory.objects.get()
        assert (found.category, found.source) == ("complaint", "staff")
        assert {event.type for event in Event.objects.filter(message_id=message.pk)} == {"reply_category"}


def test_moving_does_not_take_a_category_for_a_verdict_of_staff(campaign, globex, operator, admin):
    """Both are staff events of the moved campaign; only the verdict must become the contact's staff interest."""
    from messaging.models import Contact
    from messaging.verdicts import set_verdict

    message = reply(campaign)
    set_verdict(message.contact, "lead_interested", now=NOON, actor=operator)
    corrections.correct(message, Category.COMPLAINT, now=NOON + timedelta(hours=1), actor=operator)
    move_campaign(campaign.pk, globex.pk, now=NOON, actor=admin)
    with rls.scope(rls.SYSTEM):
        moved = Contact.objects.get(organization=globex)
    assert moved.staff_interest == "lead_interested" and moved.first_seen_at == NOON


def test_the_timeline_shows_a_message_that_has_only_a_triage_event(campaign, customer, api):
    message = reply(campaign)
    pending.triage_pending()
    data = api(customer).get(f"/api/instantly/contacts/{message.contact_id}").json()["data"]
    assert [entry["type"] for entry in data["timeline"]] == ["reply_category", "message_received"]


def test_category_events_are_in_their_organizations_feed_only(campaign, customer, stranger, api):
    reply(campaign)
    pending.triage_pending()
    asked = {"type": "reply_category"}
    events = api(customer).get("/api/instantly/events", asked).json()["data"]["events"]
    assert [(event["type"], event["origin"]) for event in events] == [("reply_category", "rule")]
    assert api(stranger).get("/api/instantly/events", asked).json()["data"]["events"] == []


@pytest.mark.django_db(transaction=True)
def test_the_worker_categorizes_when_its_queue_is_idle(acme_connection, monkeypatch):
    from instantly.processing import worker

    message = reply(factories.campaign(acme_connection))
    turns = iter(range(100))

    def stopped() -> bool:
        return not marked_count() or next(turns) > 50

    worker.run(stopped=stopped)
    assert category(message).category == "unsubscribe"


def test_a_worker_without_a_usable_model_continues_and_keeps_the_marks(campaign, monkeypatch):
    reply(campaign)
    monkeypatch.setattr(pending, "_has_a_model", lambda: False)
    assert pending.triage_pending() == 0 and marked_count() == 1


def test_the_next_step_is_read_with_the_category_and_again_under_a_correction(campaign, operator):
    message = reply(campaign, "Bitte melden Sie sich am 24.8. wieder, vorher bin ich im Urlaub.", happened_at=NOON)
    pending.triage_pending()
    found = category(message)
    assert (found.asks, found.asks_on) == ("wait_until", date(2026, 8, 24)) and "24.8." in found.asks_words
    corrections.correct(message, Category.OUT_OF_OFFICE, now=NOON, actor=operator)
    pending.triage_pending()
    assert category(message).asks == "away"
    assert category(message).category == "out_of_office"


def test_an_absence_note_is_read_for_the_day_of_the_return(campaign):
    text = "Guten Tag, ich bin bis einschließlich 14.8. nicht im Büro."
    message = reply(campaign, text, subject="Automatische Antwort: Abwesend", is_auto_reply=True, happened_at=NOON)
    pending.triage_pending()
    assert (category(message).asks, category(message).asks_on) == ("away", date(2026, 8, 17))


def test_messages_whose_next_step_was_never_read_are_noted_again(campaign):
    message = reply(campaign)
    pending.triage_pending()
    with rls.scope(rls.SYSTEM):
        assert pending.note_again() == 0
        MessageCategory.objects.filter(pk=message.pk).update(asks=None)
        assert pending.note_again() == 1
