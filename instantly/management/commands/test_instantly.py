"""Diagnose a connection to Instantly step by step: `manage.py test_instantly`."""

from typing import Any

from accounts.models import ProviderConnection
from instantly.connections.diagnostics import run_diagnostics
from instantly.management.connection_command import ConnectionCommand


class Command(ConnectionCommand):
    help = (
        "Try a connection step by step: client, connection, workspace, campaigns, email accounts, webhook, scopes, latency. "
        "Changes nothing. Example: manage.py test_instantly --connection acme"
    )

    def handle_connection(self, connection: ProviderConnection, **options: Any) -> dict[str, Any]:
        return {"connection": connection.name, "steps": run_diagnostics(connection)}

    def show(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"Testing {result['connection']}")
        for number, step in enumerate(result["steps"], 1):
            mark = "ok  " if step["ok"] else "FAIL"
            self.stdout.write(f"  {number}. {mark} {step['step']:<15} {step['detail']} ({step['milliseconds']} ms)")
        failed = sum(not step["ok"] for step in result["steps"])
        self.stdout.write(f"  {'All steps passed.' if not failed else f'{failed} steps failed.'}")

    def succeeded(self, result: dict[str, Any]) -> bool:
        return all(step["ok"] for step in result["steps"])
