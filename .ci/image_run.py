"""Run of the built image as deploy/compose.yaml runs it, with a real PostgreSQL.

The processes are started by the image's user on a read-only root. Each has the variables of the image and of an operator's
`deploy/environment`. Called by image.py.
"""

import json
import re
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import scratch_server
import yaml
from image_root import CHECKOUT, health_check, ids, image_variables, read_only_root

HOST = "salesbrain.example.com"
PATIENCE = 90.0  # seconds until something that must come is given up
WEBHOOK = "/webhooks/instantly/webhook"
FURNISH = """
from accounts.models import Organization, ProviderConnection
from campaigns.models import Campaign
from salesbrain import rls
with rls.scope(rls.SYSTEM):
    acme = Organization.objects.create(name="Drill", slug="drill")
    row = ProviderConnection(name="drill", organization=acme, workspace_id="drill")
    row.set_api_key("key-of-nobody-at-all")
    row.save()
    Campaign.objects.create(connection=row, organization=acme, name="Wave", provider_id="wave", status="active")
"""
DELIVERY = {
    "event_type": "email_sent", "timestamp": "2026-07-20T10:00:00.000Z", "workspace": "drill", "campaign_id": "wave",
    "lead_email": "lead@lead.example", "step": 1, "variant": 1, "email_account": "sender@sender.example",
}  # fmt: skip


