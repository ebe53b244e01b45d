"""Create our webhook subscription at Instantly: `manage.py register_webhook`."""

from typing import Any

from accounts.models import ProviderConnection
from instantly.connections import webhook_subscription
from instantly.connections.services import client_for, pin_workspace
from instantly.management.connection_command import ConnectionCommand


class Command(ConnectionCommand):
    help = (
        "Create or correct one all_events webhook at INSTANTLY_WEBHOOK_URL with the connection's secret, and switch it "
        "on again where Instantly switched it off. Running it again changes nothing. "
        "Example: manage.py register_webhook --connection acme"
    )
    writes_outside = True

    def handle_connection(self, connection: ProviderConnection, **options: Any) -> dict[str, Any]:
        with client_for(connection) as client:
            if not options["dry_run"]:
                pin_workspace(connection, client)  # never a webhook in somebody else's workspace
            result = webhook_subscription.register(connection, client, dry_run=options["dry_run"]).as_data()
        if options["dry_run"]:
            result["outcome"] = f"would be: {result['outcome']}"
        return result
