"""Own writes, read beside a standby that stands still."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import ceil
from time import sleep
from typing import Any

import pytest
import requests

from tests.faults.installation import Installation
from tests.faults.plan import PLAN
from tests.standby import Standby, standby

pytestmark = pytest.mark.timeout(1200)
READS_A_WRITE = 9
BUSY = 429


@pytest.fixture
def replica(installation: Installation) -> Iterator[Standby]:
    """A standby that the installation's web server reads from, however far it is behind; every colleague may write snippets."""
    with installation.superuser() as connection:
        connection.execute("UPDATE accounts_membership SET role = 'owner'")
        connection.execute("TRUNCATE messaging_snippet, read_position")
    with standby(installation.places) as made:
        installation.environment |= {
            "DATABASE_REPLICA_URL": made.url(),
            "DATABASE_REPLICA_LAG_SECONDS": "86400",
            "API_REQUESTS_PER_MINUTE": "0",
        }
        installation.start_web(processes=2)
        yield made
        made.go_on()
        made.resume()


@dataclass
class Caller:
    """One customer who writes a snippet, reads it nine times, deletes it, and reads nine times that it is gone."""

    installation: Installation
    token: str
    name: str
    sent: int = 0
    stale: list[str] = field(default_factory=list)

    def cycle(self, number: int) -> None:
        name = f"{self.name} {number}"
        made = self.ask("POST", "snippets", json={"name": name, "text": "Hello"})
        assert made.status_code == 201, made.text
        self.read(name, is_there=True)
        gone = self.ask("DELETE", f"snippets/{made.json()['data']['id']}")
        assert gone.status_code == 204, gone.text
        self.read(name, is_there=False)

    def read(self, name: str, *, is_there: bool) -> None:
        for _ in range(READS_A_WRITE):
            answer = self.ask("GET", "snippets?limit=500")
            assert answer.status_code == 200, answer.text
            if (name in {row["name"] for row in answer.json()["data"]["snippets"]}) != is_there:
                self.stale.append(name)

    def ask(self, method: str, path: str, **body: Any) -> requests.Response:
        while True:
            self.sent += 1
            answer = requests.request(
                method, f"http://127.0.0.1:{self.installation.port}/api/instantly/{path}", timeout=30,
                headers={"Authorization": f"Bearer {self.token}", "X-Forwarded-Proto": "https"}, **body,
            )  # fmt: skip
            self.installation.answers[answer.status_code] += 1
            if answer.status_code != BUSY:
                return answer
            sleep(float(answer.headers["Retry-After"]))


def run(installation: Installation, cycles: int) -> list[Caller]:
    callers = [Caller(installation, token, f"C{place}") for place, token in enumerate(installation.colleagues)]
    with ThreadPoolExecutor(len(callers)) as pool:
        list(pool.map(lambda caller: [caller.cycle(number) for number in range(cycles)], callers))
    return callers


def cycles_for(reads_and_writes: int, callers: int) -> int:
    return ceil(reads_and_writes / callers / (2 * READS_A_WRITE + 2))


def test_nobody_misses_an_own_write_while_the_replica_stands_still(installation: Installation, replica: Standby):
    replica.pause()
    callers = run(installation, cycles_for(PLAN.own_writes, len(installation.colleagues)))
    installation.facts["replies"] = f"{sum(caller.sent for caller in callers)} requests with a paused replica"
    assert [caller.stale for caller in callers if caller.stale] == []
