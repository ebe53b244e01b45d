"""Load generator: two people reply in the same conversation at once, while processes are killed."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import requests

from tests.faults.installation import Installation, kill

PATIENCE = 240.0
AT_ONCE = 8


@dataclass
class Replies:
    """Sends two different replies to each conversation at the same moment, each until it gets a final response."""

    installation: Installation
    accepted: dict[str, list[str]] = field(default_factory=dict)  # ids of replies by conversation
    refused: Counter[str] = field(default_factory=Counter)  # by what was newer
    unanswered: int = 0

    def send(self, conversations: list[tuple[str, int]]) -> None:
        jobs = [
            (id, version, 2 * number + turn) for number, (id, version) in enumerate(conversations) for turn in (0, 1)
        ]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda job: self._reply(*job), jobs))

    def _reply(self, conversation: str, version: int, number: int) -> None:
        tokens = self.installation.colleagues
        deadline = monotonic() + PATIENCE
        while monotonic() < deadline:
            try:
                answer = requests.post(
                    f"http://127.0.0.1:{self.installation.port}/api/instantly/conversations/{conversation}/reply",
                    json={"text": text_of(number), "version": version, "undo_seconds": 5},
                    headers={
                        "Authorization": f"Bearer {tokens[number % len(tokens)]}",
                        "X-Forwarded-Proto": "https",
                        "Idempotency-Key": f"reply {number}",
                    },
                    timeout=20,
                )
            except requests.RequestException:
                self.unanswered += 1
                sleep(0.1)
                continue
            if answer.status_code == 201:
                self.accepted.setdefault(conversation, []).append(answer.json()["data"]["id"])
                return
            if answer.status_code == 409:
                self.refused[answer.json()["newer"]["kind"]] += 1
                return
            assert answer.status_code in (429, 503), answer.text
            sleep(min(5.0, float(answer.headers.get("Retry-After", 1))))
        raise AssertionError(f"reply {number} was never answered")


def text_of(number: int) -> str:
    return f"Thank you for your mail.\nThis is answer {number}."


@contextmanager
def killed_again_and_again(start: Callable[[], Any], every: float, kills: Counter[str], name: str) -> Iterator[None]:
    """Keep a process running, and kill -9 it at intervals, during the block."""
    over = Event()

    def work() -> None:
        while not over.is_set():
            process = start()
            over.wait(every)
            with suppress(ProcessLookupError):
                kill(process)
            kills[name] += 1

    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(60)
