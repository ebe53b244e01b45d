"""Trouble on demand, through both doors: it looks as it does on a real wire."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from instantly.emulator import Access, FakeInstantly, ManualClock, SystemClock
from instantly.emulator.entry_points.adapter import InstantlyAdapter
from instantly.emulator.entry_points.server import EmulatorServer

from .conftest import BASE, Api, WebhookReceiver

AT_ONCE = 0.0


@pytest.fixture(params=["adapter", "http"])
def door(
    request: pytest.FixtureRequest, receiver: WebhookReceiver
) -> Iterator[tuple[FakeInstantly, requests.Session, str]]:
    """The emulator, a session with its key, and the base address: through either door."""
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


Door = tuple[FakeInstantly, requests.Session, str]


def get(door: Door, path: str = "/campaigns", **options: Any) -> requests.Response:
    _, session, base = door
    return session.get(f"{base}{path}", **{"timeout": 10, **options})


def test_the_next_so_many_requests_are_answered_with_a_status_and_then_all_is_well(door: Door) -> None:
    door[0].faults.add("status", status=503, times=2)
    assert [get(door).status_code for _ in range(3)] == [503, 503, 200]


@pytest.mark.parametrize("retry_after", [None, 2, "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_429_comes_with_or_without_retry_after(door: Door, retry_after: Any) -> None:
    door[0].faults.add("status", status=429, retry_after=retry_after)
    answer = get(door)
    assert (answer.status_code, answer.json()["message"]) == (429, "Rate limit exceeded")
    assert answer.headers.get("Retry-After") == (None if retry_after is None else str(retry_after))


def test_a_reset_ends_the_connection_without_an_answer(door: Door) -> None:
    door[0].faults.add("reset")
    with pytest.raises(requests.ConnectionError):
        get(door)
    assert get(door).status_code == 200


def test_a_reset_may_come_after_the_work_was_done(door: Door) -> None:
    fake, session, base = door
    fake.faults.add("reset", method="POST", done=True)
    fake.faults.add("reset", method="POST")
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            session.post(f"{base}/lead-lists", json={"name": "Once"}, timeout=10)
    assert len(get(door, "/lead-lists").json()["items"]) == 1


def test_a_truncated_body_fails_while_it_is_read(door: Door) -> None:
    door[0].faults.add("truncate")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        get(door)


def test_a_slow_drip_arrives_whole_in_the_end(door: Door) -> None:
    door[0].faults.add("drip", seconds=AT_ONCE, pieces=20)
    assert len(get(door).json()["items"]) == 7


def test_a_drip_slower_than_ones_patience_is_a_timeout(door: Door) -> None:
    door[0].faults.add("drip", seconds=0.5)
    with pytest.raises((requests.Timeout, requests.ConnectionError)):
        get(door, timeout=0.1)


def test_a_hang_longer_than_ones_patience_is_a_timeout(door: Door) -> None:
    door[0].faults.add("hang", seconds=0.5)
    with pytest.raises(requests.ReadTimeout):
        get(door, timeout=0.1)


def test_garbage_is_200_and_not_json(door: Door) -> None:
    door[0].faults.add("garbage")
    answer = get(door)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_an_oversized_answer_has_the_size_asked_for(door: Door) -> None:
    door[0].faults.add("oversize", size=3_000_000)
    assert len(get(door).content) > 3_000_000


def test_a_redirect_points_elsewhere(door: Door) -> None:
    door[0].faults.add("redirect", location="http://127.0.0.1:9/trap")
    answer = get(door, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:9/trap")


def test_a_cursor_can_be_made_to_repeat_itself(door: Door) -> None:
    door[0].faults.add("same_cursor", times=3)
    cursor = get(door, "/campaigns?limit=2").json()["next_starting_after"]
    again = get(door, f"/campaigns?limit=2&starting_after={cursor}").json()["next_starting_after"]
    assert again == cursor


def test_a_fault_meets_only_the_method_path_and_workspace_it_was_made_for(fake: FakeInstantly, acme: Access) -> None:
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


def test_a_fault_that_does_not_exist_is_refused(fake: FakeInstantly) -> None:
    with pytest.raises(ValueError, match="No such fault: gremlins"):
        fake.faults.add("gremlins")  # type: ignore[arg-type]  # what is tested
    with pytest.raises(TypeError):
        fake.faults.add("status", colour="red")


def test_cleared_faults_meet_nobody(fake: FakeInstantly, api: Api) -> None:
    fake.faults.add("status", status=500, times=5)
    fake.faults.clear()
    api.get("/campaigns")