class Installation:
    """Processes from the image with an operator's environment."""

    def __init__(self, root: Path, database: str) -> None:
        self.root, self.user, self.port = root, ids(root), scratch_server.free_port()
        self.services: dict[str, Any] = yaml.safe_load((CHECKOUT / "deploy/compose.yaml").read_text())["services"]
        self.environment = image_variables() | operators_variables(database) | {"PORT": str(self.port)}
        self.started: dict[str, subprocess.Popen[bytes]] = {}

    def command(self, *words: str) -> list[str]:
        user, group = self.user
        inside = 'cd /srv/salesbrain && exec "$@"'
        return ["chroot", f"--userspec={user}:{group}", str(self.root), "/bin/sh", "-c", inside, "sh", *words]

    def run(self, *words: str) -> str:
        """Run a command to its end and return what it printed. Raises SystemExit where it fails."""
        done = subprocess.run(self.command(*words), env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)[:200]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    def may_write(self, path: str) -> bool:
        return not subprocess.run(
            self.command("touch", path), env=self.environment, capture_output=True, check=False
        ).returncode

    def start(self) -> None:
        """Start what compose.yaml starts, at a port that is free here."""
        for name, service in self.services.items():
            if "build" in service and "profiles" not in service:
                words = (
                    service["command"]
                    .replace("--host 0.0.0.0 --port 8001", f"--host 127.0.0.1 --port {self.port}")
                    .split()
                )
                log = (self.root / f"tmp/{name}.log").open("wb")
                self.started[name] = subprocess.Popen(
                    self.command(*words), env=self.environment, stdout=log, stderr=log, start_new_session=True
                )

    def end(self) -> dict[str, int]:
        """Ask every process to end, as an engine does; return how each ended (0: by itself)."""
        for process in self.started.values():
            process.terminate()
        ended: dict[str, int] = {}
        for name, process in self.started.items():
            try:
                ended[name] = process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                ended[name] = process.wait()
        return ended

    def get(self, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Ask the web as a proxy with TLS in front does. Returns status and body, (0, b"") where it does not answer."""
        told = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, told)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    def logs(self) -> str:
        return "".join(
            f"--- {path.stem}\n{path.read_text(errors='replace')[-2000:]}\n"
            for path in (self.root / "tmp").glob("*.log")
        )

    def until(self, true: Any, what: str) -> float:
        """Wait until the condition is true and return the seconds. Raises SystemExit with the logs."""
        began = time.monotonic()
        while not true():
            gone = [name for name, process in self.started.items() if process.poll() is not None]
            if gone or time.monotonic() - began > PATIENCE:
                raise SystemExit(f"Waited in vain until {what}{f'; ended: {gone}' if gone else ''}.\n{self.logs()}")
            time.sleep(0.05)
        return round(time.monotonic() - began, 1)


def operators_variables(database: str) -> dict[str, str]:
    """Return what an operator writes into deploy/environment; `database`: address of the server's superuser."""
    at = urlsplit(database)
    address = "postgres://{}:{}@" + f"{at.hostname}:{at.port}/salesbrain"
    return {
        "DATABASE_URL": address.format("sb_app", secrets.token_hex(12)),
        "DATABASE_OWNER_URL": address.format("sb_owner", secrets.token_hex(12)),
        "SETUP_DATABASE_URL": database,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SALESBRAIN_ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": HOST,
        "PUBLIC_URL": f"https://{HOST}",
        "TRUSTED_PROXIES": "127.0.0.1",
    }


def try_it(image: str, folder: Path) -> dict[str, object]:
    """Install and run the image; return what was measured. Raises SystemExit where anything is not as it must be."""
    with scratch_server.running() as database, read_only_root(image, folder) as root:
        product = Installation(root, database)
        written = [
            path for path in ("/srv/salesbrain/manage.py", "/srv/salesbrain/new", "/usr/new") if product.may_write(path)
        ]
        if written:
            raise SystemExit(f"The image's root can be written: {written}")
        began = time.monotonic()
        said = product.run("python", "manage.py", "bootstrap", "--admin", "anna@agency.example")
        bootstrapped = round(time.monotonic() - began, 1)
        (link,) = re.findall(rf"https://{re.escape(HOST)}(/\S+)", said)
        del product.environment["SETUP_DATABASE_URL"]
        product.run("python", "manage.py", "shell", "-c", FURNISH)
        secret = product.run("python", "manage.py", "webhook_secret", "drill").splitlines()[-1]
        try:
            product.start()
            measured = use(product, link, secret, database)
        finally:
            ended = product.end()
    if any(code not in (0, -15) for code in ended.values()):
        raise SystemExit(f"Not every process ended when it was asked to: {ended}")
    return {"bootstrap_seconds": bootstrapped, "user_id": product.user[0], "ended_with": ended, **measured}


def use(product: Installation, link: str, secret: str, database: str) -> dict[str, object]:
    """Ask the running product for everything that must work; return what was measured."""
    started = product.until(lambda: product.get("/healthz")[0] == 200, "/healthz answers")
    product.until(lambda: product.get("/readyz")[0] == 200, "/readyz says ready")
    product.run(*health_check())
    pages = {path: product.get(path) for path in ("/login", link)}
    style = next(iter(re.findall(r'href="(/static/[^"]+\.css)"', pages["/login"][1].decode())), "no style sheet")
    answers = {path if path == "/login" else "the link": status for path, (status, _) in pages.items()}
    answers |= {"the style sheet": product.get(style)[0]}
    answers["a delivery"] = product.get(
        WEBHOOK, json.dumps(DELIVERY).encode(), X_Webhook_Secret=secret, Content_Type="application/json"
    )[0]
    if set(answers.values()) != {200}:
        raise SystemExit(f"Not everything was answered 200: {answers}\n{product.logs()}")
    owner = product.environment["DATABASE_OWNER_URL"]
    counted = f"SELECT count(*) FROM messaging_event WHERE lead_email = '{DELIVERY['lead_email']}'"

    def events() -> int:
        at = urlsplit(database)._replace(path=urlsplit(owner).path).geturl()
        with psycopg.connect(at) as session:
            return int((session.execute(counted).fetchone() or (0,))[0])

    readable = product.until(lambda: events() == 1, "the delivery is an event")
    product.until(lambda: seen(product), "jobs and replies are seen")
    memory = {name: memory_of(process.pid) for name, process in product.started.items()}
    return {"start_seconds": started, "answers": answers, "event_after_seconds": readable, "memory_mib": memory}


def seen(product: Installation) -> bool:
    """Return whether /readyz has seen the processes `jobs` and `replies`, and warns of nothing."""
    status, body = product.get("/readyz")
    answer = json.loads(body)["data"] if status == 200 else {}
    return answer.get("warnings") == [] and all(answer[name]["running"] for name in ("jobs", "replies"))


def memory_of(number: int) -> float:
    """Return the proportional memory of a process and its children in MiB: what they share is counted once."""
    import psutil

    process = psutil.Process(number)
    return round(sum(each.memory_full_info().pss for each in (process, *process.children(recursive=True))) / 2**20, 1)


if __name__ == "__main__":
    sys.exit("This file is a part of image.py.")
