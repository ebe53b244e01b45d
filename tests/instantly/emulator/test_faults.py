"""Faults on demand in the emulated API, through adapter and HTTP server."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from instantly.emulator import Access, FakeInstantly, ManualClock, SystemClock
from instantly.emulator.entry_points.adapter import InstantlyAdapter
from instantly.emulator.entry_points.server import EmulatorServer

from .conftest import BASE, Api, WebhookReceiver

NO_DELAY = 0.0


@pytest.fixture(params=["adapter", "http"])
def entry_point(
    request: pytest.FixtureRequest, receiver: WebhookReceiver
) -> Iterator[tuple[FakeInstantly, requests.Session, str]]:
    """The emulator, a session with its key, and the base URL: through the adapter and through HTTP."""
    fake = FakeInstantly(seed=1, clock=ManualClock() if request.param == "adapter" else SystemClock())
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {fake.add_workspace('acme').key}"
    if request.param == "adapter":
        session.mount("https://", InstantlyAdapter(fake))
        yield fake, session, BASE
        return
    server = EmulatorServer(fake)
    server.start()
    yield fake, session, f"{server.url}/api/v2"
    session.close()
    server.stop()


EntryPoint = tuple[FakeInstantly, requests.Session, str]


def get(entry_point: EntryPoint, path: str = "/campaigns", **options: Any) -> requests.Response:
    _, session, base = entry_point
    return session.get(f"{base}{path}", **{"timeout": 10, **options})


def test_status_fault_applies_to_the_given_number_of_requests(entry_point: EntryPoint) -> None:
    entry_point[0].faults.add("status", status=503, times=2)
    assert [get(entry_point).status_code for _ in range(3)] == [503, 503, 200]


@pytest.mark.parametrize("retry_after", [None, 2, "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_429_comes_with_or_without_retry_after(entry_point: EntryPoint, retry_after: Any) -> None:
    entry_point[0].faults.add("status", status=429, retry_after=retry_after)
    answer = get(entry_point)
    assert (answer.status_code, answer.json()["message"]) == (429, "Rate limit exceeded")
    assert answer.headers.get("Retry-After") == (None if retry_after is None else str(retry_after))


def test_a_reset_ends_the_connection_without_an_answer(entry_point: EntryPoint) -> None:
    entry_point[0].faults.add("reset")
    with pytest.raises(requests.ConnectionError):
        get(entry_point)
    assert get(entry_point).status_code == 200


def test_reset_may_follow_a_completed_operation(entry_point: EntryPoint) -> None:
    fake, session, base = entry_point
    fake.faults.add("reset", method="POST", done=True)
    fake.faults.add("reset", method="POST")
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            session.post(f"{base}/lead-lists", json={"name": "Once"}, timeout=10)
    assert len(get(entry_point, "/lead-lists").json()["items"]) == 1


def test_a_truncated_body_fails_while_it_is_read(entry_point: EntryPoint) -> None:
    entry_point[0].faults.add("truncate")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        get(entry_point)


def test_slow_drip_arrives_completely(entry_point: EntryPoint) -> None:
    entry_point[0].faults.add("drip", seconds=NO_DELAY, pieces=20)
    assert len(get(entry_point).json()["items"]) == 7


def test_drip_slower_than_the_read_timeout_is_a_timeout(entry_point: EntryPoint) -> None:
    entry_point[0].faults.add("drip", seconds=0.5)
    with pytest.raises((requests.Timeout, requests.ConnectionError)):
        get(entry_point, timeout=0.1)


def test_hang_longer_than_the_read_timeout_is_a_timeout(entry_point: EntryPoint) -> None:
    entry_point[0].faults.add("hang", seconds=0.5)
    with pytest.raises(requests.ReadTimeout):
        get(entry_point, timeout=0.1)


def test_garbage_is_200_and_not_json(entry_point: EntryPoint) -> None:
    entry_point[0].faults.add("garbage")
    answer = get(entry_point)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_oversized_response_has_the_requested_size(entry_point: EntryPoint) -> None:
    entry_point[0].faults.add("oversize", size=3_000_000)
    assert len(get(entry_point).content) > 3_000_000


def test_a_redirect_points_elsewhere(entry_point: EntryPoint) -> None:
    entry_point[0].faults.add("redirect", location="http://127.0.0.1:9/trap")
    answer = get(entry_point, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:9/trap")


def test_same_cursor_fault_repeats_the_cursor(entry_point: EntryPoint) -> None:
    entry_point[0].faults.add("same_cursor", times=3)
    cursor = get(entry_point, "/campaigns?limit=2").json()["next_starting_after"]
    again = get(entry_point, f"/campaigns?limit=2&starting_after={cursor}").json()["next_starting_after"]
    assert again == cursor


def test_fault_applies_only_to_its_method_path_and_workspace(fake: FakeInstantly, acme: Access) -> None:
    api, other = Api(fake, acme.key), Api(fake, fake.add_workspace("globex").key)
    fake.faults.add("status", status=500, method="GET", path="/api/v2/accounts*", workspace=acme.id)
    api.get("/campaigns")
    other.get("/accounts")
    api.get("/accounts/anna.keller@acme-outreach.example", expect=500)
    api.get("/accounts")


def test_waiting_moves_a_manual_clock_instead_of_passing_time(fake: FakeInstantly, api: Api) -> None:
    before = fake.clock.now_ms()
    fake.faults.add("hang", seconds=3)
    api.get("/campaigns")
    assert fake.clock.now_ms() - before == 3000


def test_unknown_fault_is_refused(fake: FakeInstantly) -> None:
    with pytest.raises(ValueError, match="No such fault: gremlins"):
        fake.faults.add("gremlins")  # type: ignore[arg-type]  # what is tested
    with pytest.raises(TypeError):
        fake.faults.add("status", colour="red")


def test_cleared_faults_do_not_apply(fake: FakeInstantly, api: Api) -> None:
    fake.faults.add("status", status=500, times=5)
    fake.faults.clear()
    api.get("/campaigns")
