"""How the product gets onto a machine: requirements/install.py, the locked lists, the Makefile."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
LISTS = CHECKOUT / "requirements"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """requirements/install.py for a checkout that is empty."""
    spec = importlib.util.spec_from_file_location("install", LISTS / "install.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    venv = tmp_path / ".venv"
    places = {"CHECKOUT": tmp_path, "VENV": venv, "PYTHON": venv / "bin" / "python", "STAMP": venv / "installed.txt"}
    for name, value in (places | {"LOG": venv / "install.log"}).items():
        monkeypatch.setattr(module, name, value)
    return module


def filled(install: ModuleType, kind: str) -> None:
    """An environment as a finished installation leaves it."""
    install.PYTHON.parent.mkdir(parents=True)
    install.PYTHON.symlink_to(sys.executable)
    install.STAMP.write_text("".join(f"{install.digest(part)}\n" for part in install.CONTAINS[kind]))


def test_what_is_installed_is_not_installed_again(install: ModuleType) -> None:
    assert not install.is_installed("base")
    filled(install, "base")
    assert install.is_installed("base")
    assert not install.is_installed("dev")


def test_the_tests_environment_serves_make_run_too(install: ModuleType) -> None:
    filled(install, "dev")
    assert install.is_installed("base")


def test_a_changed_list_is_installed(install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(install, "base")
    (tmp_path / "base.txt").write_text("something-else==1\n")
    monkeypatch.setattr(install, "HERE", tmp_path)
    assert not install.is_installed("base")


def test_an_environment_whose_python_was_removed_is_made_again(install: ModuleType, tmp_path: Path) -> None:
    filled(install, "base")
    install.PYTHON.unlink()
    install.PYTHON.symlink_to(tmp_path / "removed")
    assert not install.is_installed("base")
    assert not install.works()


def test_a_debian_without_ensurepip_is_told_which_package_is_missing(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(install.os, "geteuid", lambda: 1000)

    with pytest.raises(install.Refusal, match=r"Debian's package python3\.\d+-venv is missing"):
        install.make_environment()


def test_half_an_environment_is_removed_again(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m venv` that fails leaves a bin/python, which would look like an environment."""
    monkeypatch.setattr(install.sys, "_base_executable", "/bin/false")

    with pytest.raises(install.Refusal, match="The environment could not be made"):
        install.make_environment()
    assert not install.VENV.exists()


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n",
            "the disk is full",
        ),
        ("WARNING: Retrying: NewConnectionError('refused')\nERROR: No matching distribution\n", "cannot be reached"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n", "not the one that was locked"),
        ("ERROR: something new.\nand more\n", "ERROR: something new"),
    ],
)
def test_why_pip_failed_is_told_in_one_line(install: ModuleType, printed: str, told: str) -> None:
    reason = install.reason_in(printed)
    assert told in reason
    assert "\n" not in reason


def test_an_old_python_is_refused(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "OLDEST", (99, 0))
    with pytest.raises(install.Refusal, match=r"needs Python 99\.0 or later"):
        install.main("base")


def pinned(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (LISTS / f"{name}.txt").read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", ["base", "dev", "triage", "train"])
def test_the_lists_are_locked_with_hashes_and_hold_no_address(name: str) -> None:
    text = (LISTS / f"{name}.txt").read_text()
    requirements = re.split(r"\n(?=[A-Za-z0-9])", text)[1:]

    assert "://" not in text
    assert len(requirements) == len(pinned(name)) > 0
    assert [one.split()[0] for one in requirements if "--hash=sha256:" not in one] == []


def test_what_tests_run_on_is_what_the_product_runs_on() -> None:
    tested = pinned("dev")
    different = {name: version for name, version in pinned("base").items() if tested.get(name) != version}
    assert not different, f"compile both lists together (make lock): {different}"


def test_make_alone_shows_what_there_is_to_type() -> None:
    said = subprocess.run(
        ["make"], cwd=CHECKOUT, env=clean_environment(), capture_output=True, text=True, check=True
    ).stdout
    assert {line.split()[1] for line in said.splitlines()} >= {"run", "test", "lint", "stop", "clean", "lock", "help"}


def test_a_machine_without_python_is_told_what_to_install() -> None:
    told = subprocess.run(
        ["make", "run", "PYTHON="], cwd=CHECKOUT, env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert told.returncode
    assert "Python 3.11 or later is missing" in told.stderr + told.stdout


def clean_environment() -> dict[str, str]:
    """Without what an outer `make test` hands to an inner make."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
