"""Several workers on the same few rows wait for each other and never in a circle."""

import random

import pytest
from django.db import connections

from tests.instantly.events.test_any_life import some_lives, world  # noqa: F401  a fixture
from tests.instantly.events.world import World, a_plan

pytestmark = pytest.mark.django_db(transaction=True)

DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def deadlocks() -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(DEADLOCKS)
        return cursor.fetchone()[0]


def test_four_workers_on_hot_rows_never_wait_in_a_circle(world: World):  # noqa: F811
    with connections["owner"].cursor() as cursor:
        # It writes notes of messages whose rows its worker does not hold, which is a circle of its own (retried by the worker).
        cursor.execute("ALTER TABLE messaging_contact DISABLE TRIGGER contact_renamed")
    dice = random.Random(11)
    before = deadlocks()
    for _ in range(12):
        bodies = some_lives(dice, 200)
        world.live(bodies, a_plan(dice, len(bodies), workers=4, cuts=[], sizes=[20, 7, 50, 3]))
    assert deadlocks() == before


@pytest.fixture(autouse=True)
def trigger_is_back():
    yield
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE messaging_contact ENABLE TRIGGER contact_renamed")
