"""Batches read in a thread while the one before is recorded: none lost, doubled or unannounced."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event as Signal
from typing import Any

import orjson
import pytest
from django.db import DataError, OperationalError, connections

from instantly.models import Delivery, Pending, WorkerBatch
from instantly.processing import batch, read_ahead, worker
from instantly.processing.read_ahead import ReadAhead
from instantly.processing.suspects import Suspects
from instantly.webhooks.store import store_raw
from messaging import event_writer
from messaging.models import Event, Message
from salesbrain import rls

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT = 4


@pytest.fixture
def queued(dedicated, payload) -> Callable[[int], list[int]]:
    """Return `queued(count)`: store so many sent mails, each to another person; it returns their ids."""
    connection, _, _ = dedicated

    def store(count: int) -> list[int]:
        bodies = (payload("email_sent", lead_email=f"lead{n}@lead.example", email_text=f"Hi {n}") for n in range(count))
        ids = [store_raw(connection.pk, orjson.dumps(body)) for body in bodies]
        return [id for id in ids if id]

    return store


@contextmanager
def reading_ahead(suspects: Suspects | None = None) -> Iterator[tuple[ReadAhead, worker.Listener]]:
    begin = (suspects or Suspects()).begin
    with (
        worker.listening() as listener,
        ReadAhead(LIMIT, announce=listener.announce, begin=begin, worker=listener.number) as ahead,
    ):
        yield ahead, listener


def recorded() -> list[int]:
    with rls.scope(rls.SYSTEM):
        return list(Event.objects.order_by("pk").values_list("pk", flat=True))


def pending() -> list[int]:
    with rls.scope(rls.SYSTEM):
        return list(Pending.objects.order_by("pk").values_list("pk", flat=True))


def announced() -> list[list[int]]:
    with rls.scope(rls.SYSTEM):
        return list(WorkerBatch.objects.values_list("delivery_ids", flat=True))


@pytest.fixture
def during(monkeypatch) -> Callable[[Callable[[list[int]], Any]], None]:
    """Return `during(act)`: call `act` with the ids of each batch in the transaction that records it, once the next one was read."""
    read, real_read, real_record = Signal(), read_ahead.read_batch, event_writer.record

    def reading(*args: Any, **kwargs: Any) -> Any:
        try:
            return real_read(*args, **kwargs)
        finally:
            if kwargs.get("taken"):
                read.set()

    def install(act: Callable[[list[int]], Any]) -> None:
        def record(rows: Any) -> int:
            if len(rows) == LIMIT:
                assert read.wait(20), "The next batch is not read while this one is recorded."
                read.clear()
            act([event.id for event, _ in rows])
            return real_record(rows)

        monkeypatch.setattr(read_ahead, "read_batch", reading)
        monkeypatch.setattr(batch.event_writer, "record", record)

    return install


def in_thread(act: Callable[[], Any]) -> None:
    """Run `act` on a connection of its own: not in the transaction of this thread."""

    def run() -> None:
        try:
            act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result(30)


def test_the_next_batch_is_read_and_announced_while_the_last_one_is_recorded(queued, during):
    ids = queued(2 * LIMIT + 1)
    seen: list[list[int]] = []
    during(lambda _: seen.extend(announced()))
    with reading_ahead() as (ahead, _):
        assert [ahead.process() for _ in range(4)] == [LIMIT, LIMIT, 1, 0]
    assert seen == [ids[: 2 * LIMIT], ids[LIMIT:], ids[LIMIT:]]
    assert recorded() == ids and pending() == [] and announced() == []


def test_a_batch_that_is_not_full_is_followed_by_no_reading(queued):
    queued(LIMIT - 1)
    with reading_ahead() as (ahead, _):
        assert ahead.process() == LIMIT - 1 and not ahead.is_reading


def test_what_came_after_the_queue_was_read_to_its_end_is_found(queued, during, dedicated, payload):
    ids = queued(LIMIT)
    late = orjson.dumps(payload("email_opened", lead_email="late@lead.example"))
    during(lambda recording: in_thread(lambda: store_raw(dedicated[0].pk, late)) if recording == ids else None)
    with reading_ahead() as (ahead, _):
        assert [ahead.process() for _ in range(3)] == [LIMIT, 1, 0]


class Killed(BaseException):
    """Error: the process ends here, as by SIGKILL."""


def test_a_worker_killed_in_the_overlap_loses_and_doubles_nothing(queued, during, monkeypatch):
    ids = queued(3 * LIMIT)

    def die(recording: list[int]) -> None:
        if recording == ids[:LIMIT]:
            raise Killed

    during(die)
    with pytest.raises(Killed), reading_ahead() as (ahead, listener):
        # A killed worker takes nothing back: its row stays, and its lock goes with its connection.
        monkeypatch.setattr(listener, "close", listener.connection.close)
        ahead.process()
    assert pending() == ids and recorded() == []
    monkeypatch.undo()
    taken: list[list[int]] = []
    with worker.listening() as listener:
        (left,) = listener.orphaned_batches()
        assert left == ids[: 2 * LIMIT], "What was read ahead is known as well as what was being recorded."
        monkeypatch.setattr(listener, "announce", taken.append)
        worker.process_one_by_one(left, listener)
    assert taken == [[id] for id in left]
    assert recorded() == ids[: 2 * LIMIT] and pending() == ids[2 * LIMIT :]
    assert worker.drain(LIMIT) == LIMIT and recorded() == ids
    with rls.scope(rls.SYSTEM):
        assert Message.objects.count() == len(ids)


def test_a_batch_that_is_refused_is_halved_while_the_next_one_stays_read(queued, during):
    ids = queued(2 * LIMIT)
    seen: dict[int, list[int]] = {}

    def refuse(recording: list[int]) -> None:
        if len(recording) < LIMIT:
            seen[len(recording)] = announced()[0]
        if ids[1] in recording:
            raise DataError("invalid input")

    during(refuse)
    with reading_ahead() as (ahead, _):
        assert [ahead.process() for _ in range(2)] == [LIMIT, LIMIT]
    assert recorded() == [id for id in ids if id != ids[1]] and pending() == []
    assert seen[2] == [*ids[2:4], *ids[LIMIT:]], "What is read ahead stays announced beside the half."


def test_a_body_that_changed_after_it_was_read_ahead_is_read_again(queued, during):
    """An erasure takes a name out of a body; what a worker read before must not be recorded."""
    ids = queued(LIMIT + 1)

    def erase(recording: list[int]) -> None:
        if recording == ids[:LIMIT]:
            in_thread(lambda: change(ids[-1]))

    def change(id: int) -> None:
        with rls.scope(rls.SYSTEM):
            body = bytes(Delivery.objects.get(pk=id).body or b"").replace(f"Hi {LIMIT}".encode(), b"Hi nobody")
            Delivery.objects.filter(pk=id).update(
                body=body, cleaned=None
            )  # `cleaned` is set where an id looks like 1e100

    during(erase)
    with reading_ahead() as (ahead, _):
        assert [ahead.process() for _ in range(2)] == [LIMIT, 1]
    with rls.scope(rls.SYSTEM):
        assert {message.body_text for message in Message.objects.all()} == {
            *(f"Hi {n}" for n in range(LIMIT)),
            "Hi nobody",
        }


def test_a_failure_of_reading_ahead_is_raised_by_the_next_call_and_blames_no_delivery(queued, during, monkeypatch):
    ids = queued(2 * LIMIT)
    suspects = Suspects()
    real = read_ahead.read_batch

    def read(*args: Any, taken: Any = (), **kwargs: Any) -> Any:
        if taken:
            raise OperationalError("terminating connection")
        return real(*args, taken=taken, **kwargs)

    monkeypatch.setattr(read_ahead, "read_batch", read)
    with reading_ahead(suspects) as (ahead, _):
        assert ahead.process() == LIMIT
        suspects.next()
        with pytest.raises(OperationalError) as refused:
            ahead.process()
        suspects.failed(refused.value)
        assert suspects.waiting == []
        assert ahead.process() == LIMIT, "It goes on as soon as reading works."
    assert recorded() == ids


def test_what_was_read_ahead_is_dropped_without_a_trace(queued, during, monkeypatch):
    ids = queued(2 * LIMIT)
    during(lambda recording: None)
    with reading_ahead() as (ahead, _):
        assert ahead.process() == LIMIT and ahead.is_reading
        ahead.drop()
        assert not ahead.is_reading and pending() == ids[LIMIT:]
    assert announced() == []
    monkeypatch.undo()
    assert worker.drain(LIMIT) == LIMIT and recorded() == ids
