"""Installation for fault tests: start, break and inspect real processes on a private database."""

import os
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import orjson
import psutil
import psycopg
import requests
from django.conf import settings

from messaging.models.rollup import ROLLUP_COUNTERS
from salesbrain import embedded_postgres
from salesbrain.embedded_postgres import binaries, os_user, postmaster
from salesbrain.embedded_postgres.paths import Places
from tests.faults.proxy import Proxy
from tests.recount import RECOUNT

BIN = settings.BASE_DIR / ".venv" / "bin"
PROCFILE = settings.BASE_DIR / "Procfile"
OF_A_FAULT = ("a worker died while processing it", "MemoryError(", "SystemError(")  # Python without memory says either
PATIENCE = 90.0  # seconds until something that must come is given up; nothing is asserted about how long it took
ANSWER_WITHIN = 5.0  # what Instantly is promised

FIGURES_STORED = f"""SELECT organization_id, campaign_id, email_account, day, step, variant, {", ".join(ROLLUP_COUNTERS)}
    FROM messaging_dailystats WHERE ({", ".join(ROLLUP_COUNTERS)}) <> ({", ".join("0" for _ in ROLLUP_COUNTERS)})"""


@contextmanager
def cluster() -> Iterator[Places]:
    """Create a private PostgreSQL cluster under /tmp, because pytest's own folders are closed to its user."""
    folder = Path(tempfile.mkdtemp(prefix="salesbrain-faults-", dir="/tmp"))
    folder.chmod(0o755)
    places = Places(folder)
    embedded_postgres.ensure_running(places)
    try:
        yield places
    finally:
        embedded_postgres.stop(places)
        for left in (places.socket_dir, places.home, folder):
            shutil.rmtree(left, ignore_errors=True)


