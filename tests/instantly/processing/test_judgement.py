"""Classification of webhook deliveries: plausible time, lead label, automatic reply, repeated reply."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from instantly.models import Held
from instantly.processing.labels import is_lead_label
from instantly.processing.moments import read_moment, written
from instantly.webhooks import store
from instantly.webhooks.store import digest, digests
from messaging.automatic_replies import automatic_reply_rule
from messaging.models import Contact, DailyStats, Event, Message
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def all_of(model):
    with rls.scope(rls.SYSTEM):
        return list(model.objects.order_by("pk"))


# --- times -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2026-07-10T09:00:00.000z", "2026-07-10T09:00:00.000Z"),
        (" 2026-07-10t09:00:00Z \n", "2026-07-10T09:00:00.000Z"),
        ("2026-07-10T11:00:00 +02:00", "2026-07-10T09:00:00.000Z"),
        ("2026-07-10T09:00:60Z", "2026-07-10T09:01:00.000Z"),
        ("2026-07-10T23:59:60.250Z", "2026-07-11T00:00:00.250Z"),
        ("2026-07-10T24:00:00+00:00", "2026-07-11T00:00:00.000Z"),
        ("2026-12-31T24:00Z", "2027-01-01T00:00:00.000Z"),
        ("2026-07-10T09:00:00.123456Z", "2026-07-10T09:00:00.123456Z"),
    ],
)
def test_times_are_read_in_the_formats_that_programs_write(text, means):
    assert written(read_moment(text)) == means


@pytest.mark.parametrize(
    "value", [None, 5, "", "now", "2026-07-10T24:01:00Z", "2026-07-10T09:61:00Z", "9999-12-31T24:00:00Z", "2" * 90]
)
def test_an_invalid_time_is_refused(value):
    with pytest.raises(ValueError, match="."):
        read_moment(value)


@pytest.mark.parametrize("timestamp", ["1970-01-01T00:00:00.000Z", "0001-01-01T00:00:00Z", "2014-12-31T23:00:00.000Z"])
def test_a_delivery_dated_before_instantly_is_held_with_its_reason(post, work, dedicated, payload, timestamp):
    _, _, secret = dedicated
    post(secret, payload("email_sent"))
    post(secret, payload("email_opened", timestamp=timestamp))
    post(secret, payload("lead_unsubscribed", timestamp=timestamp))
    work()
    held = all_of(Held)
    assert [(row.reason, "is before 2015" in row.detail) for row in held] == [("failed", True)] * 2
    (contact,), (message,) = all_of(Contact), all_of(Message)
    assert (contact.unsubscribed_at, message.opened_at, message.open_count) == (None, None, 0)


def test_a_delivery_dated_before_its_campaign_is_held_for_another_try(post, work, dedicated, payload):
    connection, _, secret = dedicated
    made = datetime(2026, 7, 1, 12, tzinfo=UTC)
    campaign = factories.campaign(connection, "Later", provider_created_at=made)
    at = [made - timedelta(minutes=90), made - timedelta(minutes=30), made + timedelta(days=1)]
    for moment in at:
        post(secret, payload("email_opened", campaign_id=campaign.provider_id, timestamp=written(moment)))
    work()
    (held,) = all_of(Held)
    assert held.reason == "failed" and "is before its campaign was made" in held.detail and held.next_try_at
    assert len(all_of(Event)) == 2


# --- copies ----------------------------------------------------------------------------------------------------------------


def test_spellings_of_one_time_and_one_address_are_one_copy(post, work, dedicated, payload):
    _, _, secret = dedicated
    same = [
        {},
        {"timestamp": "2026-07-10T09:00:00+00:00"},
        {"timestamp": "2026-07-10t11:00:00.000+02:00"},
        {"lead_email": "LEAD@lead.example"},
        {"lead_email": "Ada Lee <lead@lead.example>", "timestamp": "2026-07-10T08:59:60Z"},
    ]
    said = [post(secret, payload("email_opened", **changes)).json()["message"] for changes in same]
    assert said == ["accepted", *["known already"] * 4]
    work()
    assert [message.open_count for message in all_of(Message)] == [1]


def test_a_delivery_as_it_is_ordinarily_written_keeps_the_digest_of_earlier_releases(payload):
    body = payload("email_opened")
    assert digests(body) == (digest(body), None)
    of_odd, former = digests(body | {"timestamp": "2026-07-10T09:00:00z"})
    assert of_odd == digest(body) and former not in (None, digest(body))


def test_copies_of_deliveries_with_the_former_digest_are_recognized(post, work, dedicated, payload, monkeypatch):
    _, _, secret = dedicated
    odd = payload("email_opened", timestamp="2026-07-10T09:00:00z", lead_email="Lead@Lead.example")
    with monkeypatch.context() as before:
        before.setattr(store, "_in_one_spelling", lambda payload: payload)
        assert post(secret, odd).json()["message"] == "accepted"
    assert post(secret, odd).json()["message"] == "known already"
    assert store.store_raw(dedicated[0].pk, orjson.dumps(odd)) is None
    work()
    assert [message.open_count for message in all_of(Message)] == [1]


@pytest.mark.parametrize("at_once", [True, False])
def test_replies_with_one_mail_id_are_as_many_as_their_times(post, work, dedicated, payload, at_once):
    _, _, secret = dedicated
    for minute, text in ((1, "Yes"), (2, "And bring Bob"), (3, "At ten"), (1, "Yes")):
        post(
            secret,
            payload("reply_received", email_id="mail-7", reply_text=text, timestamp=f"2026-07-10T10:0{minute}:00.000Z"),
        )
        if not at_once:
            work()
    work()
    replies = [message for message in all_of(Message) if message.direction == "in"]
    assert sorted(message.reply_text for message in replies) == ["And bring Bob", "At ten", "Yes"]
    assert {message.email_id for message in replies} == {"mail-7"}
    assert sum(stats.replies for stats in all_of(DailyStats)) == 3
    assert len({event.message_id for event in all_of(Event)}) == 3


# --- interest --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "unknown", ["email_delivered", "lead_moved", "inbox.placement", "warmupPaused", "ACCOUNT_ADDED", "delivered"]
)
def test_an_undocumented_event_type_is_logged_and_sets_no_interest(post, work, dedicated, payload, unknown):
    _, _, secret = dedicated
    post(secret, payload("lead_meeting_booked"))
    post(secret, payload(unknown, timestamp="2026-07-11T09:00:00.000Z"))
    work()
    (contact,) = all_of(Contact)
    assert contact.interest == "lead_meeting_booked"
    assert [(event.type, event.detail, event.interest) for event in all_of(Event)][1] == ("custom", unknown, None)


@pytest.mark.parametrize(
    ("name", "listed", "label"),
    [
        ("Hot Lead", None, True), ("R\u00fcckruf", None, True), ("VIP", None, True), ("warm", None, False), ("warm", True, True),
        ("follow_up", True, True), ("follow_up", False, False), ("Made since", False, True), ("lead_lost", None, True), ("", None, False),
    ],
)  # fmt: skip
def test_lead_labels_are_listed_by_the_workspace_or_look_unlike_machine_names(name, listed, label):
    assert is_lead_label(name, is_listed=listed) is label


def test_a_label_of_the_workspace_counts_however_it_is_written(post, work, dedicated, payload):
    connection, _, secret = dedicated
    connection.lead_labels = ["follow_up"]
    with rls.scope(rls.SYSTEM):
        connection.save(update_fields=["lead_labels"])
    post(secret, payload("follow_up"))
    post(secret, payload("email_delivered", timestamp="2026-07-11T09:00:00.000Z"))
    work()
    assert [contact.interest for contact in all_of(Contact)] == ["follow_up"]


# --- automatic replies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "text", "rule"),
    [
        ("Automatische Antwort: Kurze Frage", "", "subject"),
        ("Automatic reply: Quick question?", "", "subject"),
        ("Out of office", "", "subject"),
        ("Out of Office Re: Quick question", "", "subject"),
        ("Abwesenheitsnotiz", "", "subject"),
        ("R\u00e9ponse automatique : Bonjour", "", "subject"),
        ("OOO until Monday", "", "subject"),
        ("Re: Hello", "This is an automatically generated reply.", "says it is automatic"),
        ("Re: Hello", "Automatische Antwort: Ich bin erst am Montag wieder da.", "says it is automatic"),
        ("Re: Hello", "I am out of the office until 5 August with limited access to email.", "away, and what programs add"),
        ("AW: Hallo", "Ich bin bis 5.8. nicht im B\u00fcro. Ihre Mail wird nicht weitergeleitet.", "away, and what programs add"),
        ("Re: Out of office chairs?", "Yes please, five of them.", None),
        ("Out of office furniture", "We need some.", None),
        ("Re: Hello", "I'm out of the office this week, can we talk on Tuesday?", None),
        ("Re: Hello", "I am on vacation until Monday. Call me then!", None),
        ("Re: Automatic reply: Hello", "Sorry for the automatic reply, let us talk.", None),
        ("Re: Hello", "Diese Nachricht wurde automatisch erzeugt. Ticket 4711", "says it is automatic"),
        ("Re: Hello", "*** Automatisch generierte E-Mail, bitte nicht antworten ***", "says it is automatic"),
        ("Re: Hello", "We received your request. This email was automatically generated.", "says it is automatic"),
        ("Re: Hello", "Ceci est un message automatique, merci de ne pas r\u00e9pondre.", "says it is automatic"),
        ("Re: Hello", "Ik ben momenteel afwezig. Voor dringende zaken kunt u terecht bij Jan.", "away, and what programs add"),
        ("Undeliverable: Hello", "Delivery has failed to these recipients.", "subject"),
        ("Mail delivery failed: returning message to sender", "", "subject"),
        ("Re: Hello", "Vielen Dank f\u00fcr Ihre Nachricht. Ich war im Urlaub und melde mich erst jetzt.", None),
        ("Re: Hello", "Thanks for your email. I am out of the office today, but let\u2019s talk on Thursday.", None),
        ("Re: Hello", "Thank you for your email, I was on vacation. Yes, please send the offer.", None),
        ("Re: Hello", "Bin nicht im B\u00fcro, aber wir nehmen 20 St\u00fcck. Wenden Sie sich bitte an Frau Kurz.", None),
        ("Re: Hello", "Je suis en vacances, \u00e0 mon retour je vous appelle. Nous prenons vingt.", None),
        ("Re: Hello", "Bedankt voor uw bericht. Ik ben op vakantie geweest, graag een offerte.", None),
        ("Re: Hello", "We need automatically generated reports. Call me.", None),
        ("Re: Hello", "Ihre letzte Mail wurde automatisch in den Spam verschoben. Bitte nochmals.", None),
        ("Re: Hello", "Das ist eine automatische Presse, wie wir sie suchen.", None),
        ("Re: Hello", "Dies ist keine automatische Antwort, ich will wirklich kaufen.", None),
        ("Abwesenheit von Frau Kurz", "Frau Kurz ist nicht mehr hier, ich \u00fcbernehme.", None),
        ("Undeliverable goods", "Ours came back.", None),
        (None, None, None),
    ],
)  # fmt: skip
def test_automatic_replies_are_detected_by_named_rules(subject, text, rule):
    assert automatic_reply_rule(subject, text) == rule


def test_an_automatic_reply_counts_as_such_despite_its_event_type(post, work, dedicated, payload):
    _, _, secret = dedicated
    post(secret, payload("email_sent"))
    told = payload(
        "reply_received",
        reply_subject="Abwesenheitsnotiz: Hallo",
        reply_text="Bin weg.",
        timestamp="2026-07-10T10:00:00.000Z",
    )
    post(secret, told)
    work()
    sent, reply = sorted(all_of(Message), key=lambda message: message.direction, reverse=True)
    assert (sent.status, reply.status) == ("sent", "auto_reply")
    assert [(event.type, event.detail) for event in all_of(Event)][1] == ("auto_reply_received", "reply_received")
    assert all_of(Contact)[0].replied_at is None
    assert [
        sum(getattr(row, name) for row in all_of(DailyStats)) for name in ("replies", "unique_replies", "auto_replies")
    ] == [0, 0, 1]


# --- ids -------------------------------------------------------------------------------------------------------------------


def test_ids_too_long_for_an_index_are_stored_and_stay_distinct(post, work, dedicated, payload):
    _, _, secret = dedicated
    letters = "".join(chr(0x4E00 + n * 7) for n in range(1000))
    for place, last in enumerate("ab"):
        post(
            secret,
            payload(
                "reply_received", email_id=letters + last, reply_text=last, timestamp=f"2026-07-10T10:0{place}:00.000Z"
            ),
        )
    work()
    assert all_of(Held) == []
    replies = [message for message in all_of(Message) if message.direction == "in"]
    assert len({message.email_id for message in replies}) == 2 and all(
        len(message.email_id) == 255 for message in replies
    )
