"""Network to the database unreachable, silent, slow or cut; and a campaign's row locked."""

from collections.abc import Iterator
from time import sleep

import pytest

from tests.faults.installation import Installation, until
from tests.faults.plan import PLAN
from tests.faults.proxy import Proxy
from tests.faults.traffic import UNANSWERED, Traffic

RECORDED = "SELECT count(*) FROM messaging_event"


@pytest.fixture
def proxy(installation: Installation) -> Iterator[Proxy]:
    """A proxy between the installation's processes and its database."""
    proxy = Proxy(installation.places.socket_dir / ".s.PGSQL.5432")
    installation.use_proxy(proxy)
    yield proxy
    proxy.close()


def until_more_is_recorded(installation: Installation, more: int = 30) -> None:
    before = installation.ask(RECORDED)[0][0]
    until(lambda: installation.ask(RECORDED)[0][0] >= before + more, "events are recorded")


@pytest.mark.parametrize("seconds", PLAN.away_seconds)
def test_a_database_out_of_reach_is_a_refusal_and_everything_comes_back_by_itself(
    installation: Installation, proxy: Proxy, seconds: float
):
    installation.start_web()
    installation.start_worker()
    with Traffic(installation, seed=11, senders=2) as traffic:
        until_more_is_recorded(installation)
        proxy.disconnect()
        sleep(seconds)
        assert traffic.answers.get(503, 0) > 0
        proxy.restore()
        until_more_is_recorded(installation)
    assert set(traffic.answers) == {200, 503}
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged)


@pytest.mark.parametrize("seconds", PLAN.away_seconds)
@pytest.mark.thorough
def test_a_network_that_swallows_everything_is_a_refusal_and_everything_comes_back_by_itself(
    installation: Installation, proxy: Proxy, seconds: float
):
    """Connections stay open without traffic and are then reset, as by a router that lost its state."""
    installation.start_web()
    installation.start_worker()
    with Traffic(installation, seed=12, senders=2) as traffic:
        until_more_is_recorded(installation)
        proxy.be_silent()
        until(lambda: traffic.answers.get(503, 0) > 0, "deliveries are refused")
        sleep(seconds)
        proxy.cut()
        proxy.restore()
        until_more_is_recorded(installation)
    assert set(traffic.answers) == {200, 503}
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged)


@pytest.mark.thorough
def test_a_slow_network_slows_down_and_loses_nothing(installation: Installation, proxy: Proxy):
    installation.start_web()
    installation.start_worker()
    with Traffic(installation, seed=13, senders=4) as traffic:
        until_more_is_recorded(installation)
        proxy.be_slow(0.1)
        until_more_is_recorded(installation)
        proxy.be_slow(0)
    assert set(traffic.answers) <= {200, 503}
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged)


def test_connections_cut_again_and_again_cost_nothing(installation: Installation, proxy: Proxy):
    """Connections are cut at any point: a delivery whose commit was not confirmed is stored, and recognized when it is sent again."""
    installation.start_web()
    installation.start_worker()
    with Traffic(installation, seed=14, senders=4) as traffic:
        until_more_is_recorded(installation)
        for _ in range(20):
            proxy.cut()
            sleep(0.2)
        assert proxy.cuts > 20
        until_more_is_recorded(installation)
    assert set(traffic.answers) <= {200, 503}
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged)


def test_a_locked_campaign_holds_up_the_worker_and_no_delivery(installation: Installation):
    """Another session locks the busiest campaign and its rollup; every delivery is still accepted."""
    installation.start_web()
    installation.start_worker()
    with Traffic(installation, seed=15, senders=2) as traffic:
        until_more_is_recorded(installation)
        with installation.superuser() as connection, connection.transaction():
            connection.execute("SELECT 1 FROM campaigns_campaign FOR UPDATE")
            connection.execute("SELECT 1 FROM messaging_dailystats FOR UPDATE")
            acknowledged = len(traffic.acknowledged)
            sleep(PLAN.lock_seconds)
            assert len(traffic.acknowledged) > acknowledged
        until_more_is_recorded(installation)
    assert set(traffic.answers) == {200}
    assert UNANSWERED not in traffic.answers
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged)
