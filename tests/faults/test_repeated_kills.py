"""Simulated leads against an installation that is killed repeatedly, or is down for a while."""

import random
from collections.abc import Callable
from time import monotonic

import pytest

from salesbrain import embedded_postgres
from tests.faults.installation import Installation, kill, until
from tests.faults.plan import PLAN
from tests.faults.provider import Provider

RECORDED = "SELECT count(*) FROM messaging_event"
HARSH = pytest.mark.timeout(1800)


class Butcher:
    """Kills one part of the installation at intervals and restarts it, as systemd would."""

    def __init__(self, installation: Installation, seed: int) -> None:
        self.installation = installation
        self.dice = random.Random(seed)
        self.web = installation.start_web(processes=2)
        self.workers = [installation.start_worker(), installation.start_worker("--batch", "50")]
        self.turn = 0

    def strike(self) -> None:
        """Kill in turn a worker, a web process, the web server, a database process, and everything."""
        blows: list[Callable[[], None]] = [
            self.a_worker, self.a_web_process, self.a_worker, self.a_database_process, self.the_web_server, self.a_worker,
            self.everything,
        ]  # fmt: skip
        blows[self.turn % len(blows)]()
        self.turn += 1

    def a_worker(self) -> None:
        number = self.dice.randrange(2)
        kill(self.workers[number])
        self.workers[number] = self.installation.start_worker(*(["--batch", "50"] if number else []))

    def a_web_process(self) -> None:
        self.installation.kill_a_web_process(self.web)
        if (
            self.web.poll() is not None
        ):  # killed once more right after it began: granian calls that a crash loop and ends
            self.web = self.installation.start_web(processes=2)

    def the_web_server(self) -> None:
        kill(self.web)
        self.web = self.installation.start_web(processes=2)

    def a_database_process(self) -> None:
        self.installation.kill_a_backend()
        until(self.installation.database_answers, "the database has recovered")

    def everything(self) -> None:
        for process in (self.web, *self.workers):
            kill(process)
        self.installation.stop_the_database_at_once()
        embedded_postgres.ensure_running(self.installation.places)
        self.workers = [self.installation.start_worker(), self.installation.start_worker("--batch", "50")]
        self.web = self.installation.start_web(processes=2)

    def the_database(self) -> None:
        self.installation.stop_the_database_at_once()
        embedded_postgres.ensure_running(self.installation.places)


@HARSH
@pytest.mark.parametrize("seed", PLAN.seeds)
def test_kills_restarts_copies_and_disorder_do_not_change_the_result(installation: Installation, seed: int):
    """Deliveries that fail longer than the emulator retries are in its delivery log, where `reconcile_feed` finds them."""
    with Provider(installation, seed, disable_after_failures=1_000_000) as provider:
        butcher = Butcher(installation, seed)
        provider.fake.deliveries.set_faults(duplicates=0.2, reorder=0.3)
        provider.live(PLAN.events_a_second)
        restarts = [PLAN.events / 3, PLAN.events * 2 / 3]
        while provider.happened < PLAN.events:
            due = monotonic() + PLAN.kill_every
            until(lambda: monotonic() > due or provider.happened >= PLAN.events, "the next blow is due")  # noqa: B023
            butcher.strike()
            if restarts and provider.happened > restarts[0]:
                restarts.pop(0)
                butcher.the_database()
        provider.end_all_life()
        while restarts:  # the emulator was faster than the blows
            restarts.pop()
            butcher.the_database()
        if butcher.web.poll() is not None:
            butcher.the_web_server()
        provider.deliver_everything()
        provider.reconcile()
        installation.assert_nothing_is_lost_or_double(set())
        provider.assert_all_of_it_is_there()
    installation.facts["blows"] = butcher.turn


@HARSH
@pytest.mark.parametrize(
    "told",
    [
        pytest.param(True, id="the log tells of the time without a webhook"),
        pytest.param(False, id="it does not", marks=pytest.mark.thorough),
    ],
)
def test_an_outage_until_the_webhook_is_switched_off_is_healed(installation: Installation, told: bool):
    """The whole installation is down until the emulator disables the webhook. It is unknown whether Instantly's log has rows for the time
    after that; without them, inbox and leads supply every mail, and the last open, click and interest of each lead.
    """
    with Provider(installation, 21, retry_delays=PLAN.retry_delays, log_while_disabled=told) as provider:
        worker = installation.start_worker()
        web = installation.start_web()
        provider.live(20)
        before = provider.happened
        until(lambda: installation.ask(RECORDED)[0][0] > before + 50, "events are recorded")
        kill(web)
        kill(worker)
        back = monotonic() + PLAN.outage_seconds
        until(
            lambda: monotonic() > back and provider.webhook["status"] == -1,
            "the webhook was switched off",
            patience=300,
        )
        installation.start_worker()
        installation.start_web()
        # Life goes on meanwhile. This clock is behind, so that no mail is too young for gap repair: what is sent in this second is told
        # by the inbox and by its webhook.
        healed = provider.reconcile()
        assert healed["webhook"] == "resumed" and provider.webhook["status"] == 1
        recorded = installation.ask(RECORDED)[0][0]
        until(lambda: installation.ask(RECORDED)[0][0] > recorded + 50, "events arrive again")
        provider.end_all_life()
        provider.deliver_everything()
        healed = provider.reconcile()
        installation.assert_nothing_is_lost_or_double(set())
        but_for = (
            ()
            if told
            else ("opens", "clicks", "unique_opens", "unique_clicks", "interested", "not_interested", "meetings")
        )
        provider.assert_all_of_it_is_there(but_for=but_for)
    assert healed["outcome"].startswith("complete since")
    assert provider.fake.truth()["deliveries"]["failed"] > 0
