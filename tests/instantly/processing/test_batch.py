"""Processing of a batch of webhook deliveries: assignment to organizations, held and faulty ones."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from time import sleep

import orjson
import pytest
import time_machine
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.models import EmailAccount
from campaigns.models import Campaign
from instantly.models import Alert, Held, Pending, WorkerBatch
from instantly.processing import batch as processing
from instantly.processing import inline, reading, worker
from instantly.processing.batch import fail, process_pending, release_held
from instantly.webhooks.store import store_raw
from messaging import event_writer, search
from messaging.event_writer import Recordable
from messaging.mail_text.limits import MAX_INPUT
from messaging.models import Contact, DailyStats, Event, Message, SearchPending, Suppression
from salesbrain import rls
from salesbrain.kernel import db
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def all_of(model):
    with rls.scope(rls.SYSTEM):
        return list(model.objects.all())


def test_an_event_is_recorded_as_message_contact_event_and_stats(post, work, dedicated, payload, acme):
    _, campaign, secret = dedicated
    post(secret, payload("email_sent", email_subject="Hello", email_html="<p>Hello<script>alert(1)</script></p>"))
    post(secret, payload("email_opened", timestamp="2026-07-10T09:05:00.000Z"))
    assert work() == 2
    (message,), (contact,), events, (stats,) = (all_of(model) for model in (Message, Contact, Event, DailyStats))
    assert (message.organization_id, message.campaign_id, message.contact_id) == (acme.pk, campaign.pk, contact.pk)
    assert (message.subject, message.body_html, message.status) == ("Hello", "<p>Hello</p>", "opened")
    assert (contact.email, contact.name, contact.company) == ("lead@lead.example", "Ada Lee", "Lead Ltd")
    assert {event.type for event in events} == {"email_sent", "email_opened"}
    first, second = sorted(event.position for event in events)
    assert second == first + 1
    assert (stats.sent, stats.messages, stats.opens, stats.unique_opens) == (1, 1, 1, 1)
    assert stats.email_account == "sender@sender.example"
    assert all_of(Pending) == all_of(Held) == []


def test_a_reply_is_cut_from_the_thread_below_it(post, work, dedicated, payload):
    _, _, secret = dedicated
    text = "Gern, am Dienstag?\n\nAm Fr., 10. Juli 2026 um 11:00 schrieb Sender <sender@sender.example>:\n\n> Hallo Ada\n> viele Grüße\n"
    post(
        secret,
        payload("reply_received", reply_subject="Re: Hello", reply_text=text, timestamp="2026-07-10T10:00:00.000Z"),
    )
    work()
    sent, reply = sorted(all_of(Message), key=lambda message: message.direction, reverse=True)
    assert (sent.status, sent.sent_at, reply.direction) == ("replied", None, "in")
    assert reply.reply_text == "Gern, am Dienstag?"
    assert reply.body_text == text


def test_an_automatic_reply_does_not_count_as_a_human_reply(post, work, dedicated, payload):
    _, _, secret = dedicated
    post(secret, payload("email_sent"))
    post(
        secret,
        payload("auto_reply_received", reply_text="Ich bin nicht im Haus.", timestamp="2026-07-10T10:00:00.000Z"),
    )
    work()
    sent = next(message for message in all_of(Message) if message.direction == "out")
    assert sent.status == "sent"
    assert all_of(Contact)[0].replied_at is None
    totals = [(stats.replies, stats.unique_replies, stats.auto_replies) for stats in all_of(DailyStats)]
    assert [sum(column) for column in zip(*totals, strict=True)] == [0, 0, 1]


def test_a_custom_label_becomes_the_interest_as_text(post, work, dedicated, payload):
    _, _, secret = dedicated
    post(secret, payload("Hot Lead!", timestamp="2026-07-10T10:00:00.000Z"))
    work()
    assert all_of(Contact)[0].interest == "Hot Lead!"
    (event,) = all_of(Event)
    assert (event.type, event.detail, event.interest) == ("custom", "Hot Lead!", "Hot Lead!")


def test_an_unsubscribe_suppresses_for_the_whole_organization(post, work, dedicated, payload, acme):
    _, _, secret = dedicated
    post(secret, payload("lead_unsubscribed"))
    work()
    (suppression,) = all_of(Suppression)
    assert (suppression.organization_id, suppression.email, suppression.reason) == (
        acme.pk,
        "lead@lead.example",
        "unsubscribe",
    )
    with rls.scope(rls.SYSTEM):
        Suppression.objects.update(lifted_at=factories.NOON)
        assert not Suppression.objects.in_force().exists()
    post(secret, payload("lead_unsubscribed", timestamp="2026-07-12T10:00:00.000Z"))
    work()
    with rls.scope(rls.SYSTEM):
        assert Suppression.objects.in_force().count() == 1


def test_an_account_event_reaches_an_email_account_no_sync_has_seen(post, work, dedicated, payload):
    _, _, secret = dedicated
    post(secret, payload("account_error", campaign_id=None, lead_email=None, email=None))
    work()
    (account,) = all_of(EmailAccount)
    assert (account.address, account.status) == ("sender@sender.example", "error")


def test_another_workspaces_delivery_is_held_and_not_recorded(post, work, dedicated, payload, globex_connection):
    connection, _, secret = dedicated
    theirs = factories.campaign(globex_connection)
    answer = post(
        secret, payload("email_sent", workspace=globex_connection.workspace_id, campaign_id=theirs.provider_id)
    )
    assert answer.status_code == 200
    work()
    (held,) = all_of(Held)
    assert (held.reason, held.detail) == ("workspace_mismatch", globex_connection.workspace_id)
    assert all_of(Event) == all_of(Message) == []
    (alert,) = all_of(Alert)
    assert (alert.kind, alert.connection_id) == ("workspace_mismatch", connection.pk)


def test_an_unknown_campaign_waits_and_is_counted_once_when_it_comes(post, work, dedicated, payload):
    connection, _, secret = dedicated
    post(secret, payload("email_sent", campaign_id="not-synced-yet"))
    work()
    assert [(held.reason, held.detail) for held in all_of(Held)] == [("unknown_campaign", "not-synced-yet")]
    assert release_held() == 0
    factories.campaign(connection, provider_id="not-synced-yet")
    assert release_held() == 1
    assert release_held() == 0, "released once"
    work()
    work()
    assert all_of(Held) == []
    assert [stats.sent for stats in all_of(DailyStats)] == [1]


def test_a_shared_workspaces_events_are_the_campaigns_organizations(post, work, shared_connection, globex, house):
    secret = factories.webhook_secret(shared_connection)
    assigned = factories.campaign(shared_connection, "Globex", globex)
    unassigned = factories.campaign(shared_connection, "Nobody's")
    for campaign in (assigned, unassigned):
        body = {
            "event_type": "email_sent",
            "timestamp": "2026-07-10T09:00:00.000Z",
            "lead_email": "lead@lead.example",
            "step": 1,
            "variant": 1,
        }
        post(secret, body | {"workspace": shared_connection.workspace_id, "campaign_id": campaign.provider_id})
    work()
    assert {(event.campaign_id, event.organization_id) for event in all_of(Event)} == {
        (assigned.pk, globex.pk),
        (unassigned.pk, house.pk),
    }
    assert {contact.organization_id for contact in all_of(Contact)} == {globex.pk, house.pk}


@pytest.mark.parametrize("timestamp", [None, "", "yesterday", 7, [], "99999-01-01T00:00:00Z", "2026-13-01T00:00:00Z"])
def test_a_body_that_cannot_be_placed_in_time_is_dead_and_visible(post, work, dedicated, payload, timestamp):
    _, _, secret = dedicated
    post(secret, payload("email_sent", timestamp=timestamp))
    work()
    (held,) = all_of(Held)
    assert held.reason == "dead"
    assert "timestamp" in held.detail


@pytest.mark.parametrize(
    "changes",
    [
        {"step": "x", "variant": -1},
        {"step": 10**30},
        {"step": 1e300, "variant": [1]},
        {"lead_email": "a" * 100_000 + "@lead.example"},
        {"lead_email": {"not": "text"}, "email": None},
        {"email_id": "x" * 100_000},
        {"firstName": "\ud83d\ude00" * 50_000},
        {"firstName": "nul\0inside", "companyName": None},
        {"campaign": "another-campaign", "organization_id": "nobody"},
        {"timestamp": "0001-01-01T00:00:00Z"},
        {"timestamp": "9999-12-31T23:59:59.999Z"},
        {"unibox_url": "http://[broken"},
        {"reply_html": "<" * 10_000, "reply_text": ">" * 10_000},
        {"email_account": "  MiXeD@Case.Example "},
    ],
    ids=repr,
)
def test_any_body_is_recorded_or_held_without_blocking_the_next(dedicated, payload, work, changes):
    import json

    connection, _, _ = dedicated
    store_raw(connection.pk, json.dumps(payload("reply_received", **changes)).encode("utf-8", "surrogatepass"))
    store_raw(connection.pk, json.dumps(payload("email_opened", lead_email="next@lead.example")).encode())
    assert work() == 2
    assert "next@lead.example" in {event.lead_email for event in all_of(Event)}
    assert all_of(Pending) == []
    assert len(all_of(Event)) + len(all_of(Held)) == 2


def test_a_delivery_from_the_future_waits_and_affects_nothing_until_then(post, work, dedicated, payload):
    """A delivery with a future time (wrong clock, lead variable `timestamp`) would override every later status, so it waits."""
    _, _, secret = dedicated
    now = timezone.now()
    post(secret, payload("lead_interested", timestamp=(now + timedelta(minutes=30)).isoformat()))
    post(secret, payload("lead_not_interested", timestamp=(now + timedelta(hours=2)).isoformat()))
    work()
    (held,) = all_of(Held)
    assert held.reason == "failed" and "still to come" in held.detail
    assert held.next_try_at and [contact.interest for contact in all_of(Contact)] == ["lead_interested"]

    with rls.scope(rls.SYSTEM):
        Held.objects.update(next_try_at=now)
    with time_machine.travel(now + timedelta(hours=1, minutes=1), tick=False):
        work()
    assert all_of(Held) == []
    assert [contact.interest for contact in all_of(Contact)] == ["lead_not_interested"]


def seven_with_a_poisonous_one(dedicated, payload, patch, poison: str) -> None:
    """Store seven deliveries; a batch with the fourth runs the SQL statement `poison` before it is recorded."""
    connection, _, _ = dedicated
    for n in range(7):
        store_raw(connection.pk, orjson.dumps(payload("email_opened", lead_email=f"lead{n}@lead.example")))
    real = processing.event_writer.record

    def record(batch):
        if any(event.lead_email == "lead3@lead.example" for event, _ in batch):
            with connections["default"].cursor() as cursor:
                cursor.execute(poison)
        return real(batch)

    patch.setattr(processing.event_writer, "record", record)


def test_a_poison_delivery_is_isolated_tried_again_and_given_up(dedicated, payload, work, monkeypatch):
    seven_with_a_poisonous_one(dedicated, payload, monkeypatch, "SELECT 1/0")  # what PostgreSQL itself refuses
    assert work() == 7
    assert len(all_of(Event)) == 6
    for attempt, minutes in enumerate((1, 5, 30, 2 * 60, 12 * 60), 1):
        (held,) = all_of(Held)
        assert (held.reason, held.attempts) == ("failed", attempt)
        pause = timedelta(minutes=minutes)
        assert pause - timedelta(seconds=30) < held.next_try_at - timezone.now() <= pause
        assert work() == 0, "not before its time"
        with rls.scope(rls.SYSTEM):
            Held.objects.update(next_try_at=timezone.now())
        assert work() == 1
    (held,) = all_of(Held)
    assert held.attempts == 6
    assert (held.reason, held.next_try_at) == ("dead", None)
    assert "division by zero" in held.detail
    with rls.scope(rls.SYSTEM):
        Held.objects.update(next_try_at=timezone.now())
    assert work() == 0, "dead is dead until a person says otherwise"


@pytest.mark.parametrize("state", ["53200", "57014"], ids=["out of memory", "statement timeout"])
def test_a_delivery_too_large_for_the_database_blocks_no_other(dedicated, payload, work, monkeypatch, state):
    """The delivery is retried, because the database may be short of memory only briefly; those behind it are processed."""
    with monkeypatch.context() as patched:
        poison = f"DO $$ BEGIN RAISE 'too much' USING ERRCODE = '{state}'; END $$"
        seven_with_a_poisonous_one(dedicated, payload, patched, poison)
        assert work() == 7
    (held,) = all_of(Held)
    assert (held.reason, held.attempts, len(all_of(Event))) == ("failed", 1, 6)
    with rls.scope(rls.SYSTEM):
        Held.objects.update(next_try_at=timezone.now())
    assert work() == 1 and len(all_of(Event)) == 7


def test_a_handler_that_raises_holds_its_event_only(dedicated, payload, work, monkeypatch):
    import orjson

    connection, _, _ = dedicated
    store_raw(connection.pk, orjson.dumps(payload("email_sent")))
    store_raw(connection.pk, orjson.dumps(payload("email_opened")))

    def broken(event):
        raise RuntimeError("a bug")

    monkeypatch.setitem(processing.handlers.HANDLERS, processing.handlers.EventType.EMAIL_SENT, broken)
    work()
    assert [event.type for event in all_of(Event)] == ["email_opened"]
    assert [held.reason for held in all_of(Held)] == ["failed"]


def test_deliveries_locked_by_another_worker_are_skipped(dedicated, payload, django_db_blocker):
    import orjson

    connection, _, _ = dedicated
    first = store_raw(connection.pk, orjson.dumps(payload("email_sent")))
    store_raw(connection.pk, orjson.dumps(payload("email_opened")))
    other = connections["owner"]
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT * FROM instantly_pending WHERE delivery_id = %s FOR UPDATE", [first])
        assert process_pending() == 1
    finally:
        other.rollback()
        other.set_autocommit(True)
    assert process_pending() == 1
    assert len(all_of(Event)) == 2


def test_a_dead_workers_batch_is_taken_up_one_by_one(dedicated, payload, monkeypatch):
    import orjson

    connection, _, _ = dedicated
    ids = [
        store_raw(connection.pk, orjson.dumps(payload("email_opened", lead_email=f"{n}@lead.example")))
        for n in range(3)
    ]
    with rls.scope(rls.SYSTEM):
        WorkerBatch.objects.create(worker=7, delivery_ids=ids)
    taken = []
    with worker.listening() as listener:
        assert (left := listener.orphaned_batches()) == [ids]
        assert listener.orphaned_batches() == []
        real = listener.announce
        monkeypatch.setattr(listener, "announce", lambda ids: (taken.append(ids), real(ids)))
        worker.process_one_by_one(left[0], listener)
    assert taken == [[id] for id in ids]
    assert len(all_of(Event)) == 3


def test_a_delivery_that_killed_a_worker_while_alone_waits(dedicated, payload):
    import orjson

    connection, _, _ = dedicated
    id = store_raw(connection.pk, orjson.dumps(payload("email_opened")))
    assert id
    with worker.listening() as listener:
        worker.process_one_by_one([id], listener)
    (held,) = all_of(Held)
    assert (held.reason, held.attempts) == ("failed", 1)


def test_a_living_workers_batch_is_left_alone():
    with worker.listening() as one, worker.listening() as other:
        one.announce([1, 2, 3])
        assert other.orphaned_batches() == []


def test_a_replayed_delivery_changes_nothing(post, work, dedicated, payload):
    _, _, secret = dedicated
    post(secret, payload("email_sent"))
    work()
    with rls.scope(rls.SYSTEM):
        Pending.objects.create(delivery_id=all_of(Event)[0].pk)
    assert work() == 1
    assert [stats.sent for stats in all_of(DailyStats)] == [1]


def test_a_failed_delivery_leaves_the_queue_once(dedicated, payload):
    import orjson

    connection, _, _ = dedicated
    id = store_raw(connection.pk, orjson.dumps(payload("email_sent")))
    assert id and fail(id, "why") == 1
    assert fail(id, "why") == 0


def test_a_status_event_sets_the_campaigns_status_by_time(post, work, dedicated, payload):
    _, campaign, secret = dedicated
    post(secret, payload("campaign_completed", lead_email=None, email=None, timestamp="2026-07-12T00:00:00.000Z"))
    post(secret, payload("campaign_paused", lead_email=None, email=None, timestamp="2026-07-11T00:00:00.000Z"))
    work()
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.get(pk=campaign.pk).status == "completed"


def test_inline_processing_needs_no_worker(post, dedicated, payload, settings):
    settings.INSTANTLY_PROCESSING = "inline"
    _, _, secret = dedicated
    assert post(secret, payload("email_sent")).status_code == 200
    assert len(all_of(Message)) == 1
    assert [event.position is not None for event in all_of(Event)] == [True]


def test_inline_processing_runs_the_workers_other_steps(post, dedicated, payload, settings, acme, monkeypatch):
    """Messages are searchable at once; a failed delivery is tried again with the next request after its pause."""
    settings.INSTANTLY_PROCESSING = "inline"
    _, _, secret = dedicated
    with monkeypatch.context() as broken:
        broken.setattr("messaging.handlers.changes", lambda event: 1 / 0)
        post(secret, payload("email_sent", email_subject="Zebrafinken"))
    with rls.scope(rls.SYSTEM):
        Held.objects.update(next_try_at=timezone.now())
    monkeypatch.setattr(inline, "_swept", float("-inf"))
    post(secret, payload("email_opened"))
    with rls.scope(rls.SYSTEM):
        assert not Held.objects.exists() and not Pending.objects.exists()
        assert not SearchPending.objects.exists()
    with rls.scope(rls.customer(acme.pk)):
        assert len(search.newest(search.SearchQuery("Zebrafinken"), limit=5)) == 1


def test_a_reply_of_three_megabytes_is_a_reply_like_another(post, work, dedicated, payload, acme, api, customer):
    """Stored unchanged, shown without quotes and scripts, found by its words, and returned by the API."""
    _, campaign, secret = dedicated
    quoted = "> " + "thread " * 10 + "\n"
    text = "Zebrafinken please.\n\nOn Mon, 6 Jul 2026 Ann <ann@sender.example> wrote:\n" + quoted * 20_000
    html = "<p>Zebrafinken please.</p><script>x()</script><blockquote>" + "<p>thread</p>" * 120_000 + "</blockquote>"
    body = payload("reply_received", reply_text=text, reply_html=html)
    assert len(orjson.dumps(body)) > 3_000_000
    assert post(secret, body).status_code == 200
    assert work() == 1
    while search.index_pending():
        pass
    with rls.scope(rls.SYSTEM):
        assert not Held.objects.exists()
        reply = Message.objects.get(direction="in")
        assert (reply.reply_text, len(reply.body_text)) == ("Zebrafinken please.", MAX_INPUT)
        assert "script" not in reply.body_html and "Zebrafinken" in reply.body_html
    with rls.scope(rls.customer(acme.pk)):
        assert len(search.newest(search.SearchQuery("Zebrafinken"), limit=5)) == 1
    answer = api(customer).get(f"/api/instantly/campaign/{campaign.pk}/messages")
    assert answer.status_code == 200 and answer.json()["count"] == 2


OWN_WORDS = {
    "forward": "Kiwano1 for you.\n\n---------- Forwarded message ---------\nFrom: Ole <ole@else.example>\n\nplease buy kiwano2",
    "below": "Am 03.04.2026 um 12:32 schrieb Ann:\n> Altes\n\nKiwano1 und kiwano2, bitte.",
    "times": "Kiwano1\nVon: 9 bis 17 Uhr\nBetreff: Halle 3\n\nBitte kommen Sie am kiwano2 vorbei.",
    "copy": "Sure.\nDate: Monday\nCc: kiwano1\nbring kiwano2 with you.",
    "long": "Kiwano1 " + "and so on " * 3_500 + "kiwano2",
}


@pytest.mark.parametrize("text", OWN_WORDS.values(), ids=OWN_WORDS)
def test_every_word_of_the_persons_is_in_the_reply_and_found(post, work, dedicated, payload, acme, text):
    _, _, secret = dedicated
    post(secret, payload("reply_received", reply_text=text, reply_html=None))
    assert work() == 1
    while search.index_pending():
        pass
    with rls.scope(rls.customer(acme.pk)):
        reply = Message.objects.get(direction="in")
        for word in ("kiwano1", "kiwano2"):
            assert word in reply.reply_text.lower()
            assert [hit.id for hit in search.newest(search.SearchQuery(word), limit=5)] == [reply.pk]


ONLY_PARTS = {
    "html": {"reply_html": "<div>Ja, bitte <b>kiwano1</b> anrufen.</div>"},
    "snippet": {"reply_text_snippet": "Ja, bitte kiwano1 anrufen."},
    "blank text": {"reply_text": " \n", "reply_html": "<p>Ja, bitte kiwano1 anrufen.</p>"},
}


@pytest.mark.parametrize("parts", ONLY_PARTS.values(), ids=ONLY_PARTS)
def test_a_reply_without_a_text_part_has_a_text(post, work, dedicated, payload, acme, parts):
    _, _, secret = dedicated
    body = {"reply_text": None, "reply_html": None, "reply_text_snippet": None} | parts
    post(secret, payload("reply_received", **body))
    assert work() == 1
    while search.index_pending():
        pass
    with rls.scope(rls.customer(acme.pk)):
        reply = Message.objects.get(direction="in")
        assert reply.body_text == reply.reply_text == "Ja, bitte kiwano1 anrufen."
        assert len(search.newest(search.SearchQuery("kiwano1"), limit=5)) == 1


def test_a_sent_mail_without_a_text_part_is_found_by_its_html(post, work, dedicated, payload, acme):
    _, _, secret = dedicated
    post(secret, payload("email_sent", email_text=None, email_html="<p>Unser Angebot: <i>kiwano1</i></p>"))
    assert work() == 1
    while search.index_pending():
        pass
    with rls.scope(rls.customer(acme.pk)):
        sent = Message.objects.get(direction="out")
        assert (sent.body_text, sent.reply_text) == ("Unser Angebot: kiwano1", None)
        assert len(search.newest(search.SearchQuery("kiwano1"), limit=5)) == 1


def test_a_database_error_is_distinguished_from_its_absence(post, work, dedicated, payload, caplog, monkeypatch):
    """Take a feed number by hand: the resulting error is reported as such, and the worker continues with the next number."""
    _, _, secret = dedicated
    monkeypatch.setattr(worker, "RETRY", 0)
    post(secret, payload("email_sent"))
    post(secret, payload("email_opened", timestamp="2026-07-10T09:05:00.000Z"))
    work()
    first, second = all_of(Event)
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE messaging_event SET position = NULL WHERE id = %s", [second.pk])
        cursor.execute("SELECT setval('messaging_event_position', %s, false)", [first.position])
    worker.run(stopped=lambda: all(event.position for event in all_of(Event)))
    assert sorted(event.position for event in all_of(Event)) == [first.position, first.position + 1]
    assert "refused a step of the worker (duplicate key" in caplog.text and "not there" not in caplog.text


def test_search_rows_wait_while_deliveries_come_in_a_rush(monkeypatch):
    """Search rows cost more than events, so under load they are written only now and then, otherwise until none is left."""
    looked, steps = [], []
    coming = iter([10, 6, 10, 5, 0])

    def process(ahead):
        looked.append(next(coming))
        steps.append(0)
        return looked[-1]

    def index(limit):
        steps[-1] += 1
        return limit if steps[-1] < 3 else 0

    monkeypatch.setattr(worker.ReadAhead, "process", process)
    monkeypatch.setattr(worker, "index_pending", index)
    monkeypatch.setattr(worker.notify, "LINGER", 30.0)
    monkeypatch.setattr(worker, "sleep", lambda seconds: None)
    worker.run(stopped=lambda: len(looked) == 5, limit=10)
    assert steps == [0, 0, 0, 3, 3]
    looked, steps, coming = [], [], iter([10, 10])
    monkeypatch.setattr(worker, "INDEX_AT_LEAST", 0.0)
    worker.run(stopped=lambda: len(looked) == 2, limit=10)
    assert steps == [1, 1]


def test_a_position_is_assigned_at_once_unless_another_transaction_is_numbering(post, dedicated, payload):
    """An event recorded while another transaction numbers events gets its number after that commits, so that readers miss nothing."""
    _, _, secret = dedicated
    numbering = db.direct_connection()
    with closing(numbering), numbering.transaction():
        numbering.execute("SELECT pg_advisory_xact_lock(%s)", [event_writer.NUMBERING_LOCK])
        post(secret, payload("email_sent"))
        assert process_pending() == 1 and processing.number_events() == 0
        (taken,) = numbering.execute("SELECT nextval('messaging_event_position')").fetchone() or (0,)
        assert [event.position for event in all_of(Event)] == [None]
    post(secret, payload("email_opened", timestamp="2026-07-10T09:05:00.000Z"))
    assert process_pending() == 1
    assert {event.type: event.position for event in all_of(Event)} == {"email_sent": None, "email_opened": taken + 1}
    assert processing.number_events() == 1
    assert {event.type: event.position for event in all_of(Event)} == {
        "email_sent": taken + 2,
        "email_opened": taken + 1,
    }


def _claimed_and_read(id: int) -> list[Recordable]:
    contents = reading.read_bodies(reading.select_pending(1, [id], None).values())
    return processing.interpret(processing.claim([id]), contents)[0]


def test_positions_follow_the_order_in_which_batches_are_committed(post, dedicated, payload):
    """While a numbered batch is not committed, events of another worker get no number."""
    _, _, secret = dedicated
    post(secret, payload("email_sent"))
    post(secret, payload("email_sent", lead_email="other@lead.example", email_account="other@sender.example"))
    first, second = (pending.delivery_id for pending in all_of(Pending))

    def another() -> None:
        try:
            assert process_pending(1, [second]) == 1
            assert processing.number_events() == 0
        finally:
            connection.close()

    with transaction.atomic():
        rls.enter(rls.SYSTEM)
        event_writer.record(_claimed_and_read(first))
        with ThreadPoolExecutor(1) as pool:
            pool.submit(another).result(30)
    assert processing.number_events() == 1
    positions = {event.pk: event.position for event in all_of(Event)}
    assert positions[first] < positions[second]


CONTACTS_FETCHED = (
    "SELECT coalesce(max(idx_tup_fetch), 0) FROM pg_stat_xact_user_tables WHERE relname = 'messaging_contact'"
)


def test_a_person_is_found_by_key_however_small_the_table_was_thought(post, dedicated, payload, acme):
    """A cached plan, made when the table seemed new and small, must not read all contacts for each batch."""
    _, _, secret = dedicated
    post(secret, payload("email_sent"))
    process_pending()
    for n in range(100):
        factories.contact(acme, f"lead{n}@lead.example")
    post(secret, payload("email_sent", firstName="Grace", step=2, timestamp="2026-07-11T09:00:00.000Z"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        (before,) = cursor.execute(
            CONTACTS_FETCHED
        ).fetchone()  # of this session, earlier transactions too until they are reported
        process_pending()
        (after,) = cursor.execute(CONTACTS_FETCHED).fetchone()
    assert [contact.first_name for contact in all_of(Contact) if contact.first_name] == ["Grace"]
    assert after - before < 30, "The statement in messaging/sql/contacts.sql reads the table through its key."


def test_changes_of_a_contact_by_a_concurrent_batch_are_kept(post, dedicated, payload):
    """The second batch read the contact before the first was committed, waits for the row, and changes its present state."""
    _, _, secret = dedicated
    post(secret, payload("email_sent"))
    process_pending()
    post(secret, payload("lead_interested", timestamp="2026-07-11T09:00:00.000Z"))
    post(secret, payload("email_sent", firstName="Grace", step=2, timestamp="2026-07-12T09:00:00.000Z"))
    first, second = (pending.delivery_id for pending in all_of(Pending))

    def another() -> int:
        try:
            return process_pending(1, [second])
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            rls.enter(rls.SYSTEM)
            event_writer.record(_claimed_and_read(first))
            waiting = pool.submit(another)
            _until_somebody_waits_for_a_row()
        assert waiting.result(30) == 1
    (contact,) = all_of(Contact)
    assert (contact.first_name, contact.interest) == ("Grace", "lead_interested")


def _until_somebody_waits_for_a_row():
    for _ in range(1000):
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted")
            if cursor.fetchone()[0]:
                return
        sleep(0.01)
    raise AssertionError("Nobody waits.")


def test_a_full_batch_is_merged_in_memory(dedicated, payload):
    connection_of, _, _ = dedicated
    for n in range(processing.BATCH):
        store_raw(connection_of.pk, orjson.dumps(payload("email_opened", lead_email=f"lead{n}@lead.example")))
    before = _temporary_files()
    assert process_pending() == processing.BATCH
    assert _temporary_files() == before, "A statement of messaging/sql spills its groups to the disk."


def _temporary_files():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT temp_files FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]
