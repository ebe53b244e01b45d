"""Emulated webhook deliveries: retries, log, giving up, disabling and resuming a webhook, faults."""

import threading
from typing import Any

import pytest

from instantly.emulator import Access, FakeInstantly, in_process_transport
from instantly.emulator.wire import DeliveryResult

from .conftest import Api, WebhookReceiver


def send(fake: FakeInstantly, acme: Access, times: int = 1) -> None:
    for _ in range(times):
        fake.trigger(acme.id, "email_sent")
    fake.drain()


def log(api: Api, **params: Any) -> list[dict[str, Any]]:
    """Return the delivery log, oldest first."""
    return list(api.walk("/webhook-events", limit=100, **params))[::-1]


class TestRetries:
    def test_failed_delivery_is_retried_until_it_succeeds(
        self, fake: FakeInstantly, acme: Access, api: Api, hook: Any, receiver: WebhookReceiver
    ) -> None:
        receiver.status = 503
        send(fake, acme)
        fake.advance(3)
        receiver.status = 200
        fake.advance(60)
        rows = log(api)
        assert [row["status_code"] for row in rows] == [503, 503, 200]
        assert [row["retry_count"] for row in rows] == [0, 1, 2]
        assert [row["will_retry"] for row in rows] == [True, True, False]
        assert [row["success"] for row in rows] == [False, False, True]
        assert [row["retry_successful"] for row in rows] == [True, True, True]
        assert len({row["retry_group_id"] for row in rows}) == 1
        assert len({str(row["payload"]) for row in rows}) == 1
        assert rows[0]["timestamp_next_retry"] == rows[1]["timestamp_created"] == "2026-03-02T09:00:03.000Z"
        assert rows[2]["timestamp_next_retry"] is None

    def test_delivery_is_given_up_after_three_retries(
        self, fake: FakeInstantly, acme: Access, api: Api, hook: Any, receiver: WebhookReceiver
    ) -> None:
        receiver.status = 500
        send(fake, acme)
        fake.advance(600)
        rows = log(api)
        assert [row["timestamp_created"][17:19] for row in rows] == ["00", "03", "11", "29"]
        assert [row["retry_successful"] for row in rows] == [False, False, False, False]
        assert rows[-1]["will_retry"] is False
        assert rows[-1]["error_message"] == "Request failed with status code 500"

    @pytest.mark.parametrize("status", [301, 400, 401, 404, 429, 500])
    def test_everything_but_2xx_is_a_failure(
        self, fake: FakeInstantly, acme: Access, api: Api, hook: Any, receiver: WebhookReceiver, status: int
    ) -> None:
        receiver.status = status
        send(fake, acme)
        assert [row["success"] for row in log(api)] == [False]

    @pytest.mark.parametrize("status", [200, 201, 202, 204])
    def test_every_2xx_is_a_success(
        self, fake: FakeInstantly, acme: Access, api: Api, hook: Any, receiver: WebhookReceiver, status: int
    ) -> None:
        receiver.status = status
        send(fake, acme)
        assert [row["success"] for row in log(api)] == [True]

    def test_missing_response_is_logged_with_its_reason(self, fake: FakeInstantly, acme: Access, api: Api) -> None:
        api.post("/webhooks", target_hook_url="https://app.example/hook", event_type="all_events")
        fake.deliveries.transport = lambda url, body, headers, timeout: DeliveryResult(
            error=f"timeout of {timeout}ms exceeded"
        )
        send(fake, acme)
        assert [(row["status_code"], row["error_message"]) for row in log(api)] == [
            (None, "timeout of 10.0ms exceeded")
        ]

    def test_retry_schedule_can_be_changed(
        self, fake: FakeInstantly, acme: Access, api: Api, hook: Any, receiver: WebhookReceiver
    ) -> None:
        fake.assume(retry_delays=[])
        receiver.status = 500
        send(fake, acme)
        fake.advance(600)
        assert len(receiver.received) == 1


