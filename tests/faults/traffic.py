"""Load generator in Instantly's place: posts webhooks until answered 2xx, out of order, some twice."""

import random
from itertools import count
from threading import Event, Lock, Thread

import requests

from tests.faults.installation import Installation

TYPES = (
    ["email_sent"] * 5
    + ["email_opened"] * 6
    + ["link_clicked", "reply_received", "auto_reply_received", "lead_interested"]
)
DISORDER = 0.3
COPIES = 0.2
UNANSWERED = "unanswered"


class Traffic:
    """Posts until `stop`, from as many threads as there are `senders`.

    `acknowledged` has every body that was answered 2xx; `answers` counts every answer, and under "unanswered" how often there
    was none, because nobody listened or the connection ended.
    """

    def __init__(self, installation: Installation, seed: int = 1, *, senders: int = 1) -> None:
        self.installation = installation
        self.acknowledged: set[bytes] = set()
        self.answers: dict[int | str, int] = {}
        self._numbers = count()
        self._lock = Lock()
        self._stopping = Event()
        dice = [random.Random(f"{seed}:{sender}" if sender else seed) for sender in range(senders)]
        self._threads = [Thread(target=self._run, args=[own], daemon=True) for own in dice]

    def __enter__(self) -> "Traffic":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "a request hangs"
        self.installation.answers.update(self.answers)

    def _run(self, dice: random.Random) -> None:
        waiting: list[bytes] = []
        while not self._stopping.is_set():
            waiting += [self.installation.body(next(self._numbers), dice.choice(TYPES)) for _ in range(10)]
            if dice.random() < DISORDER:
                dice.shuffle(waiting)
            refused: list[bytes] = []
            for body in waiting + dice.choices(waiting, k=int(len(waiting) * COPIES)):
                if not self._deliver(body) and body not in self.acknowledged:
                    refused.append(body)
                if self._stopping.is_set():
                    return  # what was not acknowledged is nobody's loss
            waiting = refused

    def _deliver(self, body: bytes) -> bool:
        try:
            answer = self.installation.post(body, timeout=10)
        except requests.RequestException:
            self._note(UNANSWERED)
            self._stopping.wait(0.1)  # nobody is there: the web server is being restarted
            return False
        self._note(answer.status_code)
        if answer.status_code == 200:
            self.acknowledged.add(body)
        return answer.status_code == 200

    def _note(self, answer: int | str) -> None:
        with self._lock:
            self.answers[answer] = self.answers.get(answer, 0) + 1
