"""Database connections of short-lived web threads, closed at the thread's end."""

import gc
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, connections


@pytest.mark.django_db(transaction=True)
def test_a_connection_ends_with_the_thread_that_opened_it():
    """The connection must not wait for the garbage collector, which may never find the reference cycle of Django's wrapper."""
    opened: list[Any] = []

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        opened.append(connection.connection)

    gc.disable()
    try:
        for _ in range(3):
            thread = Thread(target=ask)
            thread.start()
            thread.join()
        assert len(opened) == 3 and all(raw.closed for raw in opened)
    finally:
        gc.enable()


@pytest.mark.django_db(transaction=True)
def test_a_threads_end_returns_only_connections_it_still_holds():
    """At its end a thread must not close a pooled connection that it gave back and that another thread uses now."""
    settings = {**connections["default"].settings_dict, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
    settings["OPTIONS"] = {**settings["OPTIONS"], "pool": {"min_size": 1, "max_size": 1, "timeout": 5}}
    wrapper: Any = type(connections["default"])
    ours, given, taken = wrapper(settings, "default"), Event(), Event()

    def give_back() -> None:
        theirs = wrapper(settings, "default")
        theirs.ensure_connection()
        theirs.close()
        given.set()
        taken.wait(30)

    def keep() -> None:
        wrapper(settings, "default").ensure_connection()

    try:
        gave_back = Thread(target=give_back)
        gave_back.start()
        assert given.wait(30)
        ours.ensure_connection()
        taken.set()
        gave_back.join()
        with ours.cursor() as cursor:
            cursor.execute("SELECT 1")
        ours.close()

        keeps = Thread(target=keep)
        keeps.start()
        keeps.join()
        ours.ensure_connection()
        ours.close()
    finally:
        taken.set()
        ours.close_pool()
