"""The product behind nginx with the shipped example: TLS, limits, address, streaming."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import sleep

import psutil
import pytest

from instantly.webhooks.body import MAX_BYTES
from tests.faults.installation import Installation, until
from tests.faults.nginx import NGINX, Front, nginx
from tests.faults.plan import QUICK

WEBHOOK = "/webhooks/instantly/webhook"
CLIENT = "127.0.0.2"  # another host, to the proxy: the loopback has a whole network


pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx here: apt-get install nginx")


@pytest.fixture
def front(installation: Installation, tmp_path: Path) -> Iterator[Front]:
    """An nginx in front of two web processes."""
    installation.environment["ALLOWED_HOSTS"] = "localhost,127.0.0.1"
    installation.run("collectstatic", "--no-input", "--verbosity", "0")
    installation.start_web(processes=2)
    with nginx(installation.port, tmp_path) as front:
        yield front


def delivery(installation: Installation, size: int) -> bytes:
    """Return a valid delivery of exactly so many bytes."""
    told = json.loads(installation.body(1))
    told["reply_text"] = ""
    told["reply_text"] = "x" * (size - len(json.dumps(told).encode()))
    return json.dumps(told).encode()


def test_plain_http_is_redirected_and_pages_come_over_tls(front: Front):
    with front.session() as client:
        moved = client.get(f"{front.http}/login", allow_redirects=False)
        assert moved.status_code == 301 and moved.headers["Location"].startswith("https://localhost")
        page = client.get(f"{front.https}/login", allow_redirects=False)
    assert page.status_code == 200 and "Strict-Transport-Security" in page.headers
    assert "Secure" in page.headers["Set-Cookie"] and "__Host-csrf" in page.headers["Set-Cookie"]


TRIES = 5
"""Attempts until the product's refusal arrives. It is given before the body has been read, so that nginx may notice the closed connection
first and answer 502; whoever delivers tries again after either."""


def test_the_largest_delivery_gets_through_and_a_larger_one_is_refused_by_the_product(
    front: Front, installation: Installation
):
    """What the proxy refuses by itself has no reason in it that an operator could read at Instantly."""
    told = {"X-Webhook-Secret": installation.secret, "Content-Type": "application/json"}
    with front.session(CLIENT) as client:
        taken = client.post(front.https + WEBHOOK, delivery(installation, MAX_BYTES), headers=told)
        for _ in range(TRIES):
            refused = client.post(front.https + WEBHOOK, delivery(installation, MAX_BYTES + 1), headers=told)
            if refused.status_code != 502:
                break
        beyond = client.post(front.https + WEBHOOK, b" " * (17 * 1024 * 1024), headers=told)
    assert taken.status_code == 200, taken.text
    assert (refused.status_code, refused.headers["Content-Type"]) == (413, "application/json")
    assert beyond.status_code == 413
    assert installation.ask("SELECT count(*) FROM instantly_delivery") == [(1,)]


def test_the_log_names_the_client_and_believes_nothing_that_it_says_itself(front: Front, installation: Installation):
    with front.session(CLIENT) as client:
        client.get(f"{front.https}/login", headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"})
        client.get(f"{front.https}/login", headers={"X_Forwarded_For": "203.0.113.9", "Forwarded": "for=203.0.113.9"})

    def named() -> list[str]:
        lines = (installation.logs / "web.log").read_text().splitlines()
        read = [json.loads(line) for line in lines if '"/login"' in line and line.startswith("{")]
        return [line["address"] for line in read if line["event"] == "request_finished"]

    until(lambda: len(named()) == 2, "both requests are logged")
    assert named() == [CLIENT, CLIENT]


def test_readiness_is_for_this_host_only(front: Front):
    with front.session() as inside, front.session(CLIENT) as outside:
        assert inside.get(f"{front.https}/readyz").status_code == 200
        assert outside.get(f"{front.https}/readyz").status_code == 403
        assert outside.get(f"{front.https}/healthz").status_code == 200


def test_an_export_is_streamed_whole(front: Front, installation: Installation):
    for n in range(300):
        assert installation.post(installation.body(n, "email_sent")).status_code == 200
    assert installation.start_worker("--once").wait(90) == 0
    asked = {"Authorization": f"Bearer {installation.token}"}
    with front.session(CLIENT) as client:
        answer = client.get(f"{front.https}/api/instantly/export/messages?format=ndjson", headers=asked, stream=True)
        lines = list(answer.iter_lines())
    assert answer.status_code == 200 and answer.headers.get("Content-Length") is None
    told = {row["id"] for row in map(json.loads, lines) if "id" in row}
    assert told == {str(id) for (id,) in installation.ask("SELECT id FROM messaging_message")} and told


def serve(numbers: set[int]) -> bool:
    """Return whether two web processes have started: one that still imports takes a whole core, and answers nothing yet."""
    with suppress(psutil.NoSuchProcess):
        processes = [psutil.Process(number) for number in numbers]
        before = [sum(each.cpu_times()[:2]) for each in processes]
        sleep(2)
        return len(processes) == 2 and all(
            sum(each.cpu_times()[:2]) - taken < 0.2 for each, taken in zip(processes, before, strict=True)
        )
    return False


def test_hardly_a_delivery_is_refused_while_web_processes_are_killed(front: Front, installation: Installation):
    """The proxy sends a delivery whose process ended once more; the digest makes a copy of it harmless.

    Sent once more, it may still meet the ended process. Without it every delivery was refused until that process was replaced, 150 a kill.
    """
    web = installation.running[0]
    acknowledged: set[bytes] = set()
    refused: list[int] = []
    told = {"X-Webhook-Secret": installation.secret, "Content-Type": "application/json"}
    rounds = 2 if QUICK else 6
    with front.session(CLIENT) as client:
        for turn in range(rounds):
            until(lambda: serve(installation.web_processes(web)), "two web processes serve")
            for n in range(200):
                body = installation.body(turn * 200 + n)
                if n == 50:
                    installation.kill_a_web_process(web)
                answer = client.post(front.https + WEBHOOK, body, headers=told, timeout=20)
                acknowledged.add(body) if answer.status_code == 200 else refused.append(answer.status_code)
            sleep(0.5)
    assert len(refused) <= 2 * rounds
    installation.start_worker()
    installation.assert_nothing_is_lost_or_double(acknowledged)
