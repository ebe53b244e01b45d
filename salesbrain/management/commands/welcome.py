"""Wait for the processes of `make run`, connect the demo, print the addresses: `manage.py welcome`."""

import time
from collections.abc import Callable
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from accounts.choices import Provider
from accounts.models import ProviderConnection
from instantly.choices import SyncTrigger
from instantly.client.errors import InstantlyError
from instantly.connections import webhook_subscription
from instantly.connections.services import ConnectionUnusable, client_for, pin_workspace
from instantly.reconciliation.service import reconcile_connection
from instantly.sync.service import SyncRunning, sync_connection
from salesbrain import rls
from salesbrain.local import demo, history

PATIENCE = 90.0  # seconds until a server answers
PAUSE = 0.2
RULE = "-" * 78


class Command(BaseCommand):
    help = (
        "Wait for web and emulator, register the webhooks, sync, share out the demo's campaigns, print where to look. "
        "`make run` calls this. Example: manage.py welcome"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the welcome. Exits with 0 even if a process does not answer yet, because the product runs without the rest; failures are
        printed.
        """
        web = f"http://127.0.0.1:{settings.PORT}"
        emulated = settings.DEMO
        if not self._answers(f"{web}/healthz", "web") or (
            emulated and not self._answers(settings.INSTANTLY_BASE_URL, "emulator")
        ):
            return
        connections = self._connections()
        has_history = emulated and history.history_file().exists()
        lines = [line for connection in connections for line in self._connect(connection)]
        if emulated:
            lines += self._try(demo.assign_shared_workspace)
        if emulated and not has_history:
            lines += [line for connection in connections for line in self._reconcile(connection)]
        self._print(web, lines, emulated)
        if has_history:
            self._record_history(connections)

    def _record_history(self, connections: list[ProviderConnection]) -> None:
        """Import the history after the addresses are printed, while the pages work already."""

        def tell(line: str) -> None:
            self.stdout.write(line)
            self.stdout.flush()

        def record() -> list[str]:
            history.record(tell)
            return []

        for line in self._try(record) + [line for each in connections for line in self._reconcile(each)]:
            tell(line)

    def _answers(self, url: str, name: str) -> bool:
        """Return whether a process responds, with any status."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                requests.get(url, timeout=2, allow_redirects=False)
            except requests.RequestException:
                time.sleep(PAUSE)
            else:
                return True
        self.stderr.write(f"{name} did not answer at {url} within {PATIENCE:.0f} s; its own lines above say why.")
        return False

    def _connections(self) -> list[ProviderConnection]:
        with rls.scope(rls.SYSTEM):
            ours = ProviderConnection.objects.active().filter(provider=Provider.INSTANTLY)
            return [connection for connection in ours.select_related("organization") if connection.api_key]

    def _connect(self, connection: ProviderConnection) -> list[str]:
        def register() -> list[str]:
            with client_for(connection) as client:
                pin_workspace(connection, client)
                return [f"{connection.name}: {webhook_subscription.register(connection, client).sentence()}"]

        def sync() -> list[str]:
            return list(sync_connection(connection, trigger=SyncTrigger.COMMAND, actor_name="welcome").lines())

        return self._try(register) + self._try(sync)

    def _reconcile(self, connection: ProviderConnection) -> list[str]:
        """Run gap repair once, or the first page would report a missing webhook until the schedule's next run."""

        def reconcile() -> list[str]:
            try:
                return [f"{connection.name}: feed {reconcile_connection(connection, actor_name='welcome').sentence()}"]
            except SyncRunning:
                return []  # the process `jobs` is at it

        return self._try(reconcile)

    def _try(self, step: Callable[[], list[str]]) -> list[str]:
        try:
            return step()
        except (InstantlyError, ConnectionUnusable, SyncRunning, DatabaseError) as error:
            return [f"! {error}"]

    def _print(self, web: str, lines: list[str], emulated: bool) -> None:
        out = ["", RULE, "Salesbrain is running.", ""]
        out.append(f"  Pages     {web}/{' (one click logs in)' if settings.DEMO else ''}")
        out += [f"  Admin     {web}/admin/", f"  API docs  {web}/api/docs", f"  Documents {web}/docs"]
        if emulated:
            out.append(f"  Instantly {settings.INSTANTLY_BASE_URL} (our emulator: sends, opens, replies, all made up)")
        else:
            out.append(f"  Instantly {settings.INSTANTLY_BASE_URL}")
        out += ["", *(f"  {line}" for line in lines)]
        if settings.EMBEDDED_DATABASE and (users := demo.passwords()):
            out += ["", "  Users (of the embedded database only)"]
            out += [f"    {user.email:<32} {password:<14} {self._role_name(user)}" for user, password in users]
        who = "customer@acme.example" if emulated else "admin@salesbrain.example"
        seen = f"{web}/api/instantly/{'campaigns' if emulated else 'admin/campaigns'}"
        out += [
            "",
            "  Type in a second terminal:",
            f'    curl -H "Authorization: Bearer $(.venv/bin/python manage.py create_token {who})" {seen}',
            "    .venv/bin/python manage.py sync_workspace --all",
            "    .venv/bin/python manage.py test_instantly --all",
            "",
            "  Ctrl-C stops everything; `make run` goes on with the same data; `make clean` forgets it.",
            RULE,
        ]
        self.stdout.write("\n".join(out))
        self.stdout.flush()

    def _role_name(self, user: Any) -> str:
        return user.get_role_display().split(":")[0].lower() if user.role else "customer"
