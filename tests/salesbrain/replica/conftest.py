"""Fixtures: a real standby of the test server, and the database alias that reads from it."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from salesbrain.embedded_postgres.paths import Places
from salesbrain.replica import watch
from tests.extra_alias import replica_at
from tests.standby import Standby, standby


@pytest.fixture(scope="session")
def copy(django_db_setup) -> Iterator[Standby]:
    if not settings.EMBEDDED_DATABASE:
        pytest.skip("a standby is made of the embedded server only")
    with standby(Places()) as made:
        yield made


@pytest.fixture
def replica(copy: Standby, transactional_db) -> Iterator[Standby]:
    """The standby, caught up and in use; whatever a test did to it is undone."""
    copy.catch_up()
    with replica_at(copy):
        watch.look()
        assert watch.is_usable, watch.reason
        yield copy
    copy.go_on()
    copy.resume()
