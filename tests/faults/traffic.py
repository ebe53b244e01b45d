"""Instantly's side: delivers until it is told 2xx, out of order and some of it twice."""

import random
from threading import Event, Thread

import requests

from tests.faults.installation import Installation

TYPES = (
    ["email_sent"] * 5
    + ["email_opened"] * 6
    + ["link_clicked", "reply_received", "auto_reply_received", "lead_interested"]
)
DISORDER = 0.3
COPIES = 0.2


class Traffic:
    """Posts until `stop`, from a thread. `acknowledged` has every body that was answered 2xx; `refused` counts other answers."""

    def __init__(self, installation: Installation, seed: int = 1) -> None:
        self.installation = installation
        self.dice = random.Random(seed)
        self.acknowledged: set[bytes] = set()
        self.answers: dict[int, int] = {}
        self._stopping = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Traffic":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "a request hangs"

    def _run(self) -> None:
        n = 0
        waiting: list[bytes] = []
        while not self._stopping.is_set():
            waiting += [self.installation.body(n + k, self.dice.choice(TYPES)) for k in range(10)]
            n += 10
            if self.dice.random() < DISORDER:
                self.dice.shuffle(waiting)
            refused: list[bytes] = []
            for body in waiting + self.dice.choices(waiting, k=int(len(waiting) * COPIES)):
                if not self._deliver(body) and body not in self.acknowledged:
                    refused.append(body)
            waiting = refused

    def _deliver(self, body: bytes) -> bool:
        try:
            answer = self.installation.post(body, timeout=10)
        except requests.RequestException:
            self._stopping.wait(0.1)  # nobody is there: the web server is being restarted
            return False
        self.answers[answer.status_code] = self.answers.get(answer.status_code, 0) + 1
        if answer.status_code == 200:
            self.acknowledged.add(body)
        return answer.status_code == 200
