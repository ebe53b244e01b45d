"""Clients that do not read, send a byte at a time, or log in by the dozen: others are not delayed.

Deliveries and health checks must be answered meanwhile, and the attack must end without intervention.
"""

import socket
from contextlib import ExitStack
from time import sleep

import pytest
import requests

from tests.faults import attacks
from tests.faults.attacks import Answers, ordinary_clients
from tests.faults.installation import ANSWER_WITHIN, Installation, until

STALLED = 3.0
ORDINARILY = (
    1.0  # seconds within which webhook and health answer throughout; the median, because the machine may be busy
)


@pytest.fixture
def impatient(installation: Installation) -> Installation:
    """Start an installation that waits for slow clients for seconds, not half a minute."""
    installation.environment["WEB_STALLED_SECONDS"] = str(STALLED)
    return installation


def assert_no_delay(seen: dict[str, Answers]) -> None:
    for name, answers in seen.items():
        assert set(answers.statuses) == {200}, f"{name}: {answers}"
        assert len(answers.told) > 5, f"{name}: {answers}"
        assert sorted(answers.seconds)[len(answers.seconds) // 2] < ORDINARILY, f"{name}: {answers}"
        assert max(answers.seconds) < ANSWER_WITHIN, f"{name}: {answers}"


def was_ended(client: socket.socket) -> bool:
    """Return whether the server has ended the connection: after a refusal, or by a reset."""
    client.settimeout(10)
    try:
        while client.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def export(installation: Installation) -> requests.Response:
    return requests.get(
        f"http://127.0.0.1:{installation.port}{attacks.EXPORT}",
        headers={"Authorization": f"Bearer {installation.token}", "X-Forwarded-Proto": "https"},
        timeout=60,
    )


def test_unread_exports_block_nobody_and_are_cut(impatient: Installation):
    web = impatient.start_web(processes=2)
    attacks.furnish_messages(impatient, 60, 200_000)
    with attacks.Memory(attacks.web_pids(impatient, web)) as memory:
        with ordinary_clients(impatient) as seen, attacks.stalled_exports(impatient, 20) as clients:
            sleep(STALLED * 2 + 4)
            assert all(was_ended(client) for client in clients)
        assert_no_delay(seen)
    assert memory.peak < 300, memory.peak
    whole = export(impatient)
    assert whole.status_code == 200 and whole.text.rstrip().endswith('"complete":true}}')


def test_an_excess_export_gets_429_until_another_ends(impatient: Installation):
    impatient.environment["WEB_STALLED_SECONDS"] = "30"
    impatient.start_web()
    attacks.furnish_messages(impatient, 60, 200_000)
    with attacks.stalled_exports(impatient, 2) as clients:
        for client in clients:
            assert client.recv(12) == b"HTTP/1.1 200"
        refused = export(impatient)
        assert refused.status_code == 429 and int(refused.headers["Retry-After"]) == 30
        assert "2 exports of yours are still running" in refused.json()["detail"]
    until(lambda: export(impatient).status_code == 200, "the two that were given up are over")


def test_dripping_senders_block_nobody_and_are_cut(impatient: Installation):
    impatient.start_web()
    with ExitStack() as held:
        seen = held.enter_context(ordinary_clients(impatient))
        held.enter_context(attacks.dripping_senders(impatient, 20, every=0.3))
        held.enter_context(attacks.dripping_senders(impatient, 10, every=1000))
        sleep(STALLED * 2 + 2)
    assert_no_delay(seen)
    log = (impatient.logs / "web.log").read_text()
    assert "on which nothing moved" in log
    cut = sum(int(line.split("Ended ")[1].split()[0]) for line in log.splitlines() if "Ended " in line)
    assert cut >= 30, "each of them, those that drip and those that say nothing more"


@pytest.mark.thorough
def test_clients_that_do_not_read_pages_block_nobody(impatient: Installation):
    """Forty clients of one address request a large static file, which needs no login, and read nothing."""
    impatient.start_web()
    path = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
    with ordinary_clients(impatient) as seen, attacks.stalled_exports(impatient, 40, path=path):
        sleep(STALLED * 2)
    assert_no_delay(seen)


@pytest.mark.thorough
@pytest.mark.parametrize("path", ["/login", "/api/auth/tokens"])
def test_a_storm_of_logins_holds_up_no_delivery(installation: Installation, path: str):
    installation.run("collectstatic", "--noinput", "--verbosity", "0")
    installation.start_web(processes=2)
    with ordinary_clients(installation) as quiet:
        sleep(4)
    with ordinary_clients(installation) as seen, attacks.logins(installation, 64, path=path):
        sleep(10)
    assert_no_delay(seen)
    assert quiet["webhook"].statuses.keys() == seen["webhook"].statuses.keys() == {200}
    refused = requests.post(
        f"http://127.0.0.1:{installation.port}{path}", headers={"X-Forwarded-Proto": "https"}, timeout=30
    )
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
    assert "Too many logins from this IP address" in refused.text
    tried = installation.ask("SELECT count(*) FROM axes_accessattempt WHERE username LIKE 'nobody%'")[0][0]
    assert 0 < tried <= 20, "passwords are looked at no oftener than one address may try"
    with installation.superuser() as connection:
        connection.execute("DELETE FROM api_throttle")
        connection.execute("DELETE FROM axes_accessattempt")
