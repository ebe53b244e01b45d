"""Forty-eight webhook deliveries of 9.5 MB, eight at a time: all stored and processed, memory bounded."""

from functools import partial
from time import sleep

import pytest

from tests.faults import attacks
from tests.faults.installation import Installation, until

NUMBER, AT_ONCE = 48, 8
MOST = 300  # MiB of a web process, whatever comes
MOST_OF_A_WORKER = 400  # MiB with the process that reads mails
BACK = 60.0  # seconds until it is what it was, or nearly


@pytest.mark.thorough
def test_large_deliveries_do_not_make_a_web_process_large(installation: Installation):
    web = installation.start_web(processes=2)
    until(lambda: len(attacks.web_pids(installation, web)) == 2, "both processes run")
    for n in range(50):
        assert installation.post(installation.body(n)).status_code == 200
    with attacks.Memory(attacks.web_pids(installation, web)) as memory:
        bodies = [partial(attacks.large_body, installation, 1000 + n) for n in range(NUMBER)]
        answers = attacks.deliver_all(installation, bodies, at_once=AT_ONCE)
    assert answers.statuses[200] == NUMBER, answers
    assert set(answers.statuses) <= {200, 503}, answers
    stored = installation.ask("SELECT count(*) FROM instantly_delivery WHERE length(body) > 9000000")
    assert stored == [(NUMBER,)], "what was acknowledged is stored"
    assert memory.peak < MOST, f"{memory.before:.0f} -> {memory.peak:.0f} MiB"
    until(lambda: memory.now() < memory.before + 40, f"it is small again ({memory.now():.0f} MiB)", patience=BACK)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("shape", "status"),
    [
        (b"[]," * 3_000_000 + b"[]", 413),
        (b'"",' * 3_000_000 + b'""', 413),
        (b"1.5," * 2_300_000 + b"1", 413),
        (b'{"a":1},' * 1_100_000 + b"1", 413),
        (b'"\xf0\x9f\x98\x80' + b"x" * 9_000_000 + b'"', 200),
        (b'"\\u0000\xf0\x9f\x98\x80' + b"x" * 9_000_000 + b'"', 200),
        (b'"' + b'\\"' * 4_500_000, 400),
    ],
    ids=["empty lists", "empty texts", "numbers", "objects", "wide text", "wide text to clean", "text without an end"],
)
def test_bodies_that_grow_when_they_are_read_do_not_make_a_web_process_large(
    installation: Installation, shape: bytes, status: int
):
    web = installation.start_web()
    assert installation.post(installation.body(1)).status_code == 200
    body = installation.body(2)[:-1] + b',"x":[' + shape + b"]}"
    with attacks.Memory(attacks.web_pids(installation, web)) as memory:
        sleep(0.2)
        answers = attacks.deliver_all(installation, [lambda: body] * 4, at_once=4) if status == 200 else None
        assert answers or installation.post(body, timeout=60).status_code == status
    assert memory.peak < MOST, f"{memory.before:.0f} -> {memory.peak:.0f} MiB"


@pytest.mark.thorough
def test_large_deliveries_do_not_make_a_worker_large(installation: Installation):
    installation.start_web(processes=2)
    worker = installation.start_worker()
    for n in range(50):
        assert installation.post(installation.body(n, "reply_received")).status_code == 200
    until(lambda: _pending(installation) == 0, "the ordinary ones are processed")
    with attacks.WithChildren([worker.pid], every=0.2) as memory:
        bodies = [partial(attacks.large_body, installation, 1000 + n) for n in range(NUMBER)]
        answers = attacks.deliver_all(installation, bodies, at_once=AT_ONCE)
        until(lambda: _pending(installation) == 0, "the large ones are processed", patience=120)
    assert answers.statuses[200] == NUMBER, answers
    replies = installation.ask("SELECT count(*) FROM messaging_message WHERE length(reply_text) > 1000")
    held = installation.ask("SELECT count(*) FROM instantly_held")
    assert replies[0][0] + held[0][0] >= NUMBER, "each is a message, or held with its reason"
    installation.facts["worker MiB"] = f"{memory.before:.0f} -> {memory.peak:.0f}"
    assert memory.peak < MOST_OF_A_WORKER, f"{memory.before:.0f} -> {memory.peak:.0f} MiB"
    until(lambda: memory.now() < memory.before + 40, f"it is small again (from {memory.before:.0f} MiB)", patience=BACK)


def _pending(installation: Installation) -> int:
    return int(installation.ask("SELECT count(*) FROM instantly_pending")[0][0])
