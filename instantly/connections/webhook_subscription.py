"""Manage the webhook subscription at Instantly: one per workspace, all events, our secret header.

`all_events` is the only subscription that delivers automatic replies and custom labels; one per workspace, because two that overlap
deliver everything twice. Instantly signs nothing: the header we set is the only proof of a delivery.
"""

import ipaddress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from accounts.models import ProviderConnection, WebhookSecret
from instantly.choices import AlertKind
from instantly.client import InstantlyClient
from instantly.connections.services import ConnectionUnusable
from instantly.monitoring.alerts import resolve_alerts
from instantly.monitoring.feed_state import remember_gap
from instantly.schemas import Webhook, WebhookStatus, WebhookTest
from salesbrain import rls
from salesbrain.kernel.messages import Message, message

NAME = "Salesbrain"
EVERYTHING = "all_events"
HEADER = "X-Webhook-Secret"


@dataclass
class Registration:
    """Result of `register`. `others` are further subscriptions to the same URL, which cause double deliveries."""

    connection: str
    action: str
    webhook_id: str = ""
    resumed: bool = False
    others: list[str] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        return self.__dict__ | {"outcome": self.sentence()}

    def message(self) -> Message:
        """Return the result as a sentence for the admin."""
        said = message(f"webhook.{self.action}")
        if self.resumed:
            said = message("webhook.resumed", done=said)
        return message("webhook.others", done=said, ids=", ".join(self.others)) if self.others else said

    def sentence(self) -> str:
        words = [f"webhook {self.action}"] + (["and resumed"] if self.resumed else [])
        if self.others:
            words.append(f"(further subscriptions at the same address, delete them: {', '.join(self.others)})")
        return " ".join(words)


def own_webhooks(client: InstantlyClient) -> list[Webhook]:
    """Return our subscriptions, the one to keep first: by our URL before our name, complete before partial."""
    candidates = [
        webhook
        for webhook in client.webhooks()
        if webhook.target_hook_url == settings.INSTANTLY_WEBHOOK_URL or webhook.name == NAME
    ]
    return sorted(candidates, key=_preference)


def _preference(webhook: Webhook) -> tuple[bool, bool, bool, str]:
    return (
        webhook.target_hook_url != settings.INSTANTLY_WEBHOOK_URL,
        webhook.event_type != EVERYTHING,
        webhook.campaign is not None,
        webhook.id,
    )


def delivers_all_events(webhook: Webhook) -> bool:
    """Return whether the subscription has our URL and covers every event of the whole workspace."""
    return not any(_preference(webhook)[:3])


def register(connection: ProviderConnection, client: InstantlyClient, *, dry_run: bool = False) -> Registration:
    """Create or correct the subscription; re-enable it if Instantly disabled it. Repeating it changes nothing.

    A secret is issued where the connection has none; of several valid ones the newest is sent, and any of them is
    accepted as it stands. Raises ConnectionUnusable for an address Instantly cannot reach, InstantlyError.
    """
    _require_reachable()
    found = own_webhooks(client)
    secrets = _secrets(connection, issue=not dry_run)
    wanted: dict[str, Any] = {
        "name": NAME,
        "target_hook_url": settings.INSTANTLY_WEBHOOK_URL,
        "event_type": EVERYTHING,
        "headers": {HEADER: secrets[0] if secrets else ""},
    }
    others = [webhook.id for webhook in found[1:] if webhook.target_hook_url == settings.INSTANTLY_WEBHOOK_URL]
    if not found:
        made = "" if dry_run else client.create_webhook(wanted.pop("target_hook_url"), **wanted).id
        return Registration(connection.name, "created", made)
    webhook = found[0]
    changes = {name: value for name, value in wanted.items() if name != "headers" and getattr(webhook, name) != value}
    if (webhook.headers or {}).get(HEADER) not in secrets or not secrets:
        changes["headers"] = {**(webhook.headers or {}), **wanted["headers"]}
    if webhook.campaign is not None:
        changes["campaign"] = None
    if changes and not dry_run:
        client.update_webhook(webhook.id, **changes)
    disabled = webhook.status == WebhookStatus.DISABLED
    if disabled and not dry_run:
        resume(connection, client, webhook)
    return Registration(connection.name, "updated" if changes else "unchanged", webhook.id, disabled, others)


def resume(
    connection: ProviderConnection, client: InstantlyClient, webhook: Webhook, *, actor_name: str = ""
) -> Webhook:
    """Re-enable the subscription and resolve the alert that it is disabled; reconcile_feed fetches the missed events later."""
    remember_gap(connection, webhook, actor_name=actor_name)
    resumed = client.resume_webhook(webhook.id)
    resolve_alerts(AlertKind.WEBHOOK_DISABLED, connection_id=connection.pk)
    return resumed


def own_webhook(connection: ProviderConnection, client: InstantlyClient) -> Webhook:
    """Return our subscription. Raises ConnectionUnusable where there is none."""
    found = own_webhooks(client)
    if not found:
        raise ConnectionUnusable(message("webhook.none", name=connection.name, address=settings.INSTANTLY_WEBHOOK_URL))
    return found[0]


def send_test(connection: ProviderConnection, client: InstantlyClient) -> WebhookTest:
    """Ask Instantly to send a test delivery to our subscription. A failed delivery is a result, not an error."""
    return client.test_webhook(own_webhook(connection, client).id)


def _secrets(connection: ProviderConnection, *, issue: bool) -> list[str]:
    """Return the valid webhook secrets of the connection, newest first."""
    with rls.scope(rls.SYSTEM):
        valid = WebhookSecret.objects.filter(connection=connection).valid(timezone.now()).order_by("-created_at", "-id")
        secrets = [row.secret for row in valid]
        if not secrets and issue:
            secrets = [WebhookSecret.objects.issue(connection).secret]
    return secrets


def _require_reachable() -> None:
    """Raise unless our webhook URL is public and uses https: a delivery's header contains the secret.

    Instantly cannot deliver to this machine's own address; the emulator, which runs here too, can.
    """
    scheme = urlsplit(settings.INSTANTLY_WEBHOOK_URL).scheme.lower()
    hook, api = (urlsplit(url).hostname or "" for url in (settings.INSTANTLY_WEBHOOK_URL, settings.INSTANTLY_BASE_URL))
    if _is_local(hook) and not _is_local(api):
        raise ConnectionUnusable(message("webhook.unreachable", address=settings.INSTANTLY_WEBHOOK_URL))
    if scheme != "https" and not (scheme == "http" and _is_local(hook)):
        raise ConnectionUnusable(
            message("webhook.insecure", address=settings.INSTANTLY_WEBHOOK_URL, scheme=scheme or "–")
        )


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
