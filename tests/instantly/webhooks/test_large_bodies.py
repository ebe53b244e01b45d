"""Large webhook bodies: wait for memory, parsed one at a time, 503 instead of loss."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from time import monotonic, sleep
from uuid import UUID

import orjson
import pytest

from instantly.models import Delivery
from instantly.webhooks import bodies, receiver, store
from instantly.webhooks.group_commit import GroupCommit, TooLate
from salesbrain import rls

LARGE = bodies.LARGE + 1


@pytest.fixture(autouse=True)
def nothing_is_kept():
    yield
    assert bodies.budget.taken == 0, "room is given back whatever the end"


@pytest.fixture
def large(payload):
    return orjson.dumps(payload("reply_received", reply_text="long " * LARGE))


@pytest.mark.django_db(transaction=True)
def test_a_large_delivery_is_stored_once_with_its_very_bytes(post, dedicated, large):
    _, _, secret = dedicated
    assert [post(secret, large).json()["message"] for _ in range(2)] == ["accepted", "known already"]
    with rls.scope(rls.SYSTEM):
        assert bytes(Delivery.objects.get().body) == large


@pytest.mark.django_db(transaction=True)
def test_a_large_delivery_with_unstorable_characters_is_cleaned_like_a_small_one(post, dedicated, large):
    _, _, secret = dedicated
    assert post(secret, large.replace(b"long", b"a\\u0000b", 1)).status_code == 200
    with rls.scope(rls.SYSTEM):
        assert Delivery.objects.get().payload["reply_text"].startswith("a\ufffdb ")


@pytest.mark.django_db(transaction=True)
def test_without_room_a_large_delivery_is_503_and_a_small_one_is_taken(post, dedicated, payload, large, monkeypatch):
    _, _, secret = dedicated
    monkeypatch.setattr(receiver, "STORE_SECONDS", receiver.DEADLINE)  # does not wait here
    assert bodies.budget.take(bodies.budget.total, until=monotonic())
    refused = post(secret, large)
    assert (refused.status_code, refused["Retry-After"], refused.json()["success"]) == (503, "5", False)
    assert post(secret, payload("email_sent")).status_code == 200
    bodies.budget.give_back(bodies.budget.total)
    assert post(secret, large).status_code == 200
    with rls.scope(rls.SYSTEM):
        assert Delivery.objects.count() == 2


def test_a_body_is_put_together_from_pieces():
    whole = bytes(range(256)) * 4000
    pieces = iter([whole[at : at + 100_000] for at in range(0, len(whole), 100_000)])
    assert bodies.read_available(lambda most: next(pieces), len(whole)) == whole


def test_a_body_that_ends_early_is_shorter():
    pieces = iter([b"x" * 1000, b""])
    assert len(bodies.read_available(lambda most: next(pieces), LARGE)) == 1000


def test_large_bodies_are_read_one_after_the_other(monkeypatch):
    at_once, most, lock = 0, 0, Lock()

    def read(connection_id, raw):
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        sleep(0.02)
        with lock:
            at_once -= 1
        return store.NewDelivery(connection_id, b"", "", "", raw, None, None)

    monkeypatch.setattr(receiver.store, "parse_delivery", read)
    monkeypatch.setattr(receiver.bounded_store, "store_large", lambda delivery, until: None)
    with ThreadPoolExecutor(4) as threads:
        answers = list(
            threads.map(lambda _: receiver._read_and_store(UUID(int=1), LARGE, lambda most: b"x" * most, 1.0), range(4))
        )
    assert {answer.status for answer in answers} == {200} and most == 1


def test_a_group_is_no_larger_than_it_may_be():
    begun, go_on = Event(), Event()
    groups: list[list[int]] = []

    def do(group, until):
        groups.append(list(group))
        begun.set()
        assert go_on.wait(30)
        return list(group)

    together = GroupCommit(do, size=lambda given: given, most=10)
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(together.submit, 1, monotonic() + 30)]
        assert begun.wait(30)
        for number in (4, 4, 4, 50, 1):
            waiting = len(together._waiting)
            asked.append(threads.submit(together.submit, number, monotonic() + 30))
            while len(together._waiting) == waiting:
                sleep(0.001)
        go_on.set()
        assert [one.result(30) for one in asked] == [1, 4, 4, 4, 50, 1]
    assert groups == [[1], [4, 4], [4], [50], [1]]


def test_a_delivery_without_memory_in_time_gets_503():
    with bodies.reserved_memory(bodies.budget.total, until=monotonic()), pytest.raises(TooLate):
        bodies.reserved_memory(1, until=monotonic()).__enter__()
