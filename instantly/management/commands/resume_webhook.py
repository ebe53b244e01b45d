"""Re-enable our webhook after Instantly disabled it: `manage.py resume_webhook`."""

from typing import Any

from accounts.models import ProviderConnection
from instantly.connections import webhook_subscription
from instantly.connections.services import client_for
from instantly.management.connection_command import ConnectionCommand
from instantly.schemas import WebhookStatus


class Command(ConnectionCommand):
    help = (
        "Switch the webhook on again that Instantly switched off after failed deliveries. What happened in between is "
        "fetched by reconcile_feed. Example: manage.py resume_webhook --connection acme"
    )
    writes_outside = True

    def handle_connection(self, connection: ProviderConnection, **options: Any) -> dict[str, Any]:
        with client_for(connection) as client:
            webhook = webhook_subscription.own_webhook(connection, client)
            off = webhook.status == WebhookStatus.DISABLED
            if off and not options["dry_run"]:
                webhook_subscription.resume(connection, client, webhook)
        done = ("would be resumed" if options["dry_run"] else "resumed") if off else "is on already"
        return {"connection": connection.name, "webhook_id": webhook.id, "was_off": off, "outcome": f"webhook {done}"}
