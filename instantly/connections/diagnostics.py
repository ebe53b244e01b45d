"""Diagnose a connection to Instantly: independent, timed checks of key, workspace, webhook and lists."""

from collections.abc import Callable, Iterator
from typing import Any

from accounts.models import ProviderConnection
from instantly.client import OPERATIONS, InstantlyClient
from instantly.client.errors import Forbidden, InstantlyError
from instantly.connections import webhook_subscription
from instantly.connections.api_probe import timed
from instantly.connections.rate_limiter import budget_of
from instantly.connections.services import ConnectionUnusable, client_for
from instantly.schemas import WebhookStatus
from salesbrain.kernel.messages import message

NEEDED = (
    "current_workspace",
    "campaigns",
    "email_accounts",
    "leads",
    "emails",
    "webhooks",
    "webhook_events",
    "lead_labels",
)
"""Operations that sync, feed and gap repair need; each requires its scope."""

Step = tuple[str, Callable[[], str]]


def run_diagnostics(connection: ProviderConnection) -> list[dict[str, Any]]:
    """Return {step, ok, detail, milliseconds} of each check. Changes nothing and raises no error of Instantly's."""
    try:
        client = client_for(connection)
    except ConnectionUnusable as error:
        return [{"step": "client", "ok": False, "detail": str(error), "milliseconds": 0}]
    steps: list[dict[str, Any]] = []
    with client:
        for name, step in _Steps(connection, client).all():
            try:
                detail, took = timed(step)
                steps.append({"step": name, "ok": True, "detail": detail, "milliseconds": took})
            except (InstantlyError, ConnectionUnusable, _CheckFailed) as error:
                steps.append({"step": name, "ok": False, "detail": str(error), "milliseconds": 0})
    return steps


class _CheckFailed(Exception):
    """Error: the call worked, but its response is not as it should be."""


class _Steps:
    def __init__(self, connection: ProviderConnection, client: InstantlyClient) -> None:
        self.connection, self.client = connection, client

    def all(self) -> Iterator[Step]:
        yield "client", lambda: message("test.client", client=repr(self.client))
        yield "connection", self._connection
        yield "workspace", self._workspace
        yield "campaigns", lambda: self._first_page(self.client.campaigns(), "campaigns")
        yield "email accounts", lambda: self._first_page(self.client.email_accounts(), "email accounts")
        yield "webhook", self._webhook
        yield "scopes", self._scopes
        yield "latency", self._latency

    def _connection(self) -> str:
        whose = self.connection.organization.name if self.connection.organization else message("test.shared")
        self.client.current_workspace()
        if end := self.connection.api_key_last4:
            return message("test.key_accepted", end=end, whose=whose)
        return message("test.short_key_accepted", whose=whose)

    def _workspace(self) -> str:
        pinned = self.connection.workspace_id
        workspace = self.client.require_workspace(pinned) if pinned else self.client.current_workspace()
        return message(
            "test.workspace" if pinned else "test.workspace_not_pinned", name=workspace.name, id=workspace.id
        )

    def _first_page(self, listing: Any, what: str) -> str:
        page: list[Any] = next(listing.pages(), [])
        more = not listing.complete and len(page) == 100
        said = message("test.listed_or_more" if more else "test.listed", count=len(page), what=message(f"step.{what}"))
        return message("test.misfits", listed=said, count=len(listing.rejected)) if listing.rejected else said

    def _webhook(self) -> str:
        webhook = webhook_subscription.own_webhook(self.connection, self.client)
        if webhook.status == WebhookStatus.DISABLED:
            raise _CheckFailed(message("test.webhook_off", at=str(webhook.timestamp_error), name=self.connection.name))
        return message("test.webhook", events=str(webhook.event_type), address=webhook.target_hook_url)

    def _scopes(self) -> str:
        lacking = []
        for name in NEEDED:
            operation = OPERATIONS[name]
            limit = {"limit": 1}
            try:
                self.client.call(
                    operation,
                    query=limit if "limit" in operation.query else {},
                    body=limit if operation.body and "limit" in operation.body else {},
                )
            except Forbidden:
                lacking.append(operation.scope or str(operation))
        if lacking:
            raise _CheckFailed(message("test.scopes_lacking", scopes=", ".join(lacking)))
        return message("test.scopes", count=len(NEEDED))

    def _latency(self) -> str:
        took = sorted(timed(self.client.current_workspace)[1] for _ in range(3))
        use = budget_of(self.connection).usage("general")
        return message("test.latency", ms=took[1], used=use.used, limit=use.limit, seconds=f"{use.seconds:.0f}")
