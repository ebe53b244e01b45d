"""Replicas that must not be read: one that is no standby, and a login that passes row-level security."""

import pytest
from django.db import connections

from salesbrain.embedded_postgres.paths import Places
from salesbrain.replica import watch
from salesbrain.replica.checks import check_replica
from tests.extra_alias import replica_at
from tests.standby import Standby

pytestmark = pytest.mark.django_db(transaction=True)


def ids() -> list[str | None]:
    return [message.id for message in check_replica(["default"])]


def test_a_standby_with_the_apps_own_login_is_fine(replica):
    assert ids() == [] and watch.is_usable


@pytest.mark.parametrize("role", ["postgres", "sb_owner"])
def test_a_login_that_passes_row_level_security_is_never_read_with(copy, transactional_db, role):
    copy.catch_up()
    with replica_at(copy, role=role):
        watch.look()
        assert not watch.is_usable and role in watch.reason
        assert {"salesbrain.E004", "salesbrain.E005"} & set(ids())


def test_a_server_that_is_written_to_is_no_replica(copy, transactional_db):
    primary = Standby(copy.primary, Places().socket_dir)
    with replica_at(primary):
        watch.look()
        assert "no standby" in watch.reason
        assert ids() == ["salesbrain.E012"]


def test_a_replica_that_does_not_answer_is_a_warning(copy, transactional_db, tmp_path):
    with replica_at(Standby(copy.primary, tmp_path)):
        watch.look()
        assert "not answer" in watch.reason
        assert ids() == ["salesbrain.W012"]


def test_readyz_warns_while_the_replica_is_not_read(copy, replica, client):
    assert "replica" not in " ".join(client.get("/readyz").json()["data"]["warnings"])
    watch.refuse("It is gone.")
    assert "the replica of DATABASE_REPLICA_URL" in " ".join(client.get("/readyz").json()["data"]["warnings"])


def test_nothing_is_checked_without_a_replica(db, settings):
    assert settings.DATABASE_REPLICA_URL == "" and "replica" not in connections
    assert check_replica(["default"]) == []
