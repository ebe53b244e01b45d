"""Exit codes and output files of a benchmark run, with fake measurements."""

import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from bench import __main__, checking


def run_of(part: Callable, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Callable[[], None]:
    """Run `python -m bench cost --out …` with `part` as its only part, without a database."""
    monkeypatch.setattr(__main__.scratch, "database", nullcontext)
    monkeypatch.setattr(__main__, "_prepare", lambda database: {})
    monkeypatch.setattr(__main__, "_part", lambda name: part)
    monkeypatch.setattr(__main__.signal, "signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["bench", "cost", "--out", str(folder / "out.json")])
    return __main__.main


def test_a_part_whose_check_fails_ends_the_benchmark_with_an_error(monkeypatch, tmp_path):
    def part(chosen, database, results):
        raise checking.Wrong("error: 3 were accepted, but 2 events are there.")

    with pytest.raises(SystemExit) as ended:
        run_of(part, monkeypatch, tmp_path)()
    assert ended.value.code == "error: 3 were accepted, but 2 events are there."


def test_a_part_that_measures_nothing_ends_the_benchmark_with_an_error(monkeypatch, tmp_path):
    with pytest.raises(SystemExit, match="cost measured nothing"):
        run_of(lambda *_: None, monkeypatch, tmp_path)()


def test_results_are_written_to_the_given_folder(monkeypatch, tmp_path, capsys):
    def part(chosen, database, results):
        results.add("cost", "accept", "salesbrain", unit="ms", web_cpu=0.25)

    run_of(part, monkeypatch, tmp_path)()
    told = json.loads((tmp_path / "out.json").read_text())
    assert [(row["case"], row["name"], row["value"]) for row in told["figures"]] == [("accept", "web_cpu", 0.25)]


def test_every_part_has_a_module_that_measures_it():
    for part in __main__.PARTS:
        assert callable(__main__._part(part))
