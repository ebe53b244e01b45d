"""HTTP server of the emulator, and its control API."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests

from instantly.emulator import Access, FakeInstantly, SystemClock, in_process_transport
from instantly.emulator.entry_points.adapter import InstantlyAdapter
from instantly.emulator.entry_points.server import EmulatorServer

from .conftest import WebhookReceiver


@pytest.fixture
def fake(receiver: WebhookReceiver) -> FakeInstantly:
    return FakeInstantly(seed=7, clock=SystemClock(), transport=in_process_transport(receiver))


@pytest.fixture
def server(fake: FakeInstantly, acme: Access) -> Iterator[EmulatorServer]:
    running = EmulatorServer(fake)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def session(acme: Access) -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        opened.headers["Authorization"] = f"Bearer {acme.key}"
        yield opened


def send_raw(server: EmulatorServer, request: bytes) -> bytes:
    """Send raw bytes, close the sending side, read the whole response."""
    host, port = server.server_address[:2]
    with socket.create_connection((str(host), int(port)), timeout=30) as wire:
        wire.sendall(request)
        with suppress(OSError):  # it may have been reset already: recv raises then
            wire.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := wire.recv(65_536):
            answer += chunk
    return answer


def test_server_listens_on_the_loopback_by_default(server: EmulatorServer) -> None:
    assert server.server_address[0] == "127.0.0.1"


def test_many_requests_use_one_connection(server: EmulatorServer, session: requests.Session) -> None:
    for _ in range(20):
        assert session.get(f"{server.url}/api/v2/workspaces/current", timeout=10).status_code == 200
    adapter: Any = session.get_adapter(server.url)
    pools = adapter.poolmanager.pools
    pool = pools[next(iter(pools.keys()))]
    assert (pool.num_connections, pool.num_requests) == (1, 20)


def test_adapter_and_server_return_the_same_response(
    fake: FakeInstantly, server: EmulatorServer, session: requests.Session
) -> None:
    direct = requests.Session()
    direct.headers.update(session.headers)
    direct.mount("https://", InstantlyAdapter(fake))
    for path in ("/campaigns?limit=100", "/accounts", "/nothing", "/webhooks/event-types"):
        one = session.get(f"{server.url}/api/v2{path}", timeout=10)
        two = direct.get(f"https://api.instantly.ai/api/v2{path}", timeout=10)
        assert (one.status_code, one.content, one.headers["Content-Type"]) == (
            two.status_code,
            two.content,
            two.headers["Content-Type"],
        )


def test_204_has_no_body_and_keeps_the_connection(server: EmulatorServer, session: requests.Session) -> None:
    id = session.get(f"{server.url}/api/v2/campaigns", timeout=10).json()["items"][0]["id"]
    answer = session.post(f"{server.url}/api/v2/campaigns/{id}/share", timeout=10)
    assert (answer.status_code, answer.content) == (204, b"")
    assert session.get(f"{server.url}/api/v2/campaigns", timeout=10).status_code == 200


def test_a_chunked_body_is_read(server: EmulatorServer, session: requests.Session) -> None:
    pieces = iter([b'{"name": ', b'"In pieces"}'])
    headers = {"Content-Type": "application/json"}
    answer = session.post(f"{server.url}/api/v2/lead-lists", data=pieces, headers=headers, timeout=10)
    assert answer.json()["name"] == "In pieces"


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"POST /api/v2/leads HTTP/1.1\r\nHost: x\r\nContent-Length: nonsense\r\n\r\n", b"400"),
        (b"POST /api/v2/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST /api/v2/leads HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"GET /api/v2/campaigns HTTP/1.1\r\nHost: x\r\n\r\n", b"401"),
    ],
)
def test_malformed_request_is_refused(server: EmulatorServer, request_bytes: bytes, status: bytes) -> None:
    assert send_raw(server, request_bytes).split(b" ")[1] == status


def test_a_body_that_is_not_json_is_a_400(server: EmulatorServer, session: requests.Session) -> None:
    answer = session.post(f"{server.url}/api/v2/leads", data=b"{oops", timeout=10)
    assert answer.status_code == 400
    assert "not valid JSON" in answer.json()["message"]


def test_reset_fault_is_a_tcp_reset(server: EmulatorServer, fake: FakeInstantly) -> None:
    fake.faults.add("reset")
    with pytest.raises(ConnectionResetError):
        send_raw(server, b"GET /api/v2/campaigns HTTP/1.1\r\nHost: x\r\n\r\n")


class TestControl:
    def get(self, server: EmulatorServer, path: str, **headers: str) -> requests.Response:
        return requests.get(f"{server.url}/_emulator{path}", headers=headers, timeout=10)

    def post(self, server: EmulatorServer, path: str, body: Any) -> requests.Response:
        return requests.post(f"{server.url}/_emulator{path}", json=body, timeout=10)

    def test_overview_needs_no_key_and_contains_none(self, server: EmulatorServer, acme: Access) -> None:
        overview = self.get(server, "").json()
        assert [space["name"] for space in overview["workspaces"]] == ["acme"]
        assert overview["assumptions"]["disable_after_failures"] == 50
        assert acme.key not in json.dumps(overview)

    def test_truth_and_events_are_reported(self, server: EmulatorServer, acme: Access) -> None:
        body = {"workspace": acme.id, "event": "reply_received"}
        assert self.post(server, "/happen", body).json()["event_type"] == "reply_received"
        truth = self.get(server, "/truth").json()["workspaces"][acme.id]
        assert (truth["sent"], truth["replies"]) == (1, 1)
        events = self.get(server, f"/events?workspace={acme.id}&limit=1").json()["events"]
        assert [event["event_type"] for event in events] == ["email_sent"]

    def test_faults_are_set_and_cleared(self, server: EmulatorServer, session: requests.Session) -> None:
        wanted = {"api": [{"kind": "status", "status": 429, "times": 5}], "deliveries": {"duplicates": 0.5}}
        assert self.post(server, "/faults", wanted).json()["deliveries"]["duplicates"] == 0.5
        assert session.get(f"{server.url}/api/v2/campaigns", timeout=10).status_code == 429
        assert self.post(server, "/faults", {}).json()["deliveries"]["duplicates"] == 0.0
        assert session.get(f"{server.url}/api/v2/campaigns", timeout=10).status_code == 200

    def test_rate_assumptions_plan_and_deliveries_can_be_changed(
        self, server: EmulatorServer, acme: Access, fake: FakeInstantly
    ) -> None:
        assert self.post(server, "/life", {"rate": 2.5}).json() == {"rate": 2.5}
        assert self.post(server, "/assumptions", {"retry_delays": [1, 2]}).json()["retry_delays"] == [1, 2]
        assert fake.deliveries.assumptions.retry_delays == (1, 2)
        assert self.post(server, "/plan", {"workspace": acme.id, "active": False}).status_code == 200
        assert fake.workspaces[acme.id].plan_active is False
        self.post(server, "/deliveries", {"do": "pause"})
        self.post(server, "/happen", {"workspace": acme.id, "event": "account_error"})
        assert self.post(server, "/deliveries", {"do": "resume"}).status_code == 200

    def test_reset_restores_the_initial_state_with_the_same_ids_and_keys(
        self, server: EmulatorServer, session: requests.Session, acme: Access
    ) -> None:
        before = session.get(f"{server.url}/api/v2/campaigns?limit=100", timeout=10).json()
        session.post(f"{server.url}/api/v2/lead-lists", json={"name": "x"}, timeout=10)
        self.post(server, "/happen", {"workspace": acme.id, "event": "email_sent"})
        assert self.post(server, "/reset", {}).status_code == 200
        assert session.get(f"{server.url}/api/v2/campaigns?limit=100", timeout=10).json() == before
        assert session.get(f"{server.url}/api/v2/lead-lists", timeout=10).json() == {"items": []}
        assert self.get(server, "/truth").json()["workspaces"][acme.id]["events"] == 0

    @pytest.mark.parametrize(
        ("path", "body", "word"),
        [
            ("/faults", {"api": [{"kind": "gremlins"}]}, "gremlins"),
            ("/faults", {"deliveries": {"colour": 1}}, "colour"),
            ("/assumptions", {"colour": 1}, "colour"),
            ("/life", {"rate": -1}, "events per second"),
            ("/happen", {"workspace": "nobody", "event": "email_sent"}, "nobody"),
            ("/plan", {}, "workspace"),
        ],
    )
    def test_impossible_request_returns_400_that_names_the_problem(
        self, server: EmulatorServer, path: str, body: Any, word: str
    ) -> None:
        answer = self.post(server, path, body)
        assert answer.status_code == 400
        assert word in answer.json()["message"]

    def test_unknown_path_lists_the_known_ones(self, server: EmulatorServer) -> None:
        answer = self.get(server, "/nothing")
        assert answer.status_code == 404
        assert "/_emulator/truth" in answer.json()["message"]

    def test_foreign_host_header_is_refused(self, server: EmulatorServer) -> None:
        assert self.get(server, "/truth", Host="evil.example").status_code == 403
        assert self.get(server, "/truth", Host="localhost:1234").status_code == 200
