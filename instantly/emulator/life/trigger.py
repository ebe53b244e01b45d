"""Trigger a chosen simulated event immediately, for tests and demonstrations."""

from .. import event_recorder
from ..simulation import Simulation
from ..state.journal import RecordedEvent
from ..state.tables import Row
from ..state.vocabulary import INTEREST_EVENTS
from ..state.workspaces import Workspace
from . import mail_events
from .campaign_status import complete_campaign
from .invented_leads import add_invented_lead
from .schedule import healthy_senders
from .sequences import steps_of

REACTIONS = {
    "email_opened": mail_events.opened,
    "link_clicked": mail_events.clicked,
    "email_bounced": mail_events.bounced,
    "lead_unsubscribed": mail_events.unsubscribed,
}


def trigger_event(
    simulation: Simulation, workspace_id: str, event: str, *, campaign: str | None = None, lead: str | None = None
) -> RecordedEvent:
    """Trigger ``event`` (a delivered name or a custom label's text) in a campaign, for a lead given by address.

    The default campaign is the first active one, the default lead one that was contacted; if there is none, a mail is
    sent to an invented lead first. Takes the lock; returns the last event recorded. Raises ValueError if the event is
    impossible, KeyError for an unknown workspace.
    """
    with simulation.lock:
        space = simulation.workspace(workspace_id)
        before = len(space.journal)
        if event in ("account_error", "supersearch_enrichment_completed"):
            sender = next((row["email"] for row in space.accounts), None) if event == "account_error" else None
            return event_recorder.record_event(simulation, space, event, sender=sender)
        row = _campaign(space, campaign)
        if event == "campaign_completed":
            complete_campaign(simulation, space, row)
        elif event == "email_sent":
            _send(simulation, space, row)
        else:
            _trigger_for_lead(simulation, space, row, event, lead)
        return space.journal.since(before, len(space.journal))[-1]


def _trigger_for_lead(simulation: Simulation, space: Workspace, row: Row, event: str, address: str | None) -> None:
    lead, mail = _contacted_lead(simulation, space, row, address)
    interest_values = {name: value for value, name in INTEREST_EVENTS.items()}
    interest_values |= {label["label"]: label["interest_status"] for label in space.lead_labels}
    if event in REACTIONS:
        REACTIONS[event](simulation, space, lead, mail)
    elif event in ("reply_received", "auto_reply_received"):
        automatic = event == "auto_reply_received"
        kind = "out_of_office" if automatic else "interested"
        mail_events.replied(simulation, space, lead, mail, kind=kind, automatic=automatic)
    elif event == "campaign_completed_for_lead_without_reply":
        mail_events.finished_without_reply(simulation, space, lead)
    elif event in interest_values:
        mails = (row for row in space.emails.walk(newest_first=True) if row["lead_id"] == lead["id"])
        reply = next((row for row in mails if row["ue_type"] == 2), None)
        event_recorder.change_interest(simulation, space, lead, interest_values[event], reply)
    else:
        raise ValueError(f"No such event: {event}. Known are the delivered names and the workspace's labels.")


def _campaign(space: Workspace, id: str | None) -> Row:
    row = space.campaigns.get(id) if id else space.campaigns.get(next(iter(space.active_campaigns()), ""))
    if row is None:
        raise ValueError(f"No campaign {id}" if id else f"Workspace {space.name} has no active campaign")
    return row


def _contacted_lead(simulation: Simulation, space: Workspace, row: Row, address: str | None) -> tuple[Row, Row]:
    """Return a lead of the campaign that was contacted, and the last mail sent to it."""
    ids = space.sending[row["id"]].lead_of
    wanted = [ids[address.lower()]] if address and address.lower() in ids else [] if address else list(ids.values())
    for id in reversed(wanted):
        mails = space.threads.get(id, {}).get("mails")
        mail = space.emails.get(mails[-1][0]) if mails else None
        lead = space.leads.get(id)
        if mail is not None and lead is not None:
            return lead, mail
    if address:
        raise ValueError(f"{address} was not written to in this campaign")
    return _send(simulation, space, row)


def _send(simulation: Simulation, space: Workspace, row: Row) -> tuple[Row, Row]:
    """Send the first step to an invented lead, without scheduling reactions."""
    senders = healthy_senders(space, row)
    if not senders or not steps_of(row):
        raise ValueError(f"Campaign {row['name']} has no healthy account or no step to send")
    lead = add_invented_lead(simulation, space, row)
    space.sending[row["id"]].fresh.remove(lead["id"])
    return lead, mail_events.send(simulation, space, row, lead, senders[0], 0)
