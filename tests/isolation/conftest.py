"""A scratch database with the proof's world in it, made once for the tests of a file. They commit, as production does."""

from collections.abc import Iterator

import pytest
from django.db import connections

from salesbrain.isolation.scratch import ALIASES, scratch_database
from salesbrain.isolation.world import World, build


@pytest.fixture(scope="module")
def scratch(django_db_setup, django_db_blocker) -> Iterator[str]:
    """Point all aliases at a fresh database for the length of the file. Do not mark these tests `django_db`: that would flush it."""
    with django_db_blocker.unblock():
        with scratch_database() as name:
            yield name
        connections.close_all()


@pytest.fixture(scope="module")
def world(scratch) -> World:
    return build()


@pytest.fixture(autouse=True)
def fresh_connections(scratch) -> Iterator[None]:
    """No test inherits a connection's state from the one before it."""
    for alias in ALIASES:
        connections[alias].close()
    yield
