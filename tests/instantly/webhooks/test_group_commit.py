"""Group commit: calls during a commit form the next group; each thread gets its own result."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event
from time import monotonic

import orjson
import pytest
from django.db import DatabaseError, OperationalError

from instantly.models import Delivery, Pending
from instantly.processing import notify
from instantly.webhooks import store
from instantly.webhooks.group_commit import GroupCommit, TooLate
from salesbrain import rls
from salesbrain.kernel import db

LONG = 30.0


class Slow:
    """A processing function that performs its first group only when released."""

    def __init__(self, answer=lambda given: given * 10) -> None:
        self.groups: list[list[int]] = []
        self.begun, self.go_on, self.answer = Event(), Event(), answer

    def __call__(self, group, until):
        self.groups.append(list(group))
        if len(self.groups) == 1:
            self.begun.set()
            assert self.go_on.wait(LONG)
        return [self.answer(given) for given in group]


@pytest.fixture
def threads():
    with ThreadPoolExecutor(8) as pool:
        yield pool


def wait_for(commit: GroupCommit, count: int) -> None:
    due = monotonic() + LONG
    while len(commit._waiting) < count:
        assert monotonic() < due


def test_calls_during_a_commit_form_one_group(threads):
    slow = Slow()
    commit = GroupCommit(slow)
    asked = [threads.submit(commit.submit, 1, monotonic() + LONG)]
    assert slow.begun.wait(LONG)
    asked += [threads.submit(commit.submit, n, monotonic() + LONG) for n in (2, 3, 4)]
    wait_for(commit, 3)
    slow.go_on.set()
    assert [one.result(LONG) for one in asked] == [10, 20, 30, 40]
    assert [sorted(group) for group in slow.groups] == [[1], [2, 3, 4]]
    assert commit.submit(5, monotonic() + LONG) == 50, "it is free again"


def test_a_refused_call_fails_alone(threads):
    slow = Slow(answer=lambda given: ValueError("refused") if given == 3 else given)
    commit = GroupCommit(slow)
    asked = [threads.submit(commit.submit, 1, monotonic() + LONG)]
    assert slow.begun.wait(LONG)
    asked += [threads.submit(commit.submit, n, monotonic() + LONG) for n in (2, 3)]
    wait_for(commit, 2)
    slow.go_on.set()
    assert [asked[0].result(LONG), asked[1].result(LONG)] == [1, 2]
    with pytest.raises(ValueError, match="refused"):
        asked[2].result(LONG)


def test_a_failure_reaches_the_whole_group_and_the_next_one_continues(threads):
    fails = Event()

    def answer(given):
        if not fails.is_set():
            fails.set()
            raise OSError("gone")
        return given

    slow = Slow(answer)
    commit = GroupCommit(slow)
    first = threads.submit(commit.submit, 1, monotonic() + LONG)
    assert slow.begun.wait(LONG)
    second = threads.submit(commit.submit, 2, monotonic() + LONG)
    wait_for(commit, 1)
    slow.go_on.set()
    with pytest.raises(OSError, match="gone"):
        first.result(LONG)
    assert second.result(LONG) == 2


def test_a_call_past_its_deadline_leaves_the_queue_and_does_not_lead(threads):
    slow = Slow()
    commit = GroupCommit(slow)
    first = threads.submit(commit.submit, 1, monotonic() + LONG)
    assert slow.begun.wait(LONG)
    with pytest.raises(TooLate):
        commit.submit(2, monotonic())
    slow.go_on.set()
    assert first.result(LONG) == 10
    assert commit.submit(3, monotonic() + LONG) == 30
    assert slow.groups == [[1], [3]]


@pytest.mark.django_db(transaction=True)
def test_a_group_is_stored_once_each(dedicated, payload):
    connection, _, _ = dedicated
    body = payload("email_sent")
    group = [
        store.parse_delivery(connection.pk, orjson.dumps(body | {"lead_email": lead}))
        for lead in ("b@x.example", "a@x.example", "b@x.example")
    ]
    one, two, copy = store.store_all(group, using="inbox")
    assert one and two and one != two
    assert copy is None
    assert list(store.store_all(group, using="inbox")) == [None, None, None]
    with rls.scope(rls.SYSTEM):
        assert set(Pending.objects.values_list("delivery_id", flat=True)) == {one, two}
        assert bytes(Delivery.objects.get(pk=one).body) == group[0].body


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_postgresql_refuses_does_not_fail_its_group(dedicated, payload):
    connection, _, _ = dedicated
    good = store.parse_delivery(connection.pk, orjson.dumps(payload("email_sent")))
    stored, refused = store.store_all([good, good._replace(digest=b"x" * 32, cleaned="\0")], using="inbox")
    assert isinstance(stored, int)
    assert isinstance(refused, Exception)


@pytest.mark.django_db(transaction=True)
def test_an_absent_database_is_reported_as_such(dedicated, payload, monkeypatch):
    connection, _, _ = dedicated
    good = store.parse_delivery(connection.pk, orjson.dumps(payload("email_sent")))

    def away(*_, **__):
        raise OperationalError("gone")

    with monkeypatch.context() as broken, pytest.raises(DatabaseError):
        broken.setattr(store.db, "execute_binary", away)
        store.store_all([good, good], using="inbox")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("copies", [1, 2])
def test_a_copy_does_not_use_up_the_wake_up(dedicated, payload, monkeypatch, copies):
    """A copy must not use up the throttled NOTIFY, or the next new delivery would wait until the worker polls."""
    connection, _, _ = dedicated
    known = store.parse_delivery(connection.pk, orjson.dumps(payload("email_sent")))
    new = store.parse_delivery(connection.pk, orjson.dumps(payload("email_sent", lead_email="new@x.example")))
    store.store(known, using="inbox")
    monkeypatch.setattr(notify, "NOTIFY_INTERVAL", LONG)
    monkeypatch.setattr(notify, "_last", -LONG)
    with closing(db.direct_connection()) as listening:
        listening.execute(f"LISTEN {notify.CHANNEL}")
        store.store_all([known] * copies, using="inbox")
        store.store_all([new] * copies, using="inbox")
        assert [told.channel for told in listening.notifies(timeout=LONG, stop_after=1)] == [notify.CHANNEL]
    assert not notify.should_notify(), "and once is enough"