@dataclass
class Installation:
    """One private installation. Processes are started by the test and ended by `end`."""

    places: Places
    environment: dict[str, str]
    secret: str
    workspace: str
    campaign: str
    api_key: str
    token: str
    colleagues: list[str]
    logs: Path
    port: int = field(default_factory=lambda: free_port())
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    answers: Counter[int | str] = field(default_factory=Counter)
    facts: dict[str, Any] = field(default_factory=dict)  # of the table at the end

    # --- processes --------------------------------------------------------------------------------------------------

    def start_web(self, *, processes: int = 1) -> subprocess.Popen[bytes]:
        """Start the web server with the Procfile's line, with so many worker processes; return when it answers."""
        line = next(line for line in PROCFILE.read_text().splitlines() if line.startswith("web: exec "))
        command = shlex.split(line.removeprefix("web: exec ").replace("$PORT", str(self.port)))
        web = self._start("web", [BIN / command[0], *command[1:], "--workers", str(processes)])
        until(lambda: self._answers(), "the web server answers")
        return web

    def web_processes(self, web: subprocess.Popen[bytes]) -> set[int]:
        """Return the process numbers of the web processes, without granian's supervisor."""
        with suppress(psutil.NoSuchProcess):
            return {child.pid for child in psutil.Process(web.pid).children()}
        return set()

    def start_worker(self, *arguments: str, memory: int | None = None) -> subprocess.Popen[bytes]:
        """Start a worker; `memory`: limit of its address space in bytes."""
        limits = {} if memory is None else {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (memory,) * 2)}
        return self._start("worker", [*self.manage, "process_deliveries", *arguments], **limits)

    def run(self, *command: str, fails: bool = False) -> str:
        """Run a management command to its end and return what it printed; with `fails`, one that must fail."""
        done = subprocess.run(
            [*self.manage, *command], env=self.environment, cwd=settings.BASE_DIR, timeout=PATIENCE * 4,
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert bool(done.returncode) is fails, f"{' '.join(command)}: {done.stdout}{done.stderr}"
        return done.stdout + (done.stderr if fails else "")

    @property
    def manage(self) -> list[Any]:
        return [BIN / "python", "manage.py"]

    def _start(self, name: str, command: list[Any], **options: Any) -> subprocess.Popen[bytes]:
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, env=self.environment, cwd=settings.BASE_DIR, stdout=log, stderr=log, start_new_session=True,
                **options,
            )  # fmt: skip
        self.running.append(process)
        return process

    def _answers(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"http://127.0.0.1:{self.port}/healthz", timeout=ANSWER_WITHIN).status_code == 200
        return False

    def end(self) -> None:
        """End what this installation started, and let a stopped database go on."""
        self.resume_the_database()
        for process in self.running:
            kill(process)

    # --- the feed ---------------------------------------------------------------------------------------------------

    def body(self, n: int, type: str = "email_opened") -> bytes:
        """Return the body of the n-th event. There are few leads, so that rows are contended, and each event has its own instant."""
        seconds, milliseconds = divmod(n, 1000)
        told = {
            "timestamp": f"2026-07-{10 + seconds // 3600:02}T09:{seconds // 60 % 60:02}:{seconds % 60:02}.{milliseconds:03}Z",
            "event_type": type,
            "workspace": self.workspace,
            "campaign_id": self.campaign,
            "lead_email": f"lead{n % 20}@lead.example",
            "step": 1 + n % 2,
            "variant": 1,
            "email_account": f"sender{n % 3}@sender.example",
        }
        if type == "email_sent":
            told |= {"email_subject": "Hello", "email_html": "<p>Hello</p>" * 20, "firstName": f"N{n}"}
        if type == "reply_received":
            told |= {"reply_subject": "Re: Hello", "reply_text": "Yes\n\n> Hello\n", "email_id": f"mail-{n}"}
        return orjson.dumps(told)

    def post(self, body: bytes, timeout: float = ANSWER_WITHIN) -> requests.Response:
        """Deliver once. Raises requests' exceptions, Timeout if it is not answered in the promised time."""
        return requests.post(
            f"http://127.0.0.1:{self.port}/webhooks/instantly/webhook",
            data=body,
            headers={"X-Webhook-Secret": self.secret, "Content-Type": "application/json"},
            timeout=timeout,
            allow_redirects=False,
        )

    # --- the database -----------------------------------------------------------------------------------------------

    def superuser(self, database: str = "salesbrain") -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self.places.socket_dir), user="postgres", dbname=database, autocommit=True, connect_timeout=10
        )

    def use_proxy(self, proxy: Proxy) -> None:
        """Let processes started from now on reach the database through the proxy only."""
        for name, role in (("DATABASE_URL", "sb_app"), ("DATABASE_OWNER_URL", "sb_owner")):
            self.environment[name] = f"postgres://{role}@127.0.0.1:{proxy.port}/salesbrain"

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with self.superuser() as connection:
            return connection.execute(query).fetchall()

    def database_answers(self) -> bool:
        try:
            return self.ask("SELECT 1") == [(1,)]
        except psycopg.Error:
            return False

    def stop_the_database_at_once(self) -> None:
        """Stop the database like a power cut: immediately, without a checkpoint."""
        user = self.places.user
        command: list[str | Path] = [
            binaries.folder(user) / "pg_ctl",
            "stop",
            "-D",
            self.places.data,
            "-m",
            "immediate",
            "-w",
        ]
        code, output = os_user.run(command, user)
        assert code == 0, output

    def kill_a_backend(self) -> None:
        """kill -9 of the server process of one of our connections; the server then restarts all of them."""
        query = "SELECT pid FROM pg_stat_activity WHERE usename = 'sb_app' ORDER BY backend_start LIMIT 1"
        until(lambda: self.ask(query), "somebody is connected")
        for (pid,) in self.ask(query):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            # Until its parent knows, the server lets everybody in as if nothing had been.
            until(lambda: not Path(f"/proc/{pid}").exists(), "the server noticed")  # noqa: B023

    def kill_a_web_process(self, web: subprocess.Popen[bytes]) -> None:
        """kill -9 a web process; granian starts it again."""
        for number in sorted(self.web_processes(web))[:1]:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)

    def hang_the_database(self) -> None:
        """Stop every process of the server (SIGSTOP): nothing is refused and nothing answered."""
        for process in self._database_processes():
            process.suspend()

    def resume_the_database(self) -> None:
        for process in self._database_processes():
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def _database_processes(self) -> list[psutil.Process]:
        number = postmaster.running(self.places.data)
        if number is None:
            return []
        server = psutil.Process(number)
        return [server, *server.children(recursive=True)]

    # --- what is left -----------------------------------------------------------------------------------------------

    def assert_nothing_is_lost_or_double(self, acknowledged: set[bytes], *, held: int = 0) -> None:
        """Wait until the queue is empty; then each acknowledged body must be one event, and the stats equal the recount."""
        until(lambda: self.ask("SELECT count(*) FROM instantly_pending") == [(0,)], "the backlog drains", patience=600)
        self._retry_lone_deliveries()
        stored = [bytes(body) for (body,) in self.ask("SELECT body FROM instantly_delivery")]
        assert len(stored) == len(set(stored)), "a delivery is stored once"
        assert acknowledged <= set(stored), "what was acknowledged is stored"
        assert self.ask("SELECT count(*) FROM instantly_held") == [(held,)]
        unlike = """SELECT count(*) FROM instantly_delivery d FULL JOIN (SELECT id FROM messaging_event WHERE origin <> 'rule') e USING (id)
            WHERE (d.id IS NULL OR e.id IS NULL) AND d.id NOT IN (SELECT delivery_id FROM instantly_held)"""
        assert self.ask(unlike) == [(0,)], "each delivery is one event, each event one delivery"
        assert sorted(map(repr, self.ask(FIGURES_STORED))) == sorted(map(repr, self.ask(RECOUNT)))
        opens = self.ask("SELECT coalesce(sum(open_count), 0) FROM messaging_message")
        assert opens == self.ask("SELECT count(*) FROM messaging_event WHERE type = 'email_opened' AND copy_of IS NULL")
        self.record_counts(len(acknowledged))

    def record_counts(self, acknowledged: int) -> None:
        """Record counts for the summary; events derived by gap repair are not among the delivered ones."""
        came = "SELECT count(*) FROM {} WHERE origin <> 'derived'"
        tables = (
            "instantly_delivery",
            "(SELECT * FROM messaging_event WHERE copy_of IS NULL AND origin <> 'rule') AS event",
        )
        stored, events = (self.ask(came.format(table))[0][0] for table in tables)
        self.facts |= {"acknowledged": acknowledged, "stored": stored, "events": events}

    def _retry_lone_deliveries(self) -> None:
        """Retry at once deliveries that wait because they may have killed a worker; the product waits a minute."""
        waiting = self.ask("UPDATE instantly_held SET next_try_at = now() WHERE reason = 'failed' RETURNING detail")
        told = {detail for (detail,) in waiting}
        assert all(detail.startswith(OF_A_FAULT) for detail in told), told
        if waiting:
            once = self.start_worker("--once")
            assert once.wait(PATIENCE) == 0
            until(lambda: self.ask("SELECT count(*) FROM instantly_pending") == [(0,)], "what was tried again is done")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 a process with all its children; return when they are gone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)


def until(true: Any, what: str, *, patience: float = PATIENCE) -> None:
    """Poll until the condition is true. Raises AssertionError that names it after `patience`."""
    deadline = monotonic() + patience
    while not true():
        assert monotonic() < deadline, f"waited in vain until {what}"
        sleep(0.05)
