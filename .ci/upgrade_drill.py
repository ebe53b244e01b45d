"""Upgrade drill: migrate the database of an earlier release under traffic, and count losses.

    python .ci/upgrade_drill.py PREVIOUS [--seconds 20] [--filled 5000]

PREVIOUS is a checkout of the earlier release that no other run uses, for example `git worktree add /tmp/previous v0.1.0`. Its embedded
PostgreSQL is started and filled by its own code. Then its web, worker and jobs take deliveries while this release migrates, and this
release's processes take over. Ends with 1 where a count is not 0. It needs two releases, so it is no test of the suite.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

CHECKOUT = Path(__file__).resolve().parent.parent
OLD_PORT, NEW_PORT = 18301, 18302
PATH = "/webhooks/instantly/webhook"
FILL = """
import orjson
from campaigns.models import Campaign
from accounts.models import Organization, ProviderConnection
from instantly.processing.batch import number_events, process_pending
from instantly.webhooks.store import store_raw
from salesbrain import rls
with rls.scope(rls.SYSTEM):
    acme = Organization.objects.create(name="Drill", slug="drill")
    row = ProviderConnection(name="drill", organization=acme, workspace_id="drill")
    row.set_api_key("key-of-nobody-at-all")
    row.save()
    Campaign.objects.create(connection=row, organization=acme, name="Wave", provider_id="wave", status="active")
for n in range({count}):
    kind = ("email_sent", "email_opened", "reply_received", "email_bounced")[n % 4]
    at = f"2026-07-{{10 + n % 9:02}}T09:{{n // 60 % 60:02}}:{{n % 60:02}}.{{n % 1000:03}}Z"
    store_raw(row.pk, orjson.dumps({{
        "event_type": kind, "timestamp": at, "workspace": "drill",
        "campaign_id": "wave", "lead_email": f"lead-{{n // 4}}@lead.example", "email_account": "sender@sender.example", "step": 1,
        "variant": 1, "reply_text": f"Gladly, call me {{n}}", "email_id": f"mail-{{n}}"}}))
while process_pending() or number_events():
    pass
