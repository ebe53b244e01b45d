"""Simulated progress of a lead through a campaign's steps: entry, next step, exit."""

from ..state.tables import Row
from ..state.workspaces import Workspace


def steps_of(campaign: Row) -> list[Row]:
    """Return the steps that are sent: those of the first sequence that have variants."""
    sequences = campaign["sequences"] or []
    return [step for step in sequences[0]["steps"] if step["variants"]] if sequences else []


def add_to_sequence(workspace: Workspace, lead: Row) -> None:
    """Queue a lead that was just added to a campaign for its first mail."""
    sending = workspace.sending[lead["campaign"]]
    sending.fresh.append(lead["id"])
    sending.open_leads += 1
    if lead["email"]:
        sending.lead_of[lead["email"].lower()] = lead["id"]


def remove_from_sequence(workspace: Workspace, lead: Row) -> None:
    """Remove a lead that was deleted or moved from its campaign's queues."""
    sending = workspace.sending.get(lead["campaign"] or "")
    if sending is None:
        return
    if lead["status"] == 1:
        sending.open_leads -= 1
    sending.lead_of.pop((lead["email"] or "").lower(), None)
    for queue in (sending.fresh, sending.due):
        if lead["id"] in queue:
            queue.remove(lead["id"])


def end_sequence(workspace: Workspace, lead: Row, status: int) -> None:
    """End a lead's sequence with this status; a later bounce or unsubscribe replaces a completion."""
    sending = workspace.sending.get(lead["campaign"] or "")
    if lead["status"] == 1 and sending is not None:
        sending.open_leads -= 1
    lead["status"] = status


def steps_sent(workspace: Workspace, lead: Row) -> int:
    """Return the number of mails sent to a lead."""
    return len(workspace.threads.get(lead["id"], {}).get("mails", []))


def step_and_variant(workspace: Workspace, lead: Row, mail: Row) -> tuple[int | None, int | None]:
    """Return step and variant (both from 1) of a mail sent to a lead."""
    for mail_id, step, variant in workspace.threads.get(lead["id"], {}).get("mails", []):
        if mail_id == mail["id"]:
            return step, variant
    return None, None
