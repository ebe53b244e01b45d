"""Compare our totals with Instantly's."""

from typing import Any

from accounts.models import ProviderConnection
from instantly.connections.services import client_for
from instantly.management.connection_command import ConnectionCommand
from instantly.reconciliation.drift import COMPARED, compare_totals


class Command(ConnectionCommand):
    help = (
        "Show our totals of each campaign beside Instantly's analytics (ours / theirs), and end with 1 where they differ. "
        "Example: manage.py report_drift --connection acme"
    )

    def handle_connection(self, connection: ProviderConnection, **options: Any) -> dict[str, Any]:
        with client_for(connection) as client:
            rows = [row.as_dict() for row in compare_totals(connection, client)]
        return {"connection": connection.name, "differs": sum(row["differs"] for row in rows), "campaigns": rows}

    def show(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"{result['connection']}: {result['differs']} of {len(result['campaigns'])} campaigns differ")
        for row in result["campaigns"]:
            figures = [
                f"{name} {row['figures'][name]['local']}/{_or_unknown(row['figures'][name]['instantly'])}"
                for name in COMPARED
                if row["differs"] or row["figures"][name]["local"]
            ]
            self.stdout.write(
                f"  {'!' if row['differs'] else ' '} {row['name']}: {', '.join(figures) or 'nothing yet'}"
            )

    def succeeded(self, result: dict[str, Any]) -> bool:
        return not result["differs"]


def _or_unknown(value: int | None) -> str:
    return "?" if value is None else str(value)
