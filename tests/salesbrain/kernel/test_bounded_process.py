"""Child process that is stopped when an item costs too much CPU or memory."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from salesbrain.kernel import bounded_process
from salesbrain.kernel.bounded_process import BoundedProcess, Broken, Done, NotStarted, OverBudget, Unavailable

FUNCTION = "tests.salesbrain.kernel.costly_functions:work"


@pytest.fixture
def process() -> Iterator[BoundedProcess]:
    with BoundedProcess(FUNCTION, cpu_seconds=0.3) as process:
        yield process


@pytest.mark.parametrize(
    ("cost", "reason"),
    [
        ("backtrack", "it takes more than 0.3 s of CPU"),
        ("compute", "it takes more than 0.3 s of CPU"),
        ("allocate", "it takes too much memory (MemoryError)"),
        ("crash", "it ended the process (SIGSEGV)"),
        ("exit", "it ended the process (exit code 3)"),
    ],
)
def test_the_costly_item_is_named_and_all_others_are_done(process, cost, reason):
    assert process.run(["a", "b", cost, "c", cost, "d"]) == [
        Done("a"), Done("b"), OverBudget(reason), Done("c"), OverBudget(reason), Done("d"),
    ]  # fmt: skip


def test_an_item_that_waits_instead_of_computing_is_stopped(process, monkeypatch):
    monkeypatch.setattr(bounded_process, "SILENCE", 2.0)
    assert process.run(["a", "sleep", "b"]) == [Done("a"), OverBudget("it gave no result for 2 s"), Done("b")]


def test_an_exception_fails_its_item_only(process):
    process.call("a")
    child = process._child.pid
    assert process.run(["fail", "a"]) == [Broken("ValueError('no such thing')"), Done("a")]
    assert process._child.pid == child


def test_a_file_cannot_be_filled(process):
    assert isinstance(process.call("write"), Broken)


def test_items_beyond_the_batch_budget_are_marked(process):
    results = process.run(["tenth"] * 20, batch_seconds=0.5)
    done = results.count(Done("tenth"))
    assert 1 <= done < 20 and results == [Done("tenth")] * done + [NotStarted()] * (20 - done)


def test_the_first_item_always_gets_its_turn(process):
    assert process.run(["tenth", "a"], batch_seconds=0.0)[0] == Done("tenth")


def test_items_beyond_one_frame_come_back_in_order(process, monkeypatch):
    monkeypatch.setattr(bounded_process, "FRAME_BYTES", 1000)
    items = [f"{number} {'x' * (number % 7 * 300)}" for number in range(200)]
    assert process.run(items) == [Done(item) for item in items]


def test_a_child_that_cannot_be_started_blames_no_item():
    with BoundedProcess("no.such.module:work") as process, pytest.raises(Unavailable, match=r"no\.such\.module"):
        process.run(["a"])


def test_the_child_has_no_secret_in_its_environment(monkeypatch: Any):
    monkeypatch.setenv("SALESBRAIN_ENCRYPTION_KEYS", "secret")
    monkeypatch.setenv("DATABASE_URL", "secret")
    with BoundedProcess(FUNCTION) as process:
        process.call("a")
        assert process._child
        with open(f"/proc/{process._child.pid}/environ") as environment:
            assert "secret" not in environment.read()


def test_no_child_is_left_when_the_process_is_closed():
    with BoundedProcess(FUNCTION) as process:
        process.call("a")
        assert process._child
        child = process._child.pid
    assert not os.path.exists(f"/proc/{child}")
