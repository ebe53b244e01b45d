"""Connection diagnostics: independent, timed checks."""

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
"""What sync, feed and gap repair ask; each needs its scope."""

Step = tuple[str, Callable[[], str]]


def run_diagnostics(connection: ProviderConnection) -> list[dict[str, Any]]:
    """Return {step, ok, detail, milliseconds} of each step. Changes nothing, raises nothing of Instantly's."""
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
    """The call worked and what it says is not as it should be."""


class _Steps:
    def __init__(self, connection: ProviderConnection, client: InstantlyClient) -> None:
        self.connection, self.client = connection, client

    def all(self) -> Iterator[Step]:
        yield "client", lambda: f"for {self.client!r}"
        yield "connection", self._connection
        yield "workspace", self._workspace
        yield "campaigns", lambda: self._first_page(self.client.campaigns(), "campaigns")
        yield "email accounts", lambda: self._first_page(self.client.email_accounts(), "email accounts")
        yield "webhook", self._webhook
        yield "scopes", self._scopes
        yield "latency", self._latency

    def _connection(self) -> str:
        key = (
            f"key …{self.connection.api_key_last4}"
            if self.connection.api_key_last4
            else "key too short to show its end"
        )
        whose = self.connection.organization.name if self.connection.organization else "shared"
        self.client.current_workspace()
        return f"{key} is accepted; {whose}"

    def _workspace(self) -> str:
        pinned = self.connection.workspace_id
        workspace = self.client.require_workspace(pinned) if pinned else self.client.current_workspace()
        return f"{workspace.name} ({workspace.id})" + ("" if pinned else ", not pinned yet: the first sync does that")

    def _first_page(self, listing: Any, what: str) -> str:
        page: list[Any] = next(listing.pages(), [])
        more = " or more" if not listing.complete and len(page) == 100 else ""
        misfits = f", {len(listing.rejected)} that do not fit" if listing.rejected else ""
        return f"{len(page)}{more} {what}{misfits}"

    def _webhook(self) -> str:
        webhook = webhook_subscription.own_webhook(self.connection, self.client)
        if webhook.status == WebhookStatus.DISABLED:
            raise _CheckFailed(
                f"Instantly switched it off at {webhook.timestamp_error}; "
                f"resume it: manage.py resume_webhook --connection {self.connection.name}"
            )
        return f"{webhook.event_type} to {webhook.target_hook_url}"

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
            raise _CheckFailed(f"The key lacks {', '.join(lacking)}; give them to it in Instantly, or make a new key.")
        return f"the key may read all {len(NEEDED)} that are needed"

    def _latency(self) -> str:
        took = sorted(timed(self.client.current_workspace)[1] for _ in range(3))
        use = budget_of(self.connection).usage("general")
        return f"{took[1]} ms, median of 3; rate budget {use.used} of {use.limit} used in {use.seconds:.0f} s"
