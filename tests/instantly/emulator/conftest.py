"""Fixtures: one emulated workspace, an API client, a webhook receiver, without sockets or database."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import requests

from instantly.emulator import Access, FakeInstantly, in_process_transport
from instantly.emulator.entry_points.adapter import InstantlyAdapter

BASE = "https://api.instantly.ai/api/v2"


class WebhookReceiver:
    """Stores what it receives and returns ``status``, or the result of ``decide`` for the payload."""

    def __init__(self) -> None:
        self.status = 200
        self.decide: Callable[[dict[str, Any]], int] | None = None
        self.received: list[dict[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        payload = json.loads(body)
        self.received.append(payload)
        self.headers.append(headers)
        return self.decide(payload) if self.decide else self.status

    def types(self) -> list[str]:
        return [payload["event_type"] for payload in self.received]


class Api:
    """A requests session with one workspace's key, connected through the adapter."""

    def __init__(self, fake: FakeInstantly, key: str, **headers: str) -> None:
        self.session = requests.Session()
        self.session.mount("https://", InstantlyAdapter(fake))
        self.session.headers.update({"Authorization": f"Bearer {key}", **headers})

    def call(self, method: str, path: str, *, expect: int = 200, **options: Any) -> Any:
        answer = self.session.request(method, f"{BASE}{path}", timeout=5, **options)
        assert answer.status_code == expect, (method, path, answer.status_code, answer.text[:500])
        return answer.json() if answer.content else None

    def get(self, path: str, *, expect: int = 200, **params: Any) -> Any:
        return self.call("GET", path, expect=expect, params=params)

    def post(self, path: str, *, expect: int = 200, **body: Any) -> Any:
        return self.call("POST", path, expect=expect, json=body)

    def patch(self, path: str, *, expect: int = 200, **body: Any) -> Any:
        return self.call("PATCH", path, expect=expect, json=body)

    def delete(self, path: str, *, expect: int = 200) -> Any:
        return self.call("DELETE", path, expect=expect)

    def walk(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Yield every item of a list, across its pages."""
        cursor: dict[str, Any] = {}
        while True:
            page = self.get(path, **params, **cursor)
            yield from page["items"]
            if not page["items"] or "next_starting_after" not in page:
                return
            cursor = {"starting_after": page["next_starting_after"]}


@pytest.fixture
def receiver() -> WebhookReceiver:
    return WebhookReceiver()


@pytest.fixture
def fake(receiver: WebhookReceiver) -> FakeInstantly:
    return FakeInstantly(seed=7, transport=in_process_transport(receiver))


@pytest.fixture
def acme(fake: FakeInstantly) -> Access:
    return fake.add_workspace("acme")


@pytest.fixture
def api(fake: FakeInstantly, acme: Access) -> Api:
    return Api(fake, acme.key)


@pytest.fixture
def hook(api: Api) -> dict[str, Any]:
    """Create a webhook that subscribes to all events."""
    return api.post("/webhooks", target_hook_url="https://app.example/hook", event_type="all_events")
