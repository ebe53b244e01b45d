"""Mails that take too much CPU to read: set aside for a person, without delaying others."""

import logging
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError

from accounts.models import AuditEntry
from instantly.choices import AlertKind, HeldReason
from instantly.models import Alert, Held, Pending, WorkerBatch
from instantly.monitoring import queue_age
from instantly.processing import batch, mails, reading, steps, worker
from instantly.processing.batch import process_pending
from instantly.processing.holding import dismiss, hold_delivery
from instantly.processing.replay import requeue
from instantly.processing.suspects import Suspects
from messaging import event_writer, search
from messaging.models import Event, SearchPending
from salesbrain import rls
from salesbrain.kernel.bounded_process import BoundedProcess, Unavailable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def slow_reader(monkeypatch):
    with BoundedProcess("tests.instantly.processing.slow_reader:read_slowly", cpu_seconds=0.2) as reader:
        monkeypatch.setattr(mails, "reader", reader)
        yield


@pytest.fixture
def replies(post, payload, dedicated):
    """Return a function that posts replies with these texts and returns the ids of their deliveries."""

    def send(*texts: str) -> list[int]:
        for number, text in enumerate(texts):
            body = payload(
                "reply_received",
                reply_text=text,
                email_id=f"mail-{number}-{text}",
                lead_email=f"lead{number}@lead.example",
            )
            assert post(dedicated[2], body).status_code == 200
        with rls.scope(rls.SYSTEM):
            return list(Pending.objects.order_by("pk").values_list("pk", flat=True))

    return send


def held() -> dict[int, str]:
    with rls.scope(rls.SYSTEM):
        return dict(Held.objects.values_list("delivery_id", "reason"))


def pending() -> list[int]:
    with rls.scope(rls.SYSTEM):
        return list(Pending.objects.order_by("pk").values_list("pk", flat=True))


def alerts() -> set[str]:
    with rls.scope(rls.SYSTEM):
        return set(Alert.objects.filter(resolved_at=None).values_list("kind", flat=True))


def test_a_costly_mail_is_held_with_its_reason_and_the_others_are_recorded(replies, work):
    ids = replies("a", "slow", "b", "slow as well", "c")
    work()
    assert held() == {ids[1]: HeldReason.OVER_BUDGET, ids[3]: HeldReason.OVER_BUDGET}
    with rls.scope(rls.SYSTEM):
        assert Held.objects.get(pk=ids[1]).detail == "it takes more than 0.2 s of CPU"
        assert set(Event.objects.values_list("pk", flat=True)) == {ids[0], ids[2], ids[4]}
    assert alerts() == {AlertKind.OVER_BUDGET}


def test_a_text_that_breaks_the_reader_is_held_too(replies, work):
    ids = replies("a", "fail")
    work()
    assert held() == {ids[1]: HeldReason.OVER_BUDGET}


def test_no_transaction_is_open_while_texts_are_read(replies, monkeypatch):
    from django.db import connection

    open_ones = []
    real = reading.read_mails
    monkeypatch.setattr(
        reading, "read_mails", lambda payloads: open_ones.append(connection.in_atomic_block) or real(payloads)
    )
    replies("a")
    assert process_pending() == 1 and open_ones == [False]


def test_deliveries_beyond_the_batch_budget_stay_pending(replies, work, monkeypatch):
    monkeypatch.setitem(reading.read_mails.__kwdefaults__, "batch_seconds", 0.3)
    ids = replies(*["tenth"] * 8)
    first = process_pending()
    assert 1 <= first < 8 and pending() == ids[first:] and held() == {}
    work()
    assert pending() == [] and held() == {}


def test_a_batch_is_bounded_in_bytes(replies, monkeypatch):
    monkeypatch.setattr(reading, "SMALL", 100)
    monkeypatch.setattr(reading, "BATCH_BYTES", 3000)
    ids = replies(*["x" * 1000] * 6)
    looked = reading.select_pending(500, None, None)
    assert 1 < len(looked) < 6 and list(looked) == ids[: len(looked)]
    monkeypatch.setattr(reading, "BATCH_BYTES", 1)
    assert list(reading.select_pending(500, None, None)) == ids[:1], "the first whatever its size"


def test_small_bodies_do_not_wait_for_large_ones_before_them(replies, monkeypatch):
    monkeypatch.setattr(reading, "SMALL", 1000)
    monkeypatch.setattr(reading, "BATCH_BYTES", 3000)
    ids = replies(*["x" * 2000] * 8, "a", "b")
    looked = list(reading.select_pending(4, None, None))
    assert looked[0] == ids[0] and looked[-2:] == ids[-2:] and len(looked) < 5


