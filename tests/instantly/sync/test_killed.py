"""kill -9 at ten points of a sync: whole kinds or nothing are written, and the next sync continues."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from io import BytesIO

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from accounts.models import EmailAccount
from campaigns.models import Campaign
from instantly.models import SyncRun
from salesbrain import rls
from salesbrain.kernel.env import BASE_DIR
from salesbrain.kernel.messages import restored

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

PATIENCE = 30.0
CAMPAIGNS, ACCOUNTS = 230, 120


def url(alias):
    parameters = connections[alias].get_connection_params()
    return "postgres://{user}@/{dbname}?host={host}&port={port}".format(**parameters)


def start():
    """Run the command in a process of its own, against this test's database and emulator."""
    environment = os.environ | {
        "DATABASE_URL": url("default"),
        "DATABASE_OWNER_URL": url("owner"),
        "SECRET_KEY": settings.SECRET_KEY,
        "SALESBRAIN_ENCRYPTION_KEYS": ",".join(settings.SALESBRAIN_ENCRYPTION_KEYS),
        "ALLOWED_HOSTS": "localhost",
        "INSTANTLY_BASE_URL": settings.INSTANTLY_BASE_URL,
        "INSTANTLY_REQUESTS_PER_SECOND": "1000",
    }
    command = [sys.executable, str(BASE_DIR / "manage.py"), "sync_workspace", "--connection", "acme"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def wait_for(condition: Callable[[], bool], process: subprocess.Popen) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, (process.stdout or BytesIO()).read().decode()
        assert time.monotonic() < end, "the sync never came to that point"
        time.sleep(0.02)


@contextmanager
def hanging_at(instantly, path, skip):
    """Let the request after `skip` others to this path hang; signal its arrival."""
    seen = []
    handle = instantly.handle

    def watch(request):
        if request.path.endswith(path):
            seen.append(request.path)
            if len(seen) == skip + 1:
                instantly.faults.add("hang", path=f"*{path}", seconds=PATIENCE)
        return handle(request)

    instantly.handle = watch
    yield lambda: len(seen) > skip
    instantly.handle = handle
    instantly.faults.clear()


@contextmanager
def locked(table):
    """Hold a lock on a table that blocks writers; signal when one waits."""
    parameters = {
        k: v for k, v in connections["owner"].get_connection_params().items() if k in ("dbname", "user", "host", "port")
    }
    with psycopg.connect(**parameters) as holder, psycopg.connect(**parameters, autocommit=True) as watcher:
        holder.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        yield lambda: bool(
            watcher.execute("SELECT FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table]).fetchall()
        )
        holder.rollback()


POINTS = {
    "asking for the workspace": ("hanging", "/workspaces/current", 0),
    "the first page of campaigns": ("hanging", "/campaigns", 0),
    "the second page of campaigns": ("hanging", "/campaigns", 1),
    "the last page of campaigns": ("hanging", "/campaigns", 2),
    "writing the run down": ("locked", "instantly_syncrun", 0),
    "taking a turn of the rate budget": ("locked", "instantly_ratewindow", 0),
    "writing the campaigns": ("locked", "campaigns_campaign", 0),
    "the first page of email accounts": ("hanging", "/accounts", 0),
    "the last page of email accounts": ("hanging", "/accounts", 1),
    "writing the email accounts": ("locked", "accounts_emailaccount", 0),
}


def test_a_sync_killed_anywhere_writes_whole_kinds_or_nothing(acme_connection, instantly, workspace, sync):
    workspace(acme_connection, bulk=(CAMPAIGNS, ACCOUNTS))
    assert len(POINTS) == 10
    for point, (how, where, skip) in POINTS.items():
        reached = hanging_at(instantly, where, skip) if how == "hanging" else locked(where)
        with reached as there:
            process = start()
            try:
                wait_for(there, process)
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait()
                process.stdout.close()
        with rls.scope(rls.SYSTEM):
            written = Campaign.objects.count(), EmailAccount.objects.count()
        assert written in {(0, 0), (CAMPAIGNS, 0)}, f"{point}: half of it was written"

    report = sync(acme_connection)

    assert report.status == "succeeded", report.problems
    with rls.scope(rls.SYSTEM):
        assert (Campaign.objects.count(), EmailAccount.objects.count()) == (CAMPAIGNS, ACCOUNTS)
        assert not SyncRun.objects.filter(status="running").exists()
        reasons = [restored(run.errors[0]["reason"]) for run in SyncRun.objects.filter(status="failed")]
        assert reasons == ["The process ended before the sync did."] * 9
