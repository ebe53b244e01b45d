"""Simulated life of the emulator: event rate, reproducibility by seed, sequences, concurrency."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from instantly.emulator import Access, FakeInstantly, Habits, in_process_transport

from .conftest import Api, WebhookReceiver


def simulate(seed: int, seconds: float) -> list[dict[str, Any]]:
    receiver = WebhookReceiver()
    fake = FakeInstantly(seed=seed, transport=in_process_transport(receiver))
    acme = fake.add_workspace("acme")
    fake.register_webhook(acme.id, "https://app.example/hook")
    fake.set_rate(4)
    fake.advance(seconds)
    return receiver.received


def test_same_seed_gives_identical_events() -> None:
    first, second = simulate(1, 600), simulate(1, 600)
    assert first == second
    assert len(first) > 1000


def test_other_seed_gives_other_events() -> None:
    assert simulate(1, 60) != simulate(2, 60)


def test_events_do_not_depend_on_the_size_of_time_steps() -> None:
    receiver = WebhookReceiver()
    fake = FakeInstantly(seed=1, transport=in_process_transport(receiver))
    acme = fake.add_workspace("acme")
    fake.register_webhook(acme.id, "https://app.example/hook")
    fake.set_rate(4)
    for _ in range(120):
        fake.advance(0.5)
    assert receiver.received == simulate(1, 60)


def test_api_calls_do_not_affect_the_random_stream() -> None:
    def addresses(disturbed: bool) -> list[str]:
        fake = FakeInstantly(seed=1)
        acme = fake.add_workspace("acme")
        fake.set_rate(4)
        for _ in range(30):
            if disturbed:
                Api(fake, acme.key).post("/lead-lists", name="x")
            fake.advance(1)
        return [row["email"] for row in fake.workspaces[acme.id].leads]

    assert addresses(True) == addresses(False)


@pytest.mark.parametrize("rate", [1, 4, 20])
def test_event_rate_is_kept(fake: FakeInstantly, acme: Access, rate: float) -> None:
    fake.set_rate(rate)
    fake.advance(600)  # until follow-ups and replies reach their usual rate
    before = fake.count_events()
    fake.advance(900)
    assert (fake.count_events() - before) / 900 == pytest.approx(rate, rel=0.25)


def test_first_minute_has_sends_opens_and_replies(fake: FakeInstantly, acme: Access) -> None:
    fake.set_rate(4)
    fake.advance(60)
    truth = fake.truth()["workspaces"][acme.id]
    assert truth["sent"] > 50
    assert truth["opens"] > 10
    assert truth["replies"] > 0


def test_mails_are_spread_over_all_workspaces(fake: FakeInstantly, acme: Access) -> None:
    for name in ("globex", "shared"):
        fake.add_workspace(name)
    fake.set_rate(4)
    fake.advance(900)
    shares = [space["sent"] for space in fake.truth()["workspaces"].values()]
    assert min(shares) > 0.7 * max(shares)


def test_events_never_run_out(fake: FakeInstantly, acme: Access) -> None:
    fake.set_rate(4)
    fake.advance(5000)
    before = fake.count_events()
    fake.advance(300)
    assert fake.count_events() - before > 600


def test_rate_zero_stops_sending_after_scheduled_reactions(fake: FakeInstantly, acme: Access) -> None:
    fake.set_rate(4)
    fake.advance(300)
    fake.set_rate(0)
    sent = fake.truth()["workspaces"][acme.id]["sent"]
    fake.advance(7200)
    truth = fake.truth()["workspaces"][acme.id]
    assert truth["sent"] == sent
    before = fake.count_events()
    fake.advance(7200)
    assert fake.count_events() - before <= 50  # failing accounts, enrichments


def test_a_negative_rate_is_refused(fake: FakeInstantly) -> None:
    with pytest.raises(ValueError, match="events per second"):
        fake.set_rate(-1)


def test_no_mail_is_sent_after_a_bounce_unsubscribe_or_reply(
    fake: FakeInstantly, acme: Access, hook: Any, receiver: WebhookReceiver
) -> None:
    fake.set_rate(4)
    fake.advance(1500)
    ended: set[tuple[str | None, str]] = set()
    for body in receiver.received:
        key = body.get("lead_email"), body["campaign_id"]
        if body["event_type"] in ("email_bounced", "lead_unsubscribed", "reply_received"):
            ended.add(key)
        assert not (body["event_type"] == "email_sent" and key in ended)
    assert len(ended) > 100


def test_steps_come_in_order_with_the_delay_of_the_sequence_between_them(fake: FakeInstantly, acme: Access) -> None:
    fake.set_rate(4)
    fake.advance(1500)
    space = fake.workspaces[acme.id]
    steps: dict[str, list[tuple[int, int]]] = {}
    for event in space.journal.everything():
        if event.event_type == "email_sent":
            steps.setdefault(str(event.lead_email), []).append((event.step or 0, event.ms))
    assert {tuple(step for step, _ in sent) for sent in steps.values()} <= {(1,), (1, 2), (1, 2, 3)}
    gaps = [sent[1][1] - sent[0][1] for sent in steps.values() if len(sent) > 1]
    assert min(gaps) >= 3 * Habits().day_seconds * 1000  # three days between step 1 and 2, compressed


def test_disabled_tracking_gives_no_opens_and_clicks(fake: FakeInstantly, acme: Access, api: Api) -> None:
    for row in api.get("/campaigns", limit=100)["items"]:
        api.patch(f"/campaigns/{row['id']}", open_tracking=False, link_tracking=False)
    fake.set_rate(4)
    fake.advance(900)
    truth = fake.truth()["workspaces"][acme.id]
    assert (truth["opens"], truth["clicks"]) == (0, 0)
    assert truth["replies"] > 0


@pytest.mark.parametrize(
    "sequences",
    [
        [],
        [{"steps": []}],
        [{"steps": [{"type": "email", "delay": 1, "variants": []}]}],
        [{"steps": [{"type": "email", "delay": -5, "variants": [{"subject": "", "body": "", "v_disabled": True}]}]}],
        [{"steps": [{"type": "email", "delay": 0, "variants": [{"subject": "{{ x }}{{", "body": "{}%s\\1"}]}]}],
    ],
)
def test_changing_a_sequence_to_anything_does_not_stop_the_simulation(
    fake: FakeInstantly, api: Api, sequences: Any
) -> None:
    fake.set_rate(4)
    fake.advance(300)
    for row in api.get("/campaigns", status=1)["items"]:
        api.patch(f"/campaigns/{row['id']}", sequences=sequences)
    fake.advance(600)
    first = api.get("/campaigns", status=1)["items"][0]
    whole = [{"steps": [{"type": "email", "delay": 1, "variants": [{"subject": "Back", "body": "again"}]}]}]
    api.patch(f"/campaigns/{first['id']}", sequences=whole)
    before = fake.count_events()
    fake.advance(300)
    assert fake.count_events() - before > 100


def test_life_api_and_deliveries_run_concurrently(
    fake: FakeInstantly, api: Api, hook: Any, receiver: WebhookReceiver
) -> None:
    """Threads read and write while time passes: responses are complete, every event is delivered once."""
    failures: list[Exception] = []
    done = threading.Event()

    def use(number: int) -> None:
        own = Api(fake, str(api.session.headers["Authorization"]).split()[1])
        try:
            while not done.is_set():
                own.get("/campaigns/analytics")
                own.post("/leads/list", limit=100)
                own.delete(f"/lead-lists/{own.post('/lead-lists', name=str(number))['id']}")
                own.get("/webhook-events", limit=100)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    fake.deliveries.start(workers=3)
    fake.set_rate(10)
    for _ in range(60):
        fake.advance(1)
    done.set()
    for thread in threads:
        thread.join(60)
    assert fake.drain(timeout=60)
    fake.deliveries.stop()
    assert failures == []
    assert len(receiver.received) == fake.count_events() == len({str(body) for body in receiver.received})


def test_emulator_does_not_import_django() -> None:
    code = "import sys, instantly.emulator, instantly.emulator.entry_points.server; sys.exit('django' in sys.modules)"
    checkout = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=checkout, check=False).returncode == 0
