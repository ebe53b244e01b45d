"""Background threads of a running emulator: pace, failing actions, resets, suspends, overload."""

import threading
from typing import Any

import pytest

from instantly.emulator import Access, FakeInstantly, SystemClock, event_recorder, in_process_transport
from instantly.emulator.entry_points.process import EmulatorProcess, Pace
from instantly.emulator.entry_points.server import EmulatorServer


@pytest.mark.parametrize(("seconds", "rate"), [(0, 4.0), (599, 4.0), (600, 1.0), (3599, 1.0), (86_400, 0.2)])
def test_pace_slows_down_over_time(seconds: float, rate: float) -> None:
    assert Pace().at(seconds) == rate
    assert Pace.steady(7).at(seconds) == 7


def test_process_sends_and_delivers_until_stopped() -> None:
    delivered = threading.Semaphore(0)

    def receive(url: str, body: bytes, headers: Any) -> int:
        delivered.release()
        return 200

    fake = FakeInstantly(seed=1, clock=SystemClock(), transport=in_process_transport(receive))
    fake.register_webhook(fake.add_workspace("acme").id, "https://app.example/hook")
    process = EmulatorProcess(fake, EmulatorServer(fake), pace=Pace.steady(50))
    process.start()
    try:
        for _ in range(20):
            assert delivered.acquire(timeout=60)
    finally:
        process.stop()
    assert fake.count_events() >= 20


def test_failing_action_does_not_stop_the_simulation(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeInstantly(seed=1, clock=SystemClock())
    fake.add_workspace("acme")
    fake.agenda.put(fake.clock.now_ms(), "nonsense")
    process = EmulatorProcess(fake, EmulatorServer(fake), pace=Pace.steady(50))
    process.start()
    recorded = threading.Event()
    record_event = event_recorder.record_event

    def record_and_signal(*args: Any, **details: Any) -> Any:
        recorded.set()
        return record_event(*args, **details)

    monkeypatch.setattr(event_recorder, "record_event", record_and_signal)
    try:
        assert recorded.wait(60)
    finally:
        process.stop()
    assert "Could not carry out" in caplog.text


def test_reset_keeps_the_delivery_workers_running() -> None:
    arrived = threading.Event()

    def receive(url: str, body: bytes, headers: Any) -> int:
        arrived.set()
        return 200

    fake = FakeInstantly(seed=1, transport=in_process_transport(receive))
    acme = fake.add_workspace("acme")
    fake.register_webhook(acme.id, "https://app.example/hook")
    fake.deliveries.start(workers=2)
    fake.reset()
    try:
        fake.trigger(acme.id, "email_sent")
        assert arrived.wait(60)
    finally:
        fake.deliveries.stop()


def test_agenda_is_postponed_after_a_suspend_without_a_burst(fake: FakeInstantly, acme: Access) -> None:
    fake.set_rate(4)
    fake.advance(60)
    before = fake.count_events()
    fake.clock.sleep(8 * 3600)
    fake.catch_up()
    assert fake.count_events() - before < 20


def test_rate_above_the_tick_frequency_is_kept(fake: FakeInstantly, acme: Access) -> None:
    """20 ticks per second must not limit the rate to 20 mails per second."""
    fake.set_rate(190)
    for _ in range(200):
        fake.clock.sleep(0.05)
        fake.catch_up()
    assert fake.count_events() == pytest.approx(1900, rel=0.15)


def test_rate_beyond_capacity_does_not_build_up_a_backlog(fake: FakeInstantly, acme: Access) -> None:
    fake.set_rate(1_000_000)
    for _ in range(10):
        fake.clock.sleep(60)
        assert fake.catch_up() <= 500
