"""Secret scan (.ci/secret_scan.py): finds one of each kind, in the tree and in an old commit.

Nothing is planted in this file.
"""

import base64
import hashlib
import importlib.util
import secrets
import subprocess
import sys
import uuid
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / ".ci" / "secret_scan.py"


@pytest.fixture(scope="module")
def scanner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("secret_scan", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "readme.md").write_text(
        "Ask for /api/instantly/stats with `Authorization: Bearer $(manage.py create_token)`.\n"
    )
    commit(tmp_path, "Begin")
    return tmp_path


def git(checkout: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
    subprocess.run(["git", "-C", checkout, *who, *arguments], check=True, capture_output=True)


def commit(checkout: Path, message: str) -> None:
    git(checkout, "add", "--all")
    git(checkout, "commit", "--quiet", "--message", message)


def run(checkout: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, checkout], capture_output=True, text=True, check=False)


def provider_key() -> str:
    return base64.b64encode(f"{uuid.uuid4()}:{secrets.token_urlsafe(9)}".encode()).decode()


CANARIES = {
    "an Instantly API key": provider_key,
    "a private key": lambda: "-----BEGIN " + "EC PRIVATE" + " KEY-----",
    "a bearer token": lambda: f"Authorization: Bearer {secrets.token_hex(20)}",
    "an API token of ours": lambda: "sb" + f"_{secrets.token_hex(32)}",
    "a token of a known service": lambda: "ghp" + f"_{secrets.token_hex(18)}",
    "an address with a password": lambda: f"postgres://sb_app:{secrets.token_hex(6)}@db.example.com/salesbrain",
    "a literal secret": lambda: f'SECRET_KEY = "{secrets.token_hex(25)}"',
    "the address of a package index": lambda: "pip install --index" + "-url http://packages.example.com/simple x",
    "a path of somebody's machine": lambda: "see /" + "root/notes.txt",
}


@pytest.mark.parametrize("kind", CANARIES)
def test_a_planted_secret_is_found_in_the_tree(checkout: Path, kind: str) -> None:
    planted = CANARIES[kind]()
    (checkout / "notes.txt").write_text(f"first line\n{planted}\n")

    found = run(checkout)

    assert found.returncode == 1
    assert f"notes.txt:2: {kind}" in found.stdout
    assert planted not in found.stdout


def test_a_secret_that_was_removed_is_found_in_the_history(checkout: Path) -> None:
    (checkout / "notes.txt").write_text(provider_key())
    commit(checkout, "Add notes")
    (checkout / "notes.txt").unlink()
    commit(checkout, "Remove notes")

    found = run(checkout)

    assert found.returncode == 1
    assert "history, notes.txt" in found.stdout


def test_a_secret_in_a_commit_message_is_found(checkout: Path) -> None:
    (checkout / "notes.txt").write_text("nothing")
    commit(checkout, f"Try with {provider_key()}")

    assert "message of commit" in run(checkout).stdout


def test_a_file_git_ignores_is_not_looked_at(checkout: Path) -> None:
    (checkout / ".gitignore").write_text(".env\n")
    (checkout / ".env").write_text(provider_key())

    found = run(checkout)
    assert (found.returncode, found.stdout) == (0, "No secrets found in the tree and in the history.\n")


def test_a_key_that_leaked_before_is_known_by_its_digest(scanner: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    leaked = secrets.token_hex(10)
    monkeypatch.setattr(scanner, "LEAKED", {hashlib.sha256(leaked.encode()).hexdigest()})

    assert list(scanner.findings(f"key: {leaked}")) == [("a LEAKED provider key", leaked)]


def test_the_host_of_a_configured_package_index_is_found(scanner: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example.org/simple")

    hosts = scanner.index_hosts()
    assert [kind for kind, _ in scanner.findings("from packages.example.org", hosts)] == [
        "the address of a package index"
    ]


@pytest.mark.parametrize(
    "harmless",
    [
        "DATABASE_URL=postgres://sb_app:PASSWORD@db.example.com:5432/salesbrain",
        "token = create_token(user=customer)",
        "SECRET_KEY=change-me-to-fifty-random-characters-0123456789",
        "f'Bearer {token}'",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        "the path /rooted/tree and https://example.com/root/x",
        "    --hash=sha256:" + hashlib.sha256(b"x").hexdigest(),
    ],
)
def test_harmless_text_is_not_reported(scanner: ModuleType, harmless: str) -> None:
    assert list(scanner.findings(harmless)) == []
