"""Ask Instantly to send a test delivery to our webhook: `manage.py send_test_webhook`."""

from typing import Any

from accounts.models import ProviderConnection
from instantly.connections import webhook_subscription
from instantly.connections.services import client_for
from instantly.management.connection_command import ConnectionCommand


class Command(ConnectionCommand):
    help = (
        "Have Instantly deliver a test to our webhook and say how that went. "
        "Example: manage.py send_test_webhook --connection acme"
    )
    writes_outside = True

    def handle_connection(self, connection: ProviderConnection, **options: Any) -> dict[str, Any]:
        with client_for(connection) as client:
            if options["dry_run"]:
                webhook = webhook_subscription.own_webhook(connection, client)
                outcome = f"a test would be delivered to {webhook.target_hook_url}"
                return {"connection": connection.name, "success": True, "outcome": outcome}
            test = webhook_subscription.send_test(connection, client)
        how = (
            f"status {test.status_code}"
            if test.status_code is not None
            else str(test.error or test.message or "no answer")
        )
        outcome = f"test {'arrived' if test.success else 'failed'} ({how}, {test.response_time_ms or '?'} ms)"
        return {
            "connection": connection.name,
            "success": test.success,
            "status_code": test.status_code,
            "outcome": outcome,
        }

    def succeeded(self, result: dict[str, Any]) -> bool:
        return bool(result["success"])
