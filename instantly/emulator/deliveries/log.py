"""The log of deliveries: one row an attempt, as GET /webhook-events answers it."""

from ..state.clock import Clock, day, iso
from ..state.identifiers import Identifiers
from ..state.tables import Row
from ..state.workspaces import Workspace
from .queue import Attempt
from .transport import Outcome


class DeliveryLog:
    """Writes rows into a workspace's ``webhook_events``. With the lock held."""

    def __init__(self, clock: Clock, ids: Identifiers) -> None:
        self._clock = clock
        self._ids = ids

    def write(
        self,
        workspace: Workspace,
        webhook: Row,
        payload: Row,
        outcome: Outcome,
        attempt: Attempt | None = None,
        next_ms: int | None = None,
        elapsed_ms: int | None = None,
    ) -> Row:
        """One attempt and its outcome (none: an event nobody tried to deliver); ``next_ms`` is when it is retried."""
        now_ms = self._clock.now_ms()
        row = {
            "id": self._ids.v7(now_ms),
            "timestamp_created": iso(now_ms),
            "timestamp_created_date": day(now_ms),
            "organization_id": workspace.id,
            "payload": payload,
            "success": outcome.success,
            "retry_count": attempt.retry_count if attempt else 0,
            "will_retry": next_ms is not None,
            "webhook_url": webhook["target_hook_url"],
            "status_code": outcome.status_code,
            "error_message": outcome.error_message,
            "timestamp_next_retry": None if next_ms is None else iso(next_ms),
            "retry_group_id": attempt.group_id if attempt else None,
            "retry_successful": outcome.success if attempt and attempt.retry_count else None,
            "lead_email": payload.get("lead_email"),
            "response_time_ms": elapsed_ms,
        }
        return workspace.webhook_events.add(row)

    @staticmethod
    def tell_earlier(workspace: Workspace, attempt: Attempt, success: bool) -> None:
        """Note at a delivery's earlier attempts how it ended."""
        for row_id in attempt.logged:
            if row := workspace.webhook_events.get(row_id):
                row["retry_successful"] = success

    @staticmethod
    def take_back_retry(workspace: Workspace, attempt: Attempt) -> None:
        """Note at the last attempt that the one announced will not come."""
        if attempt.logged and (row := workspace.webhook_events.get(attempt.logged[-1])):
            row.update(will_retry=False, timestamp_next_retry=None)

    @staticmethod
    def forget_beyond(workspace: Workspace, kept: int) -> None:
        """Keep so many rows, give or take a twentieth."""
        if len(workspace.webhook_events) > kept * 1.05:
            workspace.webhook_events.forget_oldest(kept)
