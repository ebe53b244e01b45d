"""Snapshots: a restarted emulator continues without loss or repetition; keys and file stay private."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from instantly.emulator import FakeInstantly, ManualClock, in_process_transport
from instantly.emulator.entry_points.snapshot import StateFile, UnreadableSnapshot, dump, load
from instantly.emulator.state.keys import new_key

from .conftest import Api, WebhookReceiver


def start(receiver: WebhookReceiver, key: str, seed: int = 7, clock: ManualClock | None = None) -> FakeInstantly:
    fake = FakeInstantly(seed=seed, clock=clock, transport=in_process_transport(receiver))
    fake.register_webhook(fake.add_workspace("acme", key=key).id, "https://app.example/hook")
    return fake


@pytest.fixture
def key() -> str:
    return new_key()


def test_restart_continues_with_identical_deliveries(key: str) -> None:
    """Compare a run with a restart in the middle to one without, up to the last delivery."""
    whole, halves, clock = WebhookReceiver(), WebhookReceiver(), ManualClock()
    unbroken = start(whole, key)
    unbroken.set_rate(4)
    unbroken.advance(300)
    unbroken.set_rate(4)  # as the restarted one does on start
    unbroken.advance(300)

    first = start(halves, key, clock=clock)
    first.set_rate(4)
    first.advance(300)
    saved = dump(first)
    second = start(halves, key, clock=clock)
    load(second, saved)
    second.set_rate(4)
    second.advance(300)

    assert len(halves.received) == len(whole.received) > 1500
    assert second.truth() == unbroken.truth()
    assert halves.received[: len(halves.received) // 2] == whole.received[: len(whole.received) // 2]


def test_snapshot_restores_all_objects(receiver: WebhookReceiver, key: str) -> None:
    first = start(receiver, key)
    api = Api(first, key)
    made = api.post("/webhooks", target_hook_url="https://app.example/other", event_type="email_sent")
    lead = api.post("/leads", campaign=api.get("/campaigns")["items"][0]["id"], email="ada@lead.example")
    first.set_rate(4)
    first.advance(120)
    first.set_rate(0)
    paths = (
        "/webhooks",
        "/webhook-events",
        "/campaigns",
        "/accounts",
        "/emails",
        "/campaigns/analytics",
        "/audit-logs",
    )
    before = {path: api.get(path) for path in paths}
    second = start(receiver, key)
    load(second, dump(first))
    again = Api(second, key)
    assert {path: again.get(path) for path in paths} == before
    assert again.get(f"/webhooks/{made['id']}")["id"] == made["id"]
    assert again.get(f"/leads/{lead['id']}")["email"] == "ada@lead.example"


def test_waiting_retries_survive_a_restart(receiver: WebhookReceiver, key: str) -> None:
    first = start(receiver, key)
    receiver.status = 500
    first.trigger("acme", "email_sent")
    first.drain()
    second = start(receiver, key)
    load(second, dump(first))
    receiver.status = 200
    second.advance(10)
    assert len(receiver.received) == 2
    assert receiver.received[0] == receiver.received[1]


def test_snapshot_with_retired_fields_is_restored(receiver: WebhookReceiver, key: str) -> None:
    first = start(receiver, key)
    receiver.status = 500
    first.trigger("acme", "email_sent")
    first.drain()
    older = json.loads(dump(first))
    older["life"]["happenings_before"] = 0
    for attempt in older["deliveries"]["queue"]:
        attempt["hurried"] = False
    second = start(receiver, key)
    load(second, json.dumps(older).encode())
    assert (second.deliveries.waiting, second.count_events()) == (1, 1)


def test_agenda_is_postponed_after_a_long_downtime(receiver: WebhookReceiver, key: str) -> None:
    first = start(receiver, key)
    first.set_rate(4)
    first.advance(300)
    clock = ManualClock()
    clock.sleep(86_400)
    second = start(receiver, key, clock=clock)
    load(second, dump(first))
    before = second.count_events()
    second.advance(1)
    assert second.count_events() - before < 50


def test_new_key_in_the_workspace_file_replaces_the_old_one(receiver: WebhookReceiver, key: str) -> None:
    first, other = start(receiver, key), new_key()
    made = Api(first, key).post("/api-keys", name="second", scopes=["all:read"])["key"]
    second = start(receiver, other)
    load(second, dump(first))
    Api(second, other).get("/campaigns")
    Api(second, made).get("/campaigns")
    Api(second, key).get("/campaigns", expect=401)


def test_unlisted_workspaces_are_not_restored(receiver: WebhookReceiver, key: str) -> None:
    first = start(receiver, key)
    first.add_workspace("gone")
    second = start(receiver, key)
    load(second, dump(first))
    assert [space.name for space in second.workspaces.values()] == ["acme"]


def test_snapshot_contains_no_key(receiver: WebhookReceiver, key: str) -> None:
    fake = start(receiver, key)
    made = Api(fake, key).post("/api-keys", name="second", scopes=["all:read"])["key"]
    content = dump(fake).decode()
    assert key not in content
    assert made not in content


class TestStateFile:
    def test_file_is_readable_by_its_owner_only_and_leaves_no_temporary_file(
        self, receiver: WebhookReceiver, key: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "below" / "state.json"
        StateFile(start(receiver, key), path).write()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [entry.name for entry in path.parent.iterdir()] == ["state.json"]

    def test_existing_file_is_read(self, receiver: WebhookReceiver, key: str, tmp_path: Path) -> None:
        path = tmp_path / "state.json"
        assert StateFile(start(receiver, key), path).read() is False
        first = start(receiver, key)
        first.trigger("acme", "email_sent")
        StateFile(first, path).write()
        second = start(receiver, key)
        assert StateFile(second, path).read() is True
        assert second.count_events() == 1

    def test_failed_write_keeps_the_previous_file(
        self, receiver: WebhookReceiver, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "state.json"
        state = StateFile(start(receiver, key), path)
        state.write()
        before = path.read_bytes()

        def full(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            state.write()
        assert path.read_bytes() == before
        assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 99}', b'{"version": 1}'])
    def test_invalid_file_is_reported(
        self, receiver: WebhookReceiver, key: str, tmp_path: Path, content: bytes
    ) -> None:
        path = tmp_path / "state.json"
        path.write_bytes(content)
        with pytest.raises(UnreadableSnapshot):
            StateFile(start(receiver, key), path).read()

    def test_incomplete_snapshot_resets_the_emulator(self, receiver: WebhookReceiver, key: str) -> None:
        first = start(receiver, key)
        first.trigger("acme", "email_sent")
        halved = json.loads(dump(first))
        del halved["deliveries"]
        second = start(receiver, key)
        before = second.truth()
        with pytest.raises(UnreadableSnapshot, match="deliveries"):
            load(second, json.dumps(halved).encode())
        assert second.truth() == before
        Api(second, key).get("/campaigns")

    def test_other_seed_is_reported(self, receiver: WebhookReceiver, key: str) -> None:
        with pytest.raises(UnreadableSnapshot, match="seed"):
            load(start(receiver, key, seed=8), dump(start(receiver, key)))
