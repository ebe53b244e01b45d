"""Compare our stats with Instantly's analytics: `manage.py report_drift`."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.models import ProviderConnection
from instantly.connections.services import client_for
from instantly.management.connection_command import ConnectionCommand
from instantly.reconciliation.drift import COMPARED, compare_until_settled


class Command(ConnectionCommand):
    help = (
        "Show our totals of each campaign beside Instantly's analytics (ours / theirs), and end with 1 where they differ for good; what "
        "is on its way is marked with ~. "
        "Example: manage.py report_drift --connection acme"
    )

    def add_more_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--settle",
            type=float,
            default=30,
            metavar="SECONDS",
            help="look again for so long at what differs (default %(default)s)",
        )

    def handle_connection(self, connection: ProviderConnection, **options: Any) -> dict[str, Any]:
        with client_for(connection) as client:
            rows = [row.as_dict() for row in compare_until_settled(connection, client, seconds=options["settle"])]
        return {"connection": connection.name, "differs": sum(row["differs"] for row in rows), "campaigns": rows}

    def show(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"{result['connection']}: {result['differs']} of {len(result['campaigns'])} campaigns differ")
        for row in result["campaigns"]:
            figures = [
                f"{name} {row['figures'][name]['local']}/{_or_unknown(row['figures'][name]['instantly'])}"
                for name in COMPARED
                if row["differs"] or row["in_flight"] or row["figures"][name]["local"]
            ]
            self.stdout.write(f"  {_mark(row)} {row['name']}: {', '.join(figures) or 'nothing yet'}")

    def succeeded(self, result: dict[str, Any]) -> bool:
        return not result["differs"]


def _mark(row: dict[str, Any]) -> str:
    return "!" if row["differs"] else "~" if row["in_flight"] else " "


def _or_unknown(value: int | None) -> str:
    return "?" if value is None else str(value)