def test_short_mails_are_read_before_long_ones(replies, work, monkeypatch):
    monkeypatch.setitem(reading.read_mails.__kwdefaults__, "batch_seconds", 0.05)
    ids = replies("tenth" + "x" * 1000, "tenth", "a")
    assert process_pending() == 2 and pending() == ids[:1]


def test_deliveries_announced_by_another_worker_are_left_to_it(replies):
    ids = replies("a", "b", "c")
    with rls.scope(rls.SYSTEM):
        WorkerBatch.objects.create(worker=7, delivery_ids=ids[:2])
    assert list(reading.select_pending(500, None, 8)) == ids[2:]
    assert list(reading.select_pending(500, None, 7)) == ids
    with rls.scope(rls.SYSTEM):
        from datetime import timedelta

        from django.utils import timezone

        WorkerBatch.objects.update(started_at=timezone.now() - timedelta(minutes=1))
    assert list(reading.select_pending(500, None, 8)) == ids, "that worker may hang"


def test_a_body_that_changed_while_it_was_read_is_read_again(replies, monkeypatch):
    """An erasure takes a name out of a body; what a worker read before must not be recorded."""
    from instantly.models import Delivery

    ids = replies("names somebody")
    real = reading.read_bodies
    reads: list[Any] = []

    def read(bodies):
        bodies = list(bodies)
        contents = real(bodies)
        if not reads:
            with rls.scope(rls.SYSTEM):
                delivery = Delivery.objects.get(pk=ids[0])
                raw = bytes(delivery.body).replace(b"names somebody", b"names nobody")
                Delivery.objects.filter(pk=ids[0]).update(
                    body=raw, cleaned=None
                )  # `cleaned` is set where an id looks like 1e100
        reads.append(bodies)
        return contents

    monkeypatch.setattr(reading, "read_bodies", read)
    assert process_pending() == 1 and len(reads) == 2
    with rls.scope(rls.SYSTEM):
        from messaging.models import Message

        assert Message.objects.get(direction="in").body_text == "names nobody"


def test_an_installation_that_can_read_no_text_holds_nothing(replies, monkeypatch):
    ids = replies("a")
    with BoundedProcess("no.such.module:read") as broken:
        monkeypatch.setattr(mails, "reader", broken)
        with pytest.raises(Unavailable):
            process_pending()
    assert pending() == ids and held() == {}


@pytest.mark.parametrize("state", ["25P03", "08006", "57P01", None])
def test_a_batch_that_fails_the_same_way_again_is_halved_until_the_guilty_one_is_held(
    replies, work, monkeypatch, state
):
    """Batches are halved for errors of any class, because a batch that breaks its connection looks like a lost database."""
    ids = replies(*"abcdefgh")
    real = event_writer.record

    def record(rows):
        if any(event.id == ids[4] for event, _ in rows):
            error = OperationalError("terminating connection")
            error.__cause__ = type("Cause", (Exception,), {"sqlstate": state})()
            raise error
        return real(rows)

    monkeypatch.setattr(batch.event_writer, "record", record)
    monkeypatch.setattr(worker, "RETRY", 0.0)
    turns = iter(range(100))
    worker.run(stopped=lambda: not pending() or next(turns) > 60)
    assert held() == {ids[4]: HeldReason.FAILED} and pending() == []
    assert next(turns) < 40


def test_a_database_that_is_away_blames_no_delivery():
    suspects = Suspects()
    for _ in range(5):
        assert suspects.next() is None
        suspects.failed(OperationalError("connection refused"))
    assert suspects.waiting == []


def test_the_worker_survives_a_database_that_also_refuses_to_hold_the_delivery_at_fault(replies, monkeypatch):
    """A column is missing while a migration is reverted: claiming fails as recording does, and the worker must go on by itself."""
    (id,) = replies("a")
    real, refused = batch.claim, iter(range(6))

    def claim(ids):
        if next(refused, None) is not None:
            raise OperationalError("column n.lead_labels does not exist")
        return real(ids)

    monkeypatch.setattr(batch, "claim", claim)
    monkeypatch.setattr(worker, "RETRY", 0.0)
    turns = iter(range(100))
    worker.run(stopped=lambda: not pending() or next(turns) > 60)
    assert pending() == [] and held() == {id: HeldReason.FAILED}, "it is tried again later"


