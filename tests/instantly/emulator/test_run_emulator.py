"""Command run_emulator: start without a database, stop, state file, error messages."""

import json
import re
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.fernet import Fernet

from instantly.emulator.state.keys import new_key

CHECKOUT = Path(__file__).resolve().parents[3]
Start = Callable[..., "Emulator"]


class Emulator:
    """A running command; ``url`` is read from its first line."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "run_emulator", "--port", "0", *arguments],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.line = next((line for line in self.process.stdout if line.startswith("Instantly emulator")), "")
        self.url = next((word for word in self.line.split() if word.startswith("http://")), "")

    def get(self, path: str, key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        answer = requests.get(f"{self.url}{path}", headers=headers, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Stop the command; returns its exit code and stderr, without the product's log lines."""
        self.process.send_signal(number)
        _, stderr = self.process.communicate(timeout=30)
        return self.process.returncode, without_log(stderr)


LOGGED = re.compile(r"(\x1b\[\d*m)*\d{4}-\d\d-\d\dT|{")


def without_log(stderr: str) -> str:
    """The text without log lines, which start with the time or are JSON."""
    return "\n".join(line for line in stderr.strip().splitlines() if not LOGGED.match(line))


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[Emulator] = []

    def begin(*arguments: str) -> Emulator:
        running.append(Emulator(*arguments))
        return running[-1]

    yield begin
    for emulator in running:
        if emulator.process.poll() is None:
            emulator.process.kill()
            emulator.process.communicate()


@pytest.fixture
def workspace_file(tmp_path: Path) -> Path:
    path = tmp_path / "workspaces.json"
    entries = [
        {"name": "acme", "key": new_key(), "campaigns": ["One", "Two"], "accounts": ["a@acme.example"]},
        {"name": "sub", "key": new_key(), "sub_of": "acme", "scopes": ["all:read"]},
    ]
    path.write_text(json.dumps({"workspaces": entries}))
    return path


def keys(workspace_file: Path) -> list[str]:
    return [entry["key"] for entry in json.loads(workspace_file.read_text())["workspaces"]]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_starts_without_a_database_and_stops_on_a_signal(
    start: Start, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    for alias in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.setenv(alias, "postgres://nobody@127.0.0.1:9/none")  # no server on this port
    monkeypatch.setenv("SECRET_KEY", secrets.token_hex(30))
    monkeypatch.setenv("SALESBRAIN_ENCRYPTION_KEYS", Fernet.generate_key().decode())
    monkeypatch.setenv("ALLOWED_HOSTS", "127.0.0.1")
    key = new_key()
    emulator = start("--key", key)
    assert emulator.line.startswith("Instantly emulator on http://127.0.0.1:")
    assert emulator.get("/api/v2/workspaces/current", key)["name"] == "demo"
    assert emulator.stop(number) == (0, "")


def test_taken_port_gives_one_line_and_exit_code_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "manage.py", "run_emulator", "--port", str(port), "--key", "x"]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert without_log(done.stderr).splitlines() == [
        f"CommandError: Cannot listen on 127.0.0.1:{port}: [Errno 98] Address already in use. Choose another --port."
    ]


def test_workspace_file_gives_the_same_ids_every_time(start: Start, workspace_file: Path) -> None:
    seen = []
    for _ in range(2):
        emulator = start("--workspaces", str(workspace_file), "--rate", "0")
        assert "acme, sub" in emulator.line
        key = keys(workspace_file)[0]
        campaigns = emulator.get("/api/v2/campaigns", key)["items"]
        assert {row["name"] for row in campaigns} == {"One", "Two"}
        assert [row["email"] for row in emulator.get("/api/v2/accounts", key)["items"]] == ["a@acme.example"]
        seen.append([row["id"] for row in campaigns])
        assert emulator.get("/api/v2/workspace-group-members", key)["items"][0]["sub_workspace_name"] == "sub"
        emulator.stop()
    assert seen[0] == seen[1]


def test_thousands_of_campaigns_and_accounts_can_be_created(start: Start) -> None:
    key = new_key()
    emulator = start("--key", key, "--campaigns", "10000", "--accounts", "10000", "--rate", "0")
    (space,) = emulator.get("/_emulator")["workspaces"]
    assert (space["campaigns"], space["accounts"]) == (10_000, 10_000)
    assert len(emulator.get("/api/v2/campaigns?limit=100", key)["items"]) == 100


def test_deliveries_go_to_the_given_url_with_the_secret(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as receiver:
        receiver.settimeout(60)
        url = f"http://127.0.0.1:{receiver.getsockname()[1]}/hook"
        start("--key", new_key(), "--deliver-to", url, "--secret", "made-up", "--rate", "20")
        wire, _ = receiver.accept()
        with wire:
            wire.settimeout(60)
            received = wire.recv(65_536)
    assert received.startswith(b"POST /hook HTTP/1.1\r\n")
    assert b"X-Webhook-Secret: made-up\r\n" in received
    assert b"user-agent: axios/0.21.4\r\n" in received


def test_state_file_is_restored(start: Start, workspace_file: Path, tmp_path: Path) -> None:
    state, key = tmp_path / "state.json", keys(workspace_file)[0]
    first = start("--workspaces", str(workspace_file), "--state", str(state), "--rate", "0")
    made = requests.post(
        f"{first.url}/api/v2/lead-lists", json={"name": "Kept"}, headers={"Authorization": f"Bearer {key}"}, timeout=10
    )
    assert first.stop() == (0, "")
    second = start("--workspaces", str(workspace_file), "--state", str(state), "--rate", "0")
    assert "carried on" in second.line
    assert second.get("/api/v2/lead-lists", key)["items"] == [made.json()]


def test_invalid_workspace_file_is_reported_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "workspaces.json"
    path.write_text('{"workspaces": [{"name": "acme"}]}')
    command = [sys.executable, "manage.py", "run_emulator", "--port", "0", "--workspaces", str(path)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert without_log(done.stderr).splitlines() == [f"CommandError: Workspace 0 in {path} needs a name and a key."]


def test_unreadable_state_file_is_reported_kept_and_replaced(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text("nonsense")
    emulator = start("--key", new_key(), "--rate", "0", "--state", str(path))
    assert emulator.get("/_emulator/truth")["workspaces"]
    code, stderr = emulator.stop()
    assert code == 0
    assert stderr.startswith("Cannot carry on from the state file: it cannot be read")
    assert path.with_name("state.json.unreadable").read_text() == "nonsense"
    assert json.loads(path.read_text())["version"] == 2
