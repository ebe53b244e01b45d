"""Time budget of a response to a webhook, on a fake clock that moves when work takes time."""

from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import OperationalError

from instantly.webhooks import inbox_query, receiver


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    for module in (receiver, inbox_query):
        monkeypatch.setattr(module, "monotonic", clock)
    return clock


@pytest.fixture
def database(monkeypatch, clock):
    """Fake database that records the deadline of each query; `kept`: the connection of the thread."""

    class Inbox:
        connection: object | None = object()

        def close(self) -> None:
            self.connection = None

    class Calls(list):
        inbox = Inbox()

    asked = Calls()

    @contextmanager
    def until(due, *, using):
        asked.append(due - clock.now)
        asked.inbox.connection = asked.inbox.connection or object()
        yield

    monkeypatch.setattr(inbox_query, "db_deadline", until)
    monkeypatch.setattr(inbox_query, "connections", {inbox_query.ALIAS: asked.inbox})
    return asked


def deliver(read=lambda length: b"{}"):
    return receiver.receive(method="POST", secret="any", length="2", read=read, address=str)


def taking(clock, seconds, result):
    def question(*arguments, **named):
        clock.now += seconds
        if isinstance(result, Exception):
            raise result
        return result

    return question


def test_time_spent_on_authentication_is_not_available_for_storing(monkeypatch, clock, database):
    monkeypatch.setattr(receiver.secrets, "connection_for", taking(clock, 3.0, uuid4()))
    monkeypatch.setattr(receiver.store, "store_all", taking(clock, 0.1, [1]))
    assert deliver().status == 200
    assert database == [4.0, 1.0]


def test_a_slow_sender_uses_up_none_of_the_databases_time(monkeypatch, clock, database):
    monkeypatch.setattr(receiver.secrets, "connection_for", taking(clock, 0.5, uuid4()))
    monkeypatch.setattr(receiver.store, "store_all", taking(clock, 0.1, [1]))
    assert deliver(read=taking(clock, 60.0, b"{}")).status == 200
    assert database == [4.0, 3.5]


def test_reading_a_large_body_uses_up_none_of_the_databases_time(monkeypatch, clock, database):
    """A body of millions of small lists takes longer to parse than the database's time limit; it must not be refused for that."""
    monkeypatch.setattr(receiver.secrets, "connection_for", taking(clock, 0.5, uuid4()))
    monkeypatch.setattr(receiver.body, "parse_body", taking(clock, 10.0, receiver.body.Body({}, None)))
    monkeypatch.setattr(receiver.store, "store_all", taking(clock, 0.1, [1]))
    assert deliver().status == 200
    assert database == [4.0, 3.5]


@pytest.mark.parametrize(("after", "asks"), [(0.1, 2), (1.4, 2), (1.6, 1), (3.9, 1)])
def test_a_dead_connection_is_replaced_while_there_is_time_to_connect(monkeypatch, clock, database, after, asks):
    monkeypatch.setattr(receiver.secrets, "connection_for", taking(clock, after, OperationalError("server closed")))
    answer = deliver()
    assert (answer.status, answer.headers) == (503, {"Retry-After": "5"})
    assert len(database) == asks
    assert database.inbox.connection is None, "the next delivery starts on a new one"


def test_a_connection_that_is_new_and_dead_is_not_tried_twice(monkeypatch, clock, database):
    database.inbox.close()
    monkeypatch.setattr(receiver.secrets, "connection_for", taking(clock, 0.1, OperationalError("refused")))
    assert deliver().status == 503
    assert len(database) == 1
