"""Emulated delivery log: one row per attempt, as GET /webhook-events returns it.

Call with the lock held.
"""

from ..simulation import Simulation
from ..state.clock import day, iso
from ..state.deliveries import Attempt
from ..state.tables import Row
from ..state.workspaces import Workspace
from ..wire import DeliveryResult


def log_attempt(
    simulation: Simulation,
    workspace: Workspace,
    webhook: Row,
    payload: Row,
    result: DeliveryResult,
    attempt: Attempt | None = None,
    next_ms: int | None = None,
    elapsed_ms: int | None = None,
) -> Row:
    """Add a row for an attempt (None: an event that was not sent); ``next_ms`` is the time of the next retry."""
    now_ms = simulation.clock.now_ms()
    row = {
        "id": simulation.deliveries.ids.v7(now_ms),
        "timestamp_created": iso(now_ms),
        "timestamp_created_date": day(now_ms),
        "organization_id": workspace.id,
        "payload": payload,
        "success": result.success,
        "retry_count": attempt.retry_count if attempt else 0,
        "will_retry": next_ms is not None,
        "webhook_url": webhook["target_hook_url"],
        "status_code": result.status_code,
        "error_message": result.error_message,
        "timestamp_next_retry": None if next_ms is None else iso(next_ms),
        "retry_group_id": attempt.group_id if attempt else None,
        "retry_successful": result.success if attempt and attempt.retry_count else None,
        "lead_email": payload.get("lead_email"),
        "response_time_ms": elapsed_ms,
    }
    return workspace.webhook_events.add(row)


def set_final_result(workspace: Workspace, attempt: Attempt, success: bool) -> None:
    """Record the final result of a delivery in the rows of its earlier attempts."""
    for row_id in attempt.logged:
        if row := workspace.webhook_events.get(row_id):
            row["retry_successful"] = success


def cancel_retry(workspace: Workspace, attempt: Attempt) -> None:
    """Remove the announced retry from the row of the last attempt."""
    if attempt.logged and (row := workspace.webhook_events.get(attempt.logged[-1])):
        row.update(will_retry=False, timestamp_next_retry=None)


def apply_retention(workspace: Workspace, kept: int) -> None:
    """Drop the oldest rows beyond ``kept``, once there are 5 % too many."""
    if len(workspace.webhook_events) > kept * 1.05:
        workspace.webhook_events.forget_oldest(kept)
