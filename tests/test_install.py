"""Script requirements/install.py, which installs packages: complete environments, one-line errors."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

LISTS = Path(__file__).resolve().parent.parent / "requirements"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return requirements/install.py, set up for an empty checkout."""
    spec = importlib.util.spec_from_file_location("install", LISTS / "install.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lists = tmp_path / "requirements"
    lists.mkdir()
    (lists / "base.txt").touch()
    monkeypatch.setattr(module, "LISTS", lists)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    return module


def test_an_incomplete_environment_is_rebuilt(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m venv` that is cut off leaves a Python without pip, which would look like an environment."""
    half = install.VENV / "bin" / "python"
    half.parent.mkdir(parents=True)
    half.symlink_to("/bin/false")
    ran: list[str] = []
    real = install.run

    def run(*command: object) -> tuple[int, str]:
        ran.append(" ".join(map(str, command)))
        if "venv" in command:  # as it does, but without pip's ten megabytes
            half.unlink()
            half.symlink_to("/bin/true")
        return real("/bin/true") if "venv" in command else real(*command)

    monkeypatch.setattr(install, "run", run)
    install.fill("base")
    assert ["-m venv" in command for command in ran] == [False, True, False]
    assert ran[1].endswith(f"-m venv --clear {install.VENV}")
    assert ran[2].endswith("base.txt") and "--require-hashes" in ran[2]


def test_an_environment_that_is_there_is_kept(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second `make` that waited for the first one must not create the environment again."""
    python = install.VENV / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to("/bin/true")
    monkeypatch.setattr(install, "make_environment", lambda: pytest.fail("it was made again"))
    install.fill("base")


def test_a_debian_without_ensurepip_gets_the_package_name(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(install.os, "geteuid", lambda: 1000)

    with pytest.raises(SystemExit, match=r"Debian's package python3\.\d+-venv is missing"):
        install.make_environment()


def test_an_environment_that_cannot_be_made_is_an_error(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install.sys, "_base_executable", "/bin/false")

    with pytest.raises(SystemExit, match="The environment could not be made"):
        install.make_environment()


def test_root_installs_debian_packages_and_others_see_their_names(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(install, "run", lambda *command: (ran.append(command), (0, ""))[1])
    monkeypatch.setattr(install.shutil, "which", lambda name, path=None: None if name in install.TOOLS else name)
    monkeypatch.setattr(install.os, "geteuid", lambda: 1000)
    install.bring_tools()
    assert not ran
    told = capsys.readouterr().out.splitlines()
    assert [line.split(" is not")[0] for line in told] == [f"Debian's package {name}" for name in install.TOOLS]

    monkeypatch.setattr(install.os, "geteuid", lambda: 0)
    install.bring_tools()
    assert [("install" in command, command[-2:]) for command in ran][-1] == (True, ("nginx", "pgbouncer"))


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n",
            "the disk is full",
        ),
        (
            "WARNING: Retrying (Retry(total=4)) after NewConnectionError('refused')\nERROR: No matching\n",
            "cannot be reached",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n", "not the one that was locked"),
        ("Error: [Errno 13] Permission denied: '/x/.venv/lib'\n", "'/x/.venv/lib': it belongs to another user"),
        ("ERROR: something new.\nand more\n", "ERROR: something new"),
        ("", "no output"),
    ],
)
def test_a_failed_installation_is_explained_in_one_line(install: ModuleType, printed: str, told: str) -> None:
    reason = install.reason_in(printed)
    assert told in reason
    assert "\n" not in reason