class TestDisabling:
    @pytest.fixture(autouse=True)
    def low_thresholds(self, fake: FakeInstantly) -> None:
        fake.assume(disable_after_failures=3, retry_delays=[1.0])

    def status(self, api: Api, hook: dict[str, Any]) -> Any:
        return api.get(f"/webhooks/{hook['id']}")["status"]

    def test_webhook_is_disabled_after_consecutive_events_were_given_up(
        self, fake: FakeInstantly, acme: Access, api: Api, hook: Any, receiver: WebhookReceiver
    ) -> None:
        receiver.status = 500
        send(fake, acme, times=2)
        fake.advance(10)
        assert self.status(api, hook) == 1
        send(fake, acme)
        fake.advance(10)
        disabled = api.get(f"/webhooks/{hook['id']}")
        assert disabled["status"] == -1
        assert disabled["timestamp_error"] == "2026-03-02T09:00:11.000Z"

    def test_one_success_resets_the_failure_count(
        self, fake: FakeInstantly, acme: Access, api: Api, hook: Any, receiver: WebhookReceiver
    ) -> None:
        for status in (500, 500, 200, 500, 500):
            receiver.status = status
            send(fake, acme)
            fake.advance(10)
        assert self.status(api, hook) == 1

    def test_disabled_webhook_receives_nothing_then_or_later(
        self, fake: FakeInstantly, acme: Access, api: Api, hook: Any, receiver: WebhookReceiver
    ) -> None:
        receiver.status = 500
        send(fake, acme, times=3)
        fake.advance(10)
        tried = len(receiver.received)
        send(fake, acme, times=5)
        receiver.status = 200
        fake.advance(3600)
        assert len(receiver.received) == tried
        resumed = api.post(f"/webhooks/{hook['id']}/resume")
        assert (resumed["status"], resumed["timestamp_error"]) == (1, None)
        fake.advance(3600)
        assert len(receiver.received) == tried
        send(fake, acme)
        assert len(receiver.received) == tried + 1

    def test_waiting_retries_are_dropped_and_the_log_is_corrected(
        self, fake: FakeInstantly, acme: Access, api: Api, hook: Any, receiver: WebhookReceiver
    ) -> None:
        receiver.status = 500
        send(fake, acme, times=3)
        fake.advance(0.5)
        send(fake, acme)  # its retry is due after the others were given up
        fake.advance(10)
        assert self.status(api, hook) == -1
        (row,) = [row for row in log(api) if row["lead_email"] == receiver.received[3]["lead_email"]]
        assert (row["will_retry"], row["timestamp_next_retry"], row["retry_successful"]) == (False, None, None)
        assert fake.deliveries.waiting == 0

    def test_events_while_disabled_are_logged_if_assumed(
        self, fake: FakeInstantly, acme: Access, api: Api, hook: Any, receiver: WebhookReceiver
    ) -> None:
        receiver.status = 500
        send(fake, acme, times=3)
        fake.advance(10)
        before = len(log(api))
        send(fake, acme)
        assert len(log(api)) == before
        fake.assume(log_while_disabled=True)
        send(fake, acme)
        assert [row["error_message"] for row in log(api)[before:]] == ["Webhook is disabled"]


class TestDeliveryLog:
    def test_log_can_be_filtered_by_success_day_url_and_lead(
        self, fake: FakeInstantly, acme: Access, api: Api, hook: Any, receiver: WebhookReceiver
    ) -> None:
        send(fake, acme, times=3)
        receiver.status = 500
        fake.assume(retry_delays=[])
        send(fake, acme)
        assert len(log(api, success="true")) == 3
        assert len(log(api, success="false")) == 1
        assert len(log(api, search=hook["target_hook_url"])) == 4
        assert len(log(api, search=receiver.received[0]["lead_email"])) == 1
        assert log(api, search="app.example") == []
        fake.advance(86_400)
        send(fake, acme)
        assert len(log(api, **{"from": "2026-03-03"})) == 1
        assert len(log(api, to="2026-03-02")) == 4

    def test_summaries_agree_with_the_log(
        self, fake: FakeInstantly, acme: Access, api: Api, hook: Any, receiver: WebhookReceiver
    ) -> None:
        fake.assume(retry_delays=[])
        send(fake, acme, times=3)
        receiver.status = 500
        send(fake, acme)
        assert api.get("/webhook-events/summary") == {
            "total_events": 4,
            "successful_events": 3,
            "failed_events": 1,
            "success_rate": 75.0,
            "failure_rate": 25.0,
        }
        assert [row["date"] for row in api.get("/webhook-events/summary-by-date")["items"]] == ["2026-03-02"]

    def test_log_keeps_the_assumed_number_of_rows(self, fake: FakeInstantly, acme: Access, api: Api, hook: Any) -> None:
        fake.assume(delivery_log_kept=20)
        send(fake, acme, times=60)
        assert 20 <= len(log(api)) <= 21


