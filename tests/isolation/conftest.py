"""Fixtures: a scratch database with organizations A and B of the isolation proof, created once a run.

Tests here commit, as production does, and revert only the protections they weaken: the rows stay unchanged.
"""

from collections.abc import Iterator

import pytest
from django.db import connections

from salesbrain.isolation.fixtures import World, build
from salesbrain.isolation.scratch_database import ALIASES, point_at, scratch_database


def names() -> dict[str, str]:
    return {alias: connections[alias].settings_dict["NAME"] for alias in ALIASES}


@pytest.fixture(scope="session")
def furnished(django_db_setup, django_db_blocker) -> Iterator[tuple[dict[str, str], World]]:
    """Create the scratch database with both organizations; other tests keep their own database."""
    with django_db_blocker.unblock():
        before = names()
        with scratch_database():
            world, scratch = build(), names()
            point_at(before)
            with django_db_blocker.block():
                yield scratch, world


@pytest.fixture(scope="module")
def world(furnished, django_db_blocker) -> Iterator[World]:
    """Point all aliases at the scratch database for a test file. Do not mark these tests `django_db`: that would flush it."""
    scratch, world = furnished
    with django_db_blocker.unblock():
        before = names()
        point_at(scratch)
        yield world
        point_at(before)


@pytest.fixture(autouse=True)
def fresh_connections(world) -> Iterator[None]:
    """Close connections, so that no test inherits their state."""
    for alias in ALIASES:
        connections[alias].close()
    yield
