"""Webhook subscriptions of the emulator: matching, headers, test deliveries, changes."""

from typing import Any

import pytest

from instantly.emulator import Access, FakeInstantly
from instantly.emulator.state.vocabulary import EVENTS, SUBSCRIPTIONS

from .conftest import Api, WebhookReceiver

HOOK = "https://app.example/hook"


def subscribe(api: Api, **given: Any) -> dict[str, Any]:
    made: dict[str, Any] = api.post("/webhooks", target_hook_url=HOOK, **given)
    return made


def trigger(fake: FakeInstantly, acme: Access, event: str, campaign: str | None = None) -> None:
    fake.trigger(acme.id, event, campaign=campaign)
    fake.drain()


@pytest.mark.parametrize("event", list(EVENTS))
def test_all_events_receives_every_event(
    fake: FakeInstantly, acme: Access, api: Api, receiver: WebhookReceiver, event: str
) -> None:
    subscribe(api, event_type="all_events")
    trigger(fake, acme, event)
    assert event in receiver.types()


@pytest.mark.parametrize("subscription", [name for name in SUBSCRIPTIONS if name != "all_events"])
def test_named_subscription_receives_only_its_event(
    fake: FakeInstantly, acme: Access, api: Api, receiver: WebhookReceiver, subscription: str
) -> None:
    subscribe(api, event_type=subscription)
    for event in EVENTS:
        trigger(fake, acme, event)
    delivered = "link_clicked" if subscription == "email_link_clicked" else subscription
    assert set(receiver.types()) == {delivered}


def test_automatic_replies_cannot_be_subscribed_to_by_name(api: Api) -> None:
    api.post("/webhooks", expect=400, target_hook_url=HOOK, event_type="auto_reply_received")


def test_a_custom_label_is_delivered_as_its_own_text(
    fake: FakeInstantly, acme: Access, api: Api, receiver: WebhookReceiver
) -> None:
    label = api.post("/lead-labels", label="Call in May!", interest_status_label="neutral")
    subscribe(api, custom_interest_value=label["interest_status"])
    trigger(fake, acme, "Call in May!")
    trigger(fake, acme, "Hot Lead")
    trigger(fake, acme, "lead_interested")
    assert receiver.types() == ["Call in May!"]


def test_campaign_limits_a_subscription(fake: FakeInstantly, acme: Access, api: Api, receiver: WebhookReceiver) -> None:
    mine, other = (row["id"] for row in api.get("/campaigns", status=1)["items"][:2])
    subscribe(api, event_type="all_events", campaign=mine)
    trigger(fake, acme, "email_sent", campaign=other)
    trigger(fake, acme, "account_error")
    trigger(fake, acme, "email_sent", campaign=mine)
    assert [payload["campaign_id"] for payload in receiver.received] == [mine]


def test_overlapping_subscriptions_deliver_the_same_body_twice(
    fake: FakeInstantly, acme: Access, api: Api, receiver: WebhookReceiver
) -> None:
    subscribe(api, event_type="all_events")
    subscribe(api, event_type="email_sent")
    trigger(fake, acme, "email_sent")
    assert len(receiver.received) == 2
    assert receiver.received[0] == receiver.received[1]


def test_workspaces_receive_no_events_of_each_other(
    fake: FakeInstantly, acme: Access, api: Api, receiver: WebhookReceiver
) -> None:
    globex = fake.add_workspace("globex")
    subscribe(api, event_type="all_events")
    trigger(fake, globex, "email_sent")
    assert receiver.received == []


def test_webhook_headers_are_sent_beside_those_of_axios(
    fake: FakeInstantly, acme: Access, api: Api, receiver: WebhookReceiver
) -> None:
    subscribe(api, event_type="all_events", headers={"X-Webhook-Secret": "made-up", "User-Agent": "mine"})
    trigger(fake, acme, "email_sent")
    headers = {name.lower(): value for name, value in receiver.headers[0].items()}
    assert headers["x-webhook-secret"] == "made-up"
    assert headers["user-agent"] == "mine"
    assert headers["content-type"] == "application/json"
    assert headers["accept"] == "application/json, text/plain, */*"
    api.patch(f"/webhooks/{api.get('/webhooks')['items'][0]['id']}", headers=None)
    trigger(fake, acme, "email_sent")
    assert receiver.headers[1]["user-agent"] == "axios/0.21.4"


@pytest.mark.parametrize("url", ["ftp://app.example/x", "app.example", ""])
def test_an_address_that_is_not_http_is_refused(api: Api, url: str) -> None:
    api.post("/webhooks", expect=400, target_hook_url=url, event_type="all_events")


def test_webhooks_are_listed_by_campaign_and_type_changed_and_removed(api: Api) -> None:
    campaign = api.get("/campaigns")["items"][0]["id"]
    one = subscribe(api, event_type="email_sent", campaign=campaign)
    two = subscribe(api, event_type="all_events")
    assert [row["id"] for row in api.get("/webhooks")["items"]] == [two["id"], one["id"]]
    assert [row["id"] for row in api.get("/webhooks", campaign=campaign)["items"]] == [one["id"]]
    assert [row["id"] for row in api.get("/webhooks", event_type="all_events")["items"]] == [two["id"]]
    assert api.patch(f"/webhooks/{one['id']}", target_hook_url="http://other.example")["event_type"] == "email_sent"
    assert api.delete(f"/webhooks/{one['id']}")["id"] == one["id"]
    api.get(f"/webhooks/{one['id']}", expect=404)


def test_removed_webhook_receives_nothing_more(
    fake: FakeInstantly, acme: Access, api: Api, receiver: WebhookReceiver
) -> None:
    hook = subscribe(api, event_type="all_events")
    fake.trigger(acme.id, "email_sent")
    api.delete(f"/webhooks/{hook['id']}")
    fake.drain()
    assert receiver.received == []


def test_test_delivery_is_sent_immediately_and_its_result_returned(
    fake: FakeInstantly, api: Api, receiver: WebhookReceiver
) -> None:
    hook = subscribe(api, event_type="email_sent")
    assert api.post(f"/webhooks/{hook['id']}/test") == {
        "success": True,
        "message": "Webhook test successful",
        "response_time_ms": 0,
        "status_code": 200,
    }
    receiver.status = 401
    answer = api.post(f"/webhooks/{hook['id']}/test")
    assert (answer["success"], answer["status_code"]) == (False, 401)
    assert answer["error"] == "Request failed with status code 401"
    assert receiver.types() == ["test", "test"]


def test_event_types_name_the_subscriptions_and_the_workspaces_labels(api: Api) -> None:
    types = api.get("/webhooks/event-types")["event_types"]
    assert {row["id"] for row in types if row["type"] == "standard"} == set(SUBSCRIPTIONS)
    assert {row["label"] for row in types if row["type"] == "custom"} == {"Ask again later", "Hot Lead"}
