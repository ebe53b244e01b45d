"""Conditions under which make installs the requirements, and the locked lists of them."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
LISTS = CHECKOUT / "requirements"

RECORDING = """#!/bin/sh
[ "$1" = -c ] && exit 0
echo "$*" >> calls
[ -e fail ] && exit 1
mkdir -p .venv/bin && ln -sf %s .venv/bin/python
"""
"""Fake Python of a sufficient version that records its arguments; if called to install, it creates an environment."""


class Checkout:
    """A checkout with only the files that `make base` and `make dev` read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "requirements").mkdir()
        shutil.copy(CHECKOUT / "Makefile", folder)
        for name in ("base.txt", "dev.txt"):
            (folder / "requirements" / name).touch()
        self.python = folder / "python"
        self.python.write_text(RECORDING % sys.executable)
        self.python.chmod(0o755)

    def make(self, *targets: str, check: bool = True) -> list[str]:
        """Run make; return what was installed."""
        calls = self.folder / "calls"
        calls.unlink(missing_ok=True)
        subprocess.run(
            ["make", f"PYTHON={self.python}", *targets],
            cwd=self.folder, env=clean_environment(), capture_output=True, text=True, check=check,
        )  # fmt: skip
        lines = calls.read_text().splitlines() if calls.exists() else []
        return [line.removeprefix("requirements/install.py ") for line in lines]

    def change(self, name: str) -> None:
        """Make a requirements list newer than every stamp."""
        os.utime(self.folder / "requirements" / name, (time.time() + 10,) * 2)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_an_installed_list_is_not_installed_again(checkout: Checkout) -> None:
    assert checkout.make("base") == ["base"]
    assert checkout.make("base") == []
    assert checkout.make("dev") == ["dev", "tools"]
    assert checkout.make("dev") == ["tools"]


def test_the_tests_environment_serves_make_run_too(checkout: Checkout) -> None:
    checkout.make("dev")
    assert checkout.make("base") == []


@pytest.mark.parametrize(("changed", "base", "dev"), [("base.txt", True, True), ("dev.txt", False, True)])
def test_a_changed_list_is_installed(checkout: Checkout, changed: str, base: bool, dev: bool) -> None:
    checkout.make("dev")
    checkout.change(changed)
    assert ("base" in checkout.make("base")) is base
    assert ("dev" in checkout.make("dev")) is dev


def test_an_environment_whose_python_was_removed_is_made_again(checkout: Checkout) -> None:
    checkout.make("dev")
    python = checkout.folder / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(checkout.folder / "removed")
    assert checkout.make("base") == ["base"]


def test_an_installation_that_failed_is_tried_again(checkout: Checkout) -> None:
    (checkout.folder / "fail").touch()
    assert checkout.make("dev", check=False) == ["dev"]
    (checkout.folder / "fail").unlink()
    assert checkout.make("dev") == ["dev", "tools"]


def test_a_checkout_that_was_moved_is_still_installed(
    checkout: Checkout, tmp_path_factory: pytest.TempPathFactory
) -> None:
    checkout.make("base")
    moved = tmp_path_factory.mktemp("elsewhere") / "moved"
    checkout.folder.rename(moved)
    checkout.folder, checkout.python = moved, moved / "python"
    assert checkout.make("base") == []


def pinned(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (LISTS / f"{name}.txt").read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", ["base", "dev", "triage", "train", "telemetry"])
def test_the_lists_are_locked_with_hashes_and_hold_no_address(name: str) -> None:
    text = (LISTS / f"{name}.txt").read_text()
    requirements = re.split(r"\n(?=[A-Za-z0-9])", text)[1:]

    assert "://" not in text
    assert len(requirements) == len(pinned(name)) > 0
    assert [one.split()[0] for one in requirements if "--hash=sha256:" not in one] == []


def test_development_lists_pin_the_products_versions() -> None:
    tested = pinned("dev")
    different = {name: version for name, version in pinned("base").items() if tested.get(name) != version}
    assert not different, f"compile both lists together (make lock): {different}"


def test_make_alone_lists_its_targets() -> None:
    said = subprocess.run(
        ["make"], cwd=CHECKOUT, env=clean_environment(), capture_output=True, text=True, check=True
    ).stdout
    assert {line.split()[1] for line in said.splitlines()} >= {"run", "test", "lint", "stop", "clean", "lock", "help"}


@pytest.mark.parametrize(
    ("python", "why"),
    [
        ("", "Python 3.11 or later is missing"),
        ("/bin/false", "/bin/false is not Python 3.11 or later"),
        ("/nowhere/python3", "/nowhere/python3 is not Python 3.11 or later"),
    ],
)
def test_an_old_python_gets_advice(python: str, why: str) -> None:
    told = subprocess.run(
        ["make", "run", f"PYTHON={python}"],
        cwd=CHECKOUT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode
    assert told.stderr.startswith(f"error: {why}. Install it")


def clean_environment() -> dict[str, str]:
    """Remove variables that an outer `make test` passes to an inner make."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
