"""Lanes (request limits per kind): bounds, order of waiting requests, borrowed connections."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from time import monotonic, sleep

import pytest
from django.db import connection, connections

from salesbrain.kernel.serving import lending
from salesbrain.kernel.serving.lanes import Budget, Full, Lane, PerKey
from salesbrain.kernel.serving.lending import Lender, NoneLeft

LONG = 30.0


@pytest.fixture
def threads():
    with ThreadPoolExecutor(8) as pool:
        yield pool


def until(true: Callable[[], object]) -> None:
    due = monotonic() + LONG
    while not true():
        assert monotonic() < due
        sleep(0.005)


def occupied(threads: ThreadPoolExecutor, lane: Lane, number: int, go_on: Event) -> list[Future[None]]:
    """Take `number` places of a lane until `go_on`; return when they are taken."""

    def work() -> None:
        with lane.place():
            assert go_on.wait(LONG)

    working = [threads.submit(work) for _ in range(number)]
    until(lambda: lane.busy == number)
    return working


def test_lane_refuses_one_more_than_may_work_and_wait(threads):
    lane, go_on = Lane("pages", at_once=2, waiting=1, patience=LONG), Event()
    occupied(threads, lane, 2, go_on)
    waiting = threads.submit(lane.take)
    until(lambda: lane._queue)
    with pytest.raises(Full) as refused:
        lane.take()
    assert refused.value.retry_after > 0
    go_on.set()
    assert waiting.result(LONG) is None
    lane.give_back()
    until(lambda: lane.busy == 0)


def test_one_that_waits_longer_than_the_lanes_patience_is_refused_and_leaves_the_queue(threads):
    lane, go_on = Lane("pages", at_once=1, waiting=1, patience=0.01), Event()
    occupied(threads, lane, 1, go_on)
    with pytest.raises(Full):
        lane.take()
    go_on.set()
    until(lambda: lane.busy == 0)
    with lane.place():
        assert lane.busy == 1
    assert lane.busy == 0


def test_a_place_is_freed_when_the_work_fails():
    lane = Lane("pages", at_once=1)
    with pytest.raises(ValueError, match="broken"), lane.place():
        raise ValueError("broken")
    assert lane.busy == 0


def test_callers_are_limited_each_and_together():
    counts = PerKey(most=2, total=3)
    assert [counts.take(key) for key in ("a", "a", "a", "b", "c")] == [True, True, False, True, False]
    counts.give_back("a")
    assert counts.take("c") and counts.held("a") == 1


def test_budget_hands_bytes_on_in_the_order_of_asking(threads):
    budget = Budget(10)
    assert budget.take(8, until=monotonic())
    large = threads.submit(budget.take, 9, until=monotonic() + LONG)
    until(lambda: budget._queue)
    assert not budget.take(1, until=monotonic()), "a small one does not pass one that waits"
    budget.give_back(8)
    assert large.result(LONG)
    budget.give_back(9)
    assert budget.taken == 0


def test_an_object_larger_than_the_budget_is_granted_alone(threads):
    budget = Budget(10)
    assert budget.take(99, until=monotonic())
    assert not budget.take(1, until=monotonic())
    budget.give_back(99)
    assert budget.take(1, until=monotonic())


def test_a_request_that_stops_waiting_does_not_hold_up_the_next(threads):
    budget = Budget(10)
    assert budget.take(6, until=monotonic())
    small = None
    large = threads.submit(budget.take, 9, until=monotonic() + 0.2)
    until(lambda: budget._queue)
    small = threads.submit(budget.take, 4, until=monotonic() + LONG)
    assert large.result(LONG) is False
    assert small.result(LONG) is True


@pytest.mark.django_db(transaction=True)
def test_threads_use_lent_connections_one_after_the_other(threads):
    lender = Lender("default", most=1)

    def pid() -> int:
        with lender.lent(until=monotonic() + LONG), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return cursor.fetchone()[0]

    try:
        assert len({future.result(LONG) for future in [threads.submit(pid) for _ in range(8)]}) == 1
        assert lender.open == 1
        lender.close_unused(now=monotonic() + lending.KEPT + 1)
        assert lender.open == 0 and isinstance(pid(), int)
    finally:
        lender.close_unused(now=float("inf"))


@pytest.mark.django_db(transaction=True)
def test_a_lent_connection_survives_the_thread_that_opened_it():
    lender = Lender("default", most=1)

    def ask() -> object:
        with lender.lent(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return connections["default"].connection

    try:
        with ThreadPoolExecutor(1) as pool:
            opened = pool.submit(ask).result(LONG)
        with lender.lent():
            assert connections["default"].connection is opened and not opened.closed
    finally:
        lender.close_unused(now=float("inf"))


def test_an_exhausted_pool_raises_in_time(threads):
    lender, go_on, taken = Lender("default", most=1), Event(), Event()

    def keep() -> None:
        with lender.lent():
            taken.set()
            assert go_on.wait(LONG)

    keeping = threads.submit(keep)
    assert taken.wait(LONG)
    with pytest.raises(NoneLeft), lender.lent(until=monotonic()):
        pass
    go_on.set()
    keeping.result(LONG)


def test_a_threads_previous_connection_is_restored(db):
    mine = connections["default"]
    with Lender("default", most=1).lent():
        assert connections["default"] is not mine
    assert connections["default"] is mine
