"""Several hosts in DATABASE_URL: finding the one that is written to, also after a failover."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError

from salesbrain.embedded_postgres.paths import PORT
from salesbrain.kernel import db
from tests.extra_alias import extra_alias
from tests.faults.proxy import Proxy
from tests.standby import Standby

pytestmark = pytest.mark.django_db(transaction=True)
WHERE = "SELECT pg_is_in_recovery()"


@pytest.fixture
def hosts(copy: Standby) -> Iterator[tuple[Proxy, Proxy]]:
    """Two TCP addresses: a standby at the first, and its primary at the second."""
    first, second = (Proxy(folder / f".s.PGSQL.{PORT}") for folder in (copy.folder, copy.primary.socket_dir))
    yield first, second
    first.close()
    second.close()


@pytest.fixture
def several(hosts: tuple[Proxy, Proxy], copy: Standby, transactional_db: None) -> Iterator[str]:
    """The alias of a connection to both hosts that wants the one that is written to."""
    copy.catch_up()  # the database of the test was created only now
    ports = ",".join(str(proxy.port) for proxy in hosts)
    options = {"target_session_attrs": "read-write", "connect_timeout": 3}
    with extra_alias("several", options, HOST="127.0.0.1,127.0.0.1", PORT=ports):
        yield "several"


def test_the_host_that_is_written_to_is_found_behind_a_standby(several):
    assert db.first(WHERE, using=several) == (False,)


def test_after_a_failover_the_next_statement_reaches_the_new_primary(several, hosts):
    """The first host is the primary from now on, as if it had been promoted, and the second one a standby."""
    first, second = hosts
    assert db.first(WHERE, using=several) == (False,)
    first.target, second.target = second.target, first.target
    second.cut()
    assert db.first(WHERE, using=several) == (False,)


def test_while_no_host_is_written_to_it_is_an_error_and_afterwards_none(several, hosts):
    first, second = hosts
    second.disconnect()
    with pytest.raises(OperationalError):
        db.first(WHERE, using=several)
    second.restore()
    assert db.first(WHERE, using=several) == (False,)
