"""Emulated delivery attempts: send, retry, give up, disable and resume a webhook."""

import orjson

from ..simulation import Simulation
from ..state.clock import iso
from ..state.deliveries import Attempt
from ..state.tables import Row
from ..state.workspaces import Workspace
from ..wire import DeliveryResult
from . import log
from .transport import AXIOS_HEADERS


def take_due(simulation: Simulation) -> Attempt | None:
    """Return the next attempt that is due, marked as in flight. Call with the lock held."""
    deliveries = simulation.deliveries
    attempt = None if deliveries.paused else deliveries.queue.take_due(simulation.clock.now_ms())
    if attempt is not None:
        deliveries.in_flight[attempt.sequence] = attempt
    return attempt


def send_attempt(simulation: Simulation, attempt: Attempt) -> None:
    """POST one delivery attempt and record its result. Call without the lock: it is released during the POST."""
    with simulation.lock:
        workspace = simulation.workspaces.get(attempt.workspace_id)
        webhook = workspace.webhooks.get(attempt.webhook_id) if workspace else None
        if workspace is None or webhook is None or webhook["status"] != 1:
            _finish(simulation, attempt)
            return
        headers = webhook_headers(webhook)
        url = webhook["target_hook_url"]
        body = orjson.dumps(attempt.payload)
        started_ms = simulation.clock.now_ms()
    result = simulation.transport(url, body, headers, simulation.assumptions.delivery_timeout)
    with simulation.lock:
        elapsed_ms = simulation.clock.now_ms() - started_ms
        _record(simulation, workspace, webhook, attempt, result, elapsed_ms)
        _finish(simulation, attempt)


def webhook_headers(webhook: Row) -> dict[str, str]:
    """Return the headers of a delivery: axios' own, overridden by the webhook's in any letter case."""
    own = {str(name): str(value) for name, value in (webhook["headers"] or {}).items()}
    taken = {name.lower() for name in own}
    return {**{name: value for name, value in AXIOS_HEADERS.items() if name not in taken}, **own}


def resume_webhook(simulation: Simulation, webhook: Row) -> None:
    """Enable a disabled webhook again. Events of the disabled time are not sent afterwards."""
    webhook["status"] = 1
    webhook["timestamp_error"] = None
    simulation.deliveries.failures.pop(webhook["id"], None)


def _finish(simulation: Simulation, attempt: Attempt) -> None:
    simulation.deliveries.in_flight.pop(attempt.sequence, None)
    simulation.deliveries.changed.notify_all()


def _record(
    simulation: Simulation,
    workspace: Workspace,
    webhook: Row,
    attempt: Attempt,
    result: DeliveryResult,
    elapsed_ms: int,
) -> None:
    deliveries = simulation.deliveries
    deliveries.stats.attempts += 1
    next_ms = _next_retry_ms(simulation, workspace, webhook, attempt, result)
    row = log.log_attempt(simulation, workspace, webhook, attempt.payload, result, attempt, next_ms, elapsed_ms)
    log.apply_retention(workspace, simulation.assumptions.delivery_log_kept)
    if attempt.retry_count and next_ms is None:
        log.set_final_result(workspace, attempt, result.success)
    if next_ms is not None:
        attempt.logged.append(row["id"])
        retry = Attempt(
            next_ms, 0, workspace.id, webhook["id"], attempt.payload, attempt.group_id, attempt.retry_count + 1
        )
        retry.logged = attempt.logged
        deliveries.queue.put(retry)
    elif result.success:
        deliveries.stats.delivered += 1
        deliveries.failures.pop(webhook["id"], None)
    else:
        deliveries.stats.failed += 1
        _give_up(simulation, workspace, webhook)


def _next_retry_ms(
    simulation: Simulation, workspace: Workspace, webhook: Row, attempt: Attempt, result: DeliveryResult
) -> int | None:
    """Return the time of the next retry in ms, None if there is none."""
    delays = simulation.assumptions.retry_delays
    disabled = webhook["id"] not in workspace.webhooks or webhook["status"] != 1
    if result.success or disabled or attempt.retry_count >= len(delays):
        return None
    return simulation.clock.now_ms() + round(delays[attempt.retry_count] * 1000)


def _give_up(simulation: Simulation, workspace: Workspace, webhook: Row) -> None:
    """Count an event given up; disable its webhook after too many in a row."""
    deliveries = simulation.deliveries
    failures = deliveries.failures[webhook["id"]] = deliveries.failures.get(webhook["id"], 0) + 1
    if failures < simulation.assumptions.disable_after_failures or webhook["status"] != 1:
        return
    webhook["status"] = -1
    webhook["timestamp_error"] = iso(simulation.clock.now_ms())
    for waiting in deliveries.queue.remove_webhook(webhook["id"]):
        log.cancel_retry(workspace, waiting)
