"""Record an emulated event: one journal entry, one payload, one delivery per subscribed webhook.

Every event passes through ``record_event``, whether the simulated leads or an API call caused it. Therefore analytics,
ground truth and deliveries always agree.
"""

from typing import Any

from .deliveries.enqueue import enqueue
from .deliveries.payloads import EventContext, build_payload
from .simulation import Simulation
from .state.clock import iso, parse_instant
from .state.journal import RecordedEvent
from .state.tables import Row
from .state.vocabulary import INTEREST_EVENTS
from .state.workspaces import Workspace


def record_event(
    simulation: Simulation,
    workspace: Workspace,
    event_type: str,
    *,
    campaign: Row | None = None,
    lead: Row | None = None,
    sender: str | None = None,
    mail: Row | None = None,
    reply: Row | None = None,
    step: int | None = None,
    variant: int | None = None,
    interest_value: float | None = None,
    counts: bool = True,
) -> RecordedEvent:
    """Record an event and queue its deliveries. ``mail`` is the sent mail it concerns, ``reply`` the reply to it."""
    assumptions = simulation.assumptions
    context = EventContext(
        event_type=event_type,
        ms=simulation.clock.now_ms(),
        workspace_id=workspace.id,
        campaign=campaign,
        lead=lead,
        step=step,
        variant=variant,
        sender=workspace.typed_addresses.get(sender, sender) if sender else None,
        is_first=_is_first(workspace, lead, event_type) if sender and lead else None,
        mail=mail,
        reply=reply,
        include_email_id=event_type == "email_sent" and assumptions.email_id_on_sent_mails,
        own_thread_id=assumptions.webhook_thread_ids == "own",
    )
    payload = build_payload(context, lead_variables_win=assumptions.lead_variables_win)
    event = _to_record(context, payload, sender, counts)
    workspace.journal.append(event)
    if simulation.observer:
        simulation.observer.saw_event(workspace.id, payload)
    enqueue(simulation, workspace, payload, event.campaign_id, interest_value)
    return event


def _to_record(context: EventContext, payload: dict[str, Any], sender: str | None, counts: bool) -> RecordedEvent:
    return RecordedEvent(
        ms=context.ms,
        event_type=context.event_type,
        campaign_id=context.campaign["id"] if context.campaign else None,
        lead_email=context.lead["email"] if context.lead else None,
        step=context.step,
        variant=context.variant,
        email_account=sender,
        mail_id=context.mail["id"] if context.mail else None,
        email_id=payload.get("email_id"),
        counts=counts,
    )


def change_interest(
    simulation: Simulation, workspace: Workspace, lead: Row, value: float | None, reply: Row | None = None
) -> RecordedEvent | None:
    """Set a lead's interest status and record the event, if one exists for this status.

    A change within ``interest_quiet_seconds`` of the previous one is delivered, but not counted by analytics.
    """
    now_ms = simulation.clock.now_ms()
    previous = lead["timestamp_last_interest_change"]
    quiet_ms = simulation.assumptions.interest_quiet_seconds * 1000
    counts = previous is None or now_ms - parse_instant(previous) >= quiet_ms
    lead.update(timestamp_last_interest_change=iso(now_ms), timestamp_updated=iso(now_ms))
    if value is None:
        lead.pop("lt_interest_status", None)
    else:
        lead["lt_interest_status"] = value
    event_type = INTEREST_EVENTS.get(value) or _label(workspace, value)
    if event_type is None:
        return None
    thread = workspace.threads.get(lead["id"], {})
    step, variant = (thread["mails"][-1][1:]) if thread.get("mails") else (None, None)
    return record_event(
        simulation,
        workspace,
        event_type,
        campaign=workspace.campaigns.get(lead["campaign"] or ""),
        lead=lead,
        reply=reply,
        step=step,
        variant=variant,
        interest_value=value,
        counts=counts,
    )


def _label(workspace: Workspace, value: float | None) -> str | None:
    labels = (row["label"] for row in workspace.lead_labels if row["interest_status"] == value)
    return next(labels, None)


def _is_first(workspace: Workspace, lead: Row, event_type: str) -> bool:
    """True for the first event of this type of a lead; remembers it."""
    seen = workspace.threads.setdefault(lead["id"], {}).setdefault("seen", [])
    if event_type in seen:
        return False
    seen.append(event_type)
    return True
