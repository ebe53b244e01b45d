"""Emulated Instantly for the fault tests: simulated leads over HTTP, and the events to expect."""

import json
from collections import Counter
from time import sleep, time_ns
from typing import Any

from instantly.emulator import Assumptions, FakeInstantly, Habits
from instantly.emulator.entry_points.process import EmulatorProcess as Running
from instantly.emulator.entry_points.process import Pace
from instantly.emulator.entry_points.server import EmulatorServer
from instantly.emulator.ground_truth import OCCURRENCES as PLAIN
from instantly.emulator.life.reactions import ACTIONS
from instantly.emulator.state.clock import Clock, iso
from instantly.emulator.state.journal import RecordedEvent as Happening
from tests.faults.installation import Installation, until

BEHIND_MS = 600_000
LIVELY = Habits(
    day_seconds=150, open_after=2, click_after=1, reply_after=4, automatic_after=1, bounce_after=0.5, unsubscribe_after=2,
    verdict_after=0.5, meeting_after=3, held_after=4, account_trouble_every=20, account_heals_after=4, enrichment_every=30,
)  # fmt: skip
"""Behaviour of leads with an afternoon's answers within seconds. Steps of a sequence stay minutes apart, because mails in the inbox are
distinguished by their time.
"""

OF_A_CAMPAIGN = {
    "sent": "sent", "replies": "replies", "auto_replies": "auto_replies", "bounces": "bounces", "unsubscribes": "unsubscribes",
    "opens": "opens", "clicks": "clicks", "unique_opens": "unique_opens", "unique_clicks": "unique_clicks",
    "unique_replies": "unique_replies", "interested": "interested", "not_interested": "not_interested", "meetings": "meetings_booked",
}  # fmt: skip
"""Our counters compared with the emulator's stats."""

FIGURES = f"""SELECT c.provider_id, {", ".join(f"coalesce(sum({figure}), 0)" for figure in OF_A_CAMPAIGN)}
    FROM campaigns_campaign c JOIN messaging_dailystats s ON s.campaign_id = c.id GROUP BY 1"""
LOG = """SELECT to_char(e.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), d.event_type, d.campaign, e.lead_email
    FROM messaging_event e JOIN instantly_delivery d USING (id) WHERE e.origin <> 'derived' AND e.copy_of IS NULL"""
MAILS = """SELECT direction, count(*) FROM messaging_message m JOIN campaigns_campaign c ON c.id = m.campaign_id
    WHERE m.sent_at IS NOT NULL GROUP BY 1"""


def _as_reported(event: Happening) -> Happening:
    """Return the fields of an event that its delivery contains."""
    return event._replace(mail_id=None, counts=True)


def _twins(journal: list[Happening]) -> Counter[tuple[str | None, str | None]]:
    """Return by campaign and kind the number of events that equal another one in everything a delivery contains, such as two opens of one
    mail in one millisecond; the product must take them for copies.
    """
    twins: Counter[tuple[str | None, str | None]] = Counter()
    for event, times in Counter(map(_as_reported, journal)).items():
        twins[event.campaign_id, event.event_type] += times - 1
    assert twins.total() < 10 + len(journal) / 500, "they are a coincidence"
    return twins


class LateClock:
    """Clock ten minutes behind the system's, because gap repair skips mails of the last two minutes."""

    def now_ms(self) -> int:
        return time_ns() // 1_000_000 - BEHIND_MS

    def sleep(self, seconds: float) -> None:
        sleep(seconds)


class Provider:
    """An emulated workspace with our webhook and simulated leads, during the block."""

    def __init__(
        self,
        installation: Installation,
        seed: int,
        *,
        clock: Clock | None = None,
        habits: Habits = LIVELY,
        **assumptions: Any,
    ) -> None:
        self.installation = installation
        kept = Assumptions(delivery_log_kept=1_000_000, emails_kept=1_000_000).with_(**assumptions)
        self.fake = FakeInstantly(seed, clock or LateClock(), assumptions=kept, habits=habits)
        self.server = EmulatorServer(self.fake)
        self.running = Running(self.fake, self.server, pace=Pace.steady(0))
        self.id = self.fake.add_workspace("acme", id=installation.workspace, key=installation.api_key).id
        url = f"http://127.0.0.1:{installation.port}/webhooks/instantly/webhook"
        self.webhook = self.fake.register_webhook(self.id, url, {"X-Webhook-Secret": installation.secret})
        installation.environment |= {
            "INSTANTLY_BASE_URL": self.server.url,
            "INSTANTLY_WEBHOOK_URL": url,
            "INSTANTLY_REQUESTS_PER_SECOND": "1000",
            "INSTANTLY_EMAIL_LISTS_PER_MINUTE": "10000",
        }

    def __enter__(self) -> "Provider":
        self.running.start()
        self.installation.run("sync_workspace", "--connection", "acme")
        return self

    def __exit__(self, *exception: object) -> None:
        self.running.stop()

    @property
    def happened(self) -> int:
        return self.fake.count_events()

    def live(self, events_a_second: float) -> None:
        self.fake.set_rate(events_a_second)

    def end_all_life(self) -> None:
        """Stop the simulation; events that have already happened are still delivered."""
        self.fake.set_rate(0)
        with self.fake.lock:
            for action in ACTIONS:
                self.fake.agenda.remove(action)

    def deliver_everything(self) -> None:
        """Wait until no delivery attempt is pending: each was delivered, or given up after its last retry."""
        until(lambda: self.fake.drain(hurry=True, timeout=5), "everything is delivered or given up", patience=900)

    def reconcile(self) -> dict[str, Any]:
        """Run `reconcile_feed` as an operator would, and return its output."""
        (told,) = json.loads(self.installation.run("reconcile_feed", "--connection", "acme", "--json"))["connections"]
        return dict(told)

    def assert_all_of_it_is_there(self, *, but_for: tuple[str, ...] = ()) -> None:
        """Assert that log, messages and stats equal the emulator's; stats in `but_for` may be lower."""
        journal = self.fake.events(self.id, limit=10_000_000)
        twins = _twins(journal)
        if not but_for:
            happened = Counter(
                (iso(event.ms), event.event_type, event.campaign_id or "", (event.lead_email or "").lower())
                for event in dict.fromkeys(map(_as_reported, journal))
            )
            logged = Counter(self.installation.ask(LOG))
            missing, invented = happened - logged, logged - happened
            assert not missing and not invented, f"missing {missing.most_common(3)}, invented {invented.most_common(3)}"
        truth = self.fake.truth()["workspaces"][self.id]
        mails = dict(self.installation.ask(MAILS))
        counted, really = (
            (mails.get("out", 0), mails.get("in", 0)),
            (truth["sent"], truth["replies"] + truth["auto_replies"]),
        )
        assert counted == really, f"mails out and in: {counted}, really {really}"
        ours = {id: dict(zip(OF_A_CAMPAIGN, map(int, row), strict=True)) for id, *row in self.installation.ask(FIGURES)}
        for id, figures in truth["campaigns"].items():
            for mine, theirs in OF_A_CAMPAIGN.items():
                figure, true = ours.get(id, {}).get(mine, 0), figures[theirs] - twins[id, PLAIN.get(theirs)]
                same = figure <= true if mine in but_for else figure == true
                assert same, f"{figures['name']}: {mine} {figure}, really {true}"
        self._note(twins.total())

    def _note(self, twins: int) -> None:
        figures = self.fake.truth()["deliveries"]
        self.installation.facts |= {
            "happened": self.happened - twins,
            "attempts": figures["attempts"],
            "given up": figures["failed"],
        }