"""
FIGURES = """SELECT 'events', type, count(*) FROM messaging_event GROUP BY 2 UNION ALL
    SELECT 'messages', direction, count(*) FROM messaging_message GROUP BY 2 UNION ALL
    SELECT 'contacts', '', count(*) FROM messaging_contact UNION ALL
    SELECT 'conversations', state, count(*) FROM messaging_conversation GROUP BY 2 UNION ALL
    SELECT 'sums', '', sum(sent + replies + bounces)::bigint FROM messaging_dailystats"""


class Traffic:
    """Thread that posts deliveries one after the other to its present `port`, repeats each until it gets 200, and counts the responses."""

    def __init__(self, secret: str, port: int) -> None:
        self.secret, self.port, self.accepted = secret, port, 0
        self.answers: Counter[str] = Counter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            body = json.dumps(
                {
                    "event_type": "email_sent", "timestamp": f"2026-07-20T10:00:00.{self.accepted % 1000:03}Z", "workspace": "drill",
                    "campaign_id": "wave", "lead_email": f"traffic-{self.accepted}@lead.example", "step": 1, "variant": 1,
                    "email_account": "sender@sender.example",
                }
            ).encode()  # fmt: skip
            while (answer := self._post(body)) != "200":
                self.answers[answer] += 1
                time.sleep(0.2)
            self.answers["200"] += 1
            self.accepted += 1
            time.sleep(0.01)

    def _post(self, body: bytes) -> str:
        headers = {"Content-Type": "application/json", "X-Webhook-Secret": self.secret}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{PATH}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return str(answer.status)
        except urllib.error.HTTPError as error:
            return str(error.code)
        except OSError as error:
            return type(error).__name__


def environment(**changed: str) -> dict[str, str]:
    """Return the environment for processes of both checkouts, so that neither reads its .env, updated with `changed`."""
    return {**os.environ, "DEMO": "false", "HTTPS": "false", "LOG_LEVEL": "WARNING", **changed}


def manage(checkout: Path, values: dict[str, str], *arguments: str, given: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=checkout,
        env=values,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(
            f"manage.py {' '.join(arguments)} of {checkout} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        )
    return done.stdout


@contextmanager
def processes(checkout: Path, values: dict[str, str], port: int) -> Iterator[None]:
    """Run web, worker and jobs of a release until the block ends; the web must answer before it begins."""
    web = next(line for line in (checkout / "Procfile").read_text().splitlines() if line.startswith("web: "))
    command = web.removeprefix("web: exec python ").replace("$PORT", str(port)).split()
    lines = [command, ["manage.py", "process_deliveries"], ["manage.py", "run_jobs"]]
    started = [subprocess.Popen([sys.executable, *line], cwd=checkout, env=values) for line in lines]
    try:
        _wait_until_up(port)
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


def _wait_until_up(port: int) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"The web at port {port} did not start within two minutes.")


def figures(url: str) -> dict[str, int]:
    with psycopg.connect(url) as session:
        return {f"{kind} {name}".strip(): count for kind, name, count in session.execute(FIGURES).fetchall()}


def drill(previous: Path, *, seconds: float, filled: int) -> int:
    subprocess.run(
        [sys.executable, "-m", "salesbrain.embedded_postgres", "start"], cwd=previous, env=environment(), check=True
    )
    old = environment(SECRET_KEY=secrets.token_urlsafe(50))
    manage(previous, old, "prepare_database")
    manage(previous, old, "shell", "-c", FILL.format(count=filled))
    owner = manage(previous, old, "database_url", "--owner").strip()
    new = old | {
        "DATABASE_URL": manage(previous, old, "database_url").strip(), "DATABASE_OWNER_URL": owner, "ALLOWED_HOSTS": "127.0.0.1",
        "SALESBRAIN_ENCRYPTION_KEYS": (previous / ".local" / "salesbrain_encryption_keys").read_text(),
        "PUBLIC_URL": "http://127.0.0.1",
    }  # fmt: skip
    secret = manage(previous, old, "webhook_secret", "drill").strip().splitlines()[-1]
    before = figures(owner)
    with processes(previous, old, OLD_PORT):
        traffic = Traffic(secret, OLD_PORT)
        time.sleep(seconds / 4)
        began = time.monotonic()
        manage(CHECKOUT, new, "prepare_database")
        migrated = time.monotonic() - began
        time.sleep(seconds / 4)
        with processes(CHECKOUT, new, NEW_PORT):
            traffic.port = NEW_PORT
            time.sleep(seconds / 4)
            traffic.end()
            _wait_until_processed(owner)
    return report(traffic, before, owner, new, migrated)


def _wait_until_processed(owner: str) -> None:
    with psycopg.connect(owner, autocommit=True) as session:
        for _ in range(300):
            (left,) = session.execute("SELECT count(*) FROM instantly_pending").fetchone() or (0,)
            if not left:
                return
            time.sleep(0.2)


def report(traffic: Traffic, before: dict[str, int], owner: str, new: dict[str, str], migrated: float) -> int:
    """Print the counts; return 1 if a delivery was refused, lost or doubled, or if an earlier figure has changed."""
    sql = "SELECT count(*), count(DISTINCT lead_email) FROM messaging_event WHERE lead_email LIKE 'traffic-%' AND copy_of IS NULL"
    with psycopg.connect(owner) as session:
        events, people = session.execute(sql).fetchone() or (0, 0)
    after = figures(owner)
    sent = {"events email_sent", "messages out", "contacts", "sums"}
    changed = {
        name: (count, after.get(name))
        for name, count in before.items()
        if count + traffic.accepted * (name in sent) != after.get(name)
    }
    said = {
        "accepted": traffic.accepted, "refused": sum(traffic.answers.values()) - traffic.answers["200"], "answers": dict(traffic.answers),
        "lost": traffic.accepted - people, "doubled": events - people, "migrated_in_seconds": round(migrated, 1),
        "figures_before": before, "figures_that_differ": changed,
    }  # fmt: skip
    print(json.dumps(said, indent=2))
    manage(CHECKOUT, new, "rebuild_stats", "--check")
    manage(CHECKOUT, new, "check", "--database", "default")
    return 1 if said["refused"] or said["lost"] or said["doubled"] or changed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("previous", type=Path, help="a checkout of the earlier release")
    parser.add_argument("--seconds", type=float, default=20.0, help="of traffic, beside the migration's")
    parser.add_argument("--filled", type=int, default=5000, help="deliveries in the earlier release's database")
    chosen = parser.parse_args()
    previous = chosen.previous.resolve()
    try:
        return drill(previous, seconds=chosen.seconds, filled=chosen.filled)
    finally:
        subprocess.run(
            [sys.executable, "-m", "salesbrain.embedded_postgres", "stop"], cwd=previous, env=environment(), check=False
        )


if __name__ == "__main__":
    raise SystemExit(main())