def test_a_repeatedly_failing_step_pauses_and_is_reported(monkeypatch, caplog):
    beside = steps.Steps()

    def broken():
        raise DatabaseError("no")

    with pytest.raises(DatabaseError):
        beside.run("indexing", broken, 0)
    with caplog.at_level(logging.ERROR):
        assert beside.run("indexing", broken, 0) == 0
    assert alerts() == {AlertKind.STEP_FAILING} and "indexing failed 2 times" in caplog.text
    assert beside.run("indexing", lambda: 5, 0) == 0, "it pauses"
    assert beside.run("numbering", lambda: 5, 0) == 5, "others go on"
    monkeypatch.setattr(steps, "monotonic", lambda: float("inf"))
    assert beside.run("indexing", lambda: 5, 0) == 5 and alerts() == set()


def test_a_message_that_cannot_be_indexed_is_passed_over(replies, work, monkeypatch):
    replies("a", "b", "c")
    work()
    with rls.scope(rls.SYSTEM):
        notes = list(SearchPending.objects.order_by("message_id").values_list("message_id", flat=True))
    real = search._take

    def take(step, parameters):
        with rls.scope(rls.SYSTEM):
            first = SearchPending.objects.order_by("message_id").values_list("message_id", flat=True).first()
        if step == "index_pending" and first == notes[1]:
            raise DatabaseError("index row size exceeds maximum")
        return real(step, parameters)

    monkeypatch.setattr(search, "_take", take)
    assert search.index_one_by_one() == 1
    with rls.scope(rls.SYSTEM):
        assert not SearchPending.objects.exists()


def test_an_operator_holds_a_pending_delivery_and_takes_that_back(replies, work, capsys):
    ids = replies("a", "b")
    call_command("hold_delivery", str(ids[0]), why="looks odd")
    assert held() == {ids[0]: HeldReason.OPERATOR} and pending() == ids[1:]
    work()
    assert held() == {ids[0]: HeldReason.OPERATOR}, "nothing releases it by itself"
    assert requeue([ids[0]]) == 1
    work()
    assert held() == {} and pending() == []
    with rls.scope(rls.SYSTEM):
        entry = AuditEntry.objects.get(action="delivery.hold")
        assert entry.detail["why"] == "looks odd" and entry.actor_name == "hold_delivery"


def test_a_delivery_that_is_not_pending_is_named(replies, work, capsys):
    ids = replies("a")
    work()
    with pytest.raises(CommandError):
        call_command("hold_delivery", str(ids[0]), "999999")
    said = capsys.readouterr().err
    assert f"#{ids[0]} is not pending" in said and "#999999 does not exist" in said


def test_a_dismissed_delivery_is_kept_and_raises_no_alert(replies, work):
    ids = replies("slow")
    work()
    call_command("hold_delivery", str(ids[0]), dismiss=True, why="spam")
    assert held() == {ids[0]: HeldReason.DISMISSED}
    assert dismiss(ids) == 0, "it is dismissed already"
    with rls.scope(rls.SYSTEM):
        Alert.objects.update(last_at="2026-01-01T00:00:00Z")
    batch.resolve_stale_alerts()
    assert alerts() == set()


def test_staff_replay_and_dismiss_held_deliveries_in_the_admin(replies, work, client, operator, viewer):
    ids = replies("slow", "slow 2")
    work()
    client.force_login(viewer)
    chosen = {"_selected_action": [str(ids[0])]}
    client.post("/admin/instantly/held/", {"action": "dismiss", **chosen})
    assert held()[ids[0]] == HeldReason.OVER_BUDGET, "a viewer only looks"
    client.force_login(operator)
    client.post("/admin/instantly/held/", {"action": "dismiss", **chosen})
    assert held()[ids[0]] == HeldReason.DISMISSED
    asked = {"action": "replay", "_selected_action": [str(ids[1])]}
    assert "Would be held again" in client.post("/admin/instantly/held/", asked).content.decode()
    assert pending() == [], "it was only shown"
    client.post("/admin/instantly/held/", {**asked, "confirmed": "yes"})
    assert pending() == [ids[1]]


def test_a_delivery_that_waits_too_long_raises_an_alert_until_none_does(replies, work, monkeypatch):
    assert queue_age.check_queue_age() is False
    replies("a")
    monkeypatch.setattr(queue_age, "MAX_AGE", -1.0)
    assert queue_age.check_queue_age() is True and alerts() == {AlertKind.QUEUE_STALLED}
    work()
    monkeypatch.setattr(queue_age, "MAX_AGE", 120.0)
    assert queue_age.check_queue_age() is False and alerts() == set()


def test_holding_a_processed_delivery_has_no_effect():
    assert hold_delivery(1) is False
