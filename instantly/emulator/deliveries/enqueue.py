"""Enqueue an emulated event for every subscribed webhook, applying the configured delivery faults.

Call with the lock held.
"""

import random

from ..simulation import Simulation
from ..state.deliveries import Attempt, DeliveryFaults
from ..state.tables import Row
from ..state.vocabulary import ALL_EVENTS, EVENTS
from ..state.workspaces import Workspace
from ..wire import DeliveryResult
from .log import log_attempt


def enqueue(
    simulation: Simulation,
    workspace: Workspace,
    payload: Row,
    campaign_id: str | None,
    interest_value: float | None = None,
) -> int:
    """Queue one event for every webhook that subscribes to it; returns the number of webhooks."""
    deliveries = simulation.deliveries
    count = 0
    for webhook in workspace.webhooks.walk(newest_first=False):
        if not subscribes(webhook, payload["event_type"], campaign_id, interest_value):
            continue
        if webhook["status"] != 1:
            if simulation.assumptions.log_while_disabled:
                log_attempt(simulation, workspace, webhook, payload, DeliveryResult(error="Webhook is disabled"))
            continue
        count += 1
        lost, delays_ms = draw_faults(deliveries.faults, deliveries.rng)
        if lost:
            deliveries.stats.lost += 1
            log_attempt(simulation, workspace, webhook, payload, DeliveryResult(error="socket hang up"))
        for delay_ms in delays_ms:
            now_ms = simulation.clock.now_ms()
            group_id = deliveries.ids.v7(now_ms)
            deliveries.queue.put(Attempt(now_ms + delay_ms, 0, workspace.id, webhook["id"], payload, group_id))
    if count:
        deliveries.changed.notify(count)
    return count


def subscribes(webhook: Row, event_type: str, campaign_id: str | None, interest_value: float | None) -> bool:
    """True if a webhook subscribes to this event.

    ``all_events`` matches everything; a name matches its event (``email_link_clicked`` matches ``link_clicked``);
    without a name, ``custom_interest_value`` matches the custom label of that number. A campaign narrows it further.
    """
    if webhook["campaign"] is not None and webhook["campaign"] != campaign_id:
        return False
    subscribed = webhook.get("event_type")
    if subscribed == ALL_EVENTS:
        return True
    if subscribed is None:
        return webhook["custom_interest_value"] is not None and webhook["custom_interest_value"] == interest_value
    return event_type in EVENTS and EVENTS[event_type][0] == subscribed


def draw_faults(faults: DeliveryFaults, rng: random.Random) -> tuple[bool, list[int]]:
    """(lost, delay in ms of each copy); ``(False, [0])`` is an undisturbed delivery."""
    if faults.drop and rng.random() < faults.drop:
        return True, []
    delays_ms = [0]
    if faults.reorder and rng.random() < faults.reorder:
        delays_ms = [round(rng.random() * faults.delay_seconds * 1000)]
    if faults.duplicates and rng.random() < faults.duplicates:
        delays_ms.append(round(rng.random() * faults.delay_seconds * 1000))
    return False, delays_ms
