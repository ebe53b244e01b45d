"""The web's threads come and go; the connections they open go with them."""

import gc
from threading import Thread
from typing import Any

import pytest
from django.db import connection


@pytest.mark.django_db(transaction=True)
def test_a_connection_ends_with_the_thread_that_opened_it():
    """Not when the garbage collector finds the circle of Django's wrapper: that may be never."""
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
