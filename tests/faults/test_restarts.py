"""Restarts of the web server, and migrations backwards and forwards, while webhooks arrive."""

import signal
from collections.abc import Iterator

import pytest
from django.db.migrations.loader import MigrationLoader

from tests.faults.installation import Installation, until
from tests.faults.plan import QUICK
from tests.faults.traffic import UNANSWERED, Traffic

APPS = ("accounts", "campaigns", "messaging", "instantly")
TABLES_THEMSELVES = (
    "0003"  # 0001 and 0002 of each app are its tables and their policies: going back behind them is losing them
)
IRREVERSIBLE: dict[tuple[str, str], str] = {}
"""(app, migration) -> reason why it cannot be reverted. The last migration of every other app must be reversible."""

RECORDED = "SELECT count(*) FROM messaging_event"
SHAPE = """SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT tablename, policyname, roles::text, coalesce(qual, '') || coalesce(with_check, '') FROM pg_policies
    UNION ALL SELECT relname, 'acl', array(SELECT unnest(relacl)::text ORDER BY 1)::text, relrowsecurity::text || relforcerowsecurity
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v')
    UNION ALL SELECT proname, pg_get_userbyid(proowner), prosrc, proacl::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ORDER BY 1, 2, 3, 4"""


def reversible() -> Iterator[tuple[str, str]]:
    """Yield (app, migration to go back to): before each app's last one, the kernel's, and accept_delivery."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for app in () if QUICK else APPS:
        ((_, last),) = loader.graph.leaf_nodes(app)
        if last >= TABLES_THEMSELVES and (app, last) not in IRREVERSIBLE:
            yield app, max(name for of, name in loader.disk_migrations[app, last].dependencies if of == app)
    yield "salesbrain", "zero"  # takes no table away: the release before works on the same ones
    yield "instantly", "0002_rls"


@pytest.mark.thorough
def test_a_rolling_restart_answers_every_delivery_with_2xx(installation: Installation):
    """On SIGHUP granian starts each new worker process before it ends the old one.

    Each process has a listening socket of its own, so a connection that waits in the old one's queue when that ends is reset: it gets no
    response, and Instantly or a proxy sends it again. Every response that is sent must be 2xx.
    """
    web = installation.start_web(processes=2)
    installation.start_worker()
    with Traffic(installation, seed=6, senders=4) as traffic:
        until(lambda: len(traffic.acknowledged) > 300, "both processes answer")
        before = installation.web_processes(web)
        assert len(before) == 2
        web.send_signal(signal.SIGHUP)
        until(lambda: not before & installation.web_processes(web), "every web process is another one")
        acknowledged = len(traffic.acknowledged)
        until(lambda: len(traffic.acknowledged) > acknowledged + 100, "deliveries are accepted")
    assert set(traffic.answers) <= {200, UNANSWERED}
    assert traffic.answers.get(UNANSWERED, 0) < traffic.answers[200] / 20, "more than a queue's worth was reset"
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged)


def test_migrations_may_go_back_and_forward_under_traffic(installation: Installation):
    """Each app's last migrations are reverted and applied again; deliveries are accepted or refused, and none is lost."""
    installation.start_web()
    installation.start_worker()
    shape = installation.ask(SHAPE)
    with Traffic(installation, seed=7, senders=2) as traffic:
        until(lambda: installation.ask(RECORDED)[0][0] > 10, "the worker has started: it refuses to without its tables")
        for app, target in reversible():
            before = installation.ask(RECORDED)[0][0]
            installation.run("migrate", app, target, "--verbosity", "0")
            installation.run("migrate", "--verbosity", "0")
            until(lambda: installation.ask(RECORDED)[0][0] > before + 10, f"events are recorded after {app} {target}")  # noqa: B023
    assert set(traffic.answers) <= {200, 503}
    assert installation.ask(SHAPE) == shape, "the same tables, policies, grants and functions as before"
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged)
    positions = "SELECT count(*), count(position), count(DISTINCT position) FROM messaging_event"
    until(lambda: len(set(installation.ask(positions)[0])) == 1, "every event has a position of its own")
