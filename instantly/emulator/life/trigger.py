"""One chosen event, now: for tests and demonstrations that cannot wait for the dice."""

from typing import TYPE_CHECKING

from ..state.journal import Happening
from ..state.tables import Row
from ..state.vocabulary import INTEREST_EVENTS
from ..state.workspaces import Workspace
from . import transitions
from .engine import healthy_senders

if TYPE_CHECKING:
    from ..fake import FakeInstantly

REACTIONS = {
    "email_opened": transitions.opened,
    "link_clicked": transitions.clicked,
    "email_bounced": transitions.bounced,
    "lead_unsubscribed": transitions.unsubscribed,
}


def make_happen(
    fake: "FakeInstantly", workspace_id: str, event: str, *, campaign: str | None = None, lead: str | None = None
) -> Happening:
    """Let ``event`` (its delivered name, or a custom label's text) happen in a campaign, to a lead given by address.

    Without a campaign the first active one is taken, without a lead one that was written to; where nobody was, a mail
    is sent first. Answers the happening. Raises ValueError where that cannot be, KeyError for an unknown workspace.
    """
    with fake.lock:
        space = fake.workspace(workspace_id)
        before = len(space.journal)
        if event in ("account_error", "supersearch_enrichment_completed"):
            sender = next((row["email"] for row in space.accounts), None) if event == "account_error" else None
            return fake.chronicle.happen(space, event, sender=sender)
        row = _campaign(space, campaign)
        if event == "campaign_completed":
            transitions.complete_campaign(fake, space, row)
        elif event == "email_sent":
            _send(fake, space, row)
        else:
            _to_a_lead(fake, space, row, event, lead)
        return space.journal.since(before, len(space.journal))[-1]


def _to_a_lead(fake: "FakeInstantly", space: Workspace, row: Row, event: str, address: str | None) -> None:
    person, mail = _written_to(fake, space, row, address)
    values = {word: value for value, word in INTEREST_EVENTS.items()}
    values |= {label["label"]: label["interest_status"] for label in space.lead_labels}
    if event in REACTIONS:
        REACTIONS[event](fake, space, person, mail)
    elif event in ("reply_received", "auto_reply_received"):
        automatic = event == "auto_reply_received"
        kind = "automatic" if automatic else "interested"
        transitions.replied(fake, space, person, mail, kind=kind, automatic=automatic)
    elif event == "campaign_completed_for_lead_without_reply":
        transitions.finished_without_reply(fake, space, person)
    elif event in values:
        replies = [row for row in space.emails.walk(newest_first=True) if row["lead_id"] == person["id"]]
        reply = next((row for row in replies if row["ue_type"] == 2), None)
        fake.chronicle.change_interest(space, person, values[event], reply)
    else:
        raise ValueError(f"No such event: {event}. Known are the delivered names and the workspace's labels.")


def _campaign(space: Workspace, id: str | None) -> Row:
    row = space.campaigns.get(id) if id else space.campaigns.get(next(iter(space.active_campaigns()), ""))
    if row is None:
        raise ValueError(f"No campaign {id}" if id else f"Workspace {space.name} has no active campaign")
    return row


def _written_to(fake: "FakeInstantly", space: Workspace, row: Row, address: str | None) -> tuple[Row, Row]:
    """A lead of the campaign and the last mail it got."""
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
    return _send(fake, space, row)


def _send(fake: "FakeInstantly", space: Workspace, row: Row) -> tuple[Row, Row]:
    """Write to somebody new, without throwing the dice for what comes of it."""
    senders = healthy_senders(space, row)
    if not senders or not transitions.steps_of(row):
        raise ValueError(f"Campaign {row['name']} has no healthy account or no step to send")
    lead = fake.life.add_lead(space, row)
    space.sending[row["id"]].fresh.remove(lead["id"])
    return lead, transitions.send(fake, space, row, lead, senders[0], 0)