class TestDeliveryFaults:
    def test_share_of_deliveries_is_duplicated(
        self, fake: FakeInstantly, acme: Access, hook: Any, receiver: WebhookReceiver
    ) -> None:
        fake.deliveries.set_faults(duplicates=0.2)
        send(fake, acme, times=500)
        fake.advance(60)
        distinct = {str(payload) for payload in receiver.received}
        assert len(distinct) == 500
        assert 550 <= len(receiver.received) <= 650

    def test_share_of_deliveries_is_reordered(
        self, fake: FakeInstantly, acme: Access, hook: Any, receiver: WebhookReceiver
    ) -> None:
        fake.deliveries.set_faults(reorder=0.3)
        for _ in range(200):
            send(fake, acme)
            fake.advance(0.1)
        fake.advance(60)
        times = [payload["timestamp"] for payload in receiver.received]
        assert len(set(times)) == 200
        assert times != sorted(times)

    def test_share_of_deliveries_is_lost_and_logged_as_failed(
        self, fake: FakeInstantly, acme: Access, api: Api, hook: Any, receiver: WebhookReceiver
    ) -> None:
        fake.deliveries.set_faults(drop=0.5)
        send(fake, acme, times=200)
        lost = log(api, success="false")
        assert len(receiver.received) + len(lost) == 200
        assert 70 <= len(lost) <= 130
        assert fake.truth()["deliveries"]["lost"] == len(lost)

    def test_without_faults_every_event_arrives_once_in_order(
        self, fake: FakeInstantly, acme: Access, hook: Any, receiver: WebhookReceiver
    ) -> None:
        fake.set_rate(4)
        fake.advance(600)
        times = [payload["timestamp"] for payload in receiver.received]
        assert times == sorted(times)
        assert len(times) == fake.truth()["workspaces"][acme.id]["events"]


class TestFlowControl:
    def test_paused_deliveries_wait_and_are_sent_later(
        self, fake: FakeInstantly, acme: Access, hook: Any, receiver: WebhookReceiver
    ) -> None:
        fake.deliveries.pause()
        send(fake, acme, times=5)
        assert (len(receiver.received), fake.deliveries.waiting) == (0, 5)
        fake.deliveries.resume()
        assert fake.drain()
        assert (len(receiver.received), fake.deliveries.waiting) == (5, 0)

    def test_drain_with_hurry_does_not_wait_for_retries(
        self, fake: FakeInstantly, acme: Access, hook: Any, receiver: WebhookReceiver
    ) -> None:
        receiver.decide = lambda payload: 500 if len(receiver.received) < 3 else 200
        send(fake, acme)
        assert fake.drain(hurry=True)
        assert len(receiver.received) == 3

    def test_slow_receiver_does_not_block_the_api(self, acme: Access, api: Api, fake: FakeInstantly) -> None:
        reached, release = threading.Event(), threading.Event()

        def slow(url: str, body: bytes, headers: Any) -> int:
            reached.set()
            release.wait(30)
            return 200

        fake.deliveries.transport = in_process_transport(slow)
        api.post("/webhooks", target_hook_url="https://app.example/hook", event_type="all_events")
        fake.deliveries.start(workers=2)
        try:
            fake.trigger(acme.id, "email_sent")
            assert reached.wait(30)
            assert api.get("/webhooks")["items"]  # returns while the delivery is in flight
            assert fake.deliveries.waiting == 1
        finally:
            release.set()
            assert fake.drain(timeout=30)
            fake.deliveries.stop()

    def test_number_of_concurrent_deliveries_is_bounded(self, fake: FakeInstantly, acme: Access, api: Api) -> None:
        at_once, most, lock, gate = 0, 0, threading.Lock(), threading.Barrier(3)

        def count(url: str, body: bytes, headers: Any) -> int:
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            gate.wait(30)
            with lock:
                at_once -= 1
            return 200

        fake.deliveries.transport = in_process_transport(count)
        api.post("/webhooks", target_hook_url="https://app.example/hook", event_type="all_events")
        for _ in range(9):
            fake.trigger(acme.id, "email_sent")
        fake.deliveries.start(workers=3)
        assert fake.drain(timeout=30)
        fake.deliveries.stop()
        assert most == 3
