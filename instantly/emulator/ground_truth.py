"""Reference stats (ground truth) counted from the emulator's journal, to compare the product with."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from .state.journal import RecordedEvent
from .state.vocabulary import EVENTS
from .state.workspaces import Workspace

# stat -> the delivered event whose occurrences it counts
OCCURRENCES = {
    "sent": "email_sent",
    "opens": "email_opened",
    "clicks": "link_clicked",
    "replies": "reply_received",
    "auto_replies": "auto_reply_received",
    "bounces": "email_bounced",
    "unsubscribes": "lead_unsubscribed",
    "interested": "lead_interested",
    "not_interested": "lead_not_interested",
    "meetings_booked": "lead_meeting_booked",
    "meetings_completed": "lead_meeting_completed",
    "closed": "lead_closed",
    "neutral": "lead_neutral",
    "out_of_office": "lead_out_of_office",
    "wrong_person": "lead_wrong_person",
    "no_shows": "lead_no_show",
    "finished_without_reply": "campaign_completed_for_lead_without_reply",
}
# stat -> the delivered event whose distinct mails it counts
DISTINCT_MAILS = {
    "unique_opens": "email_opened",
    "unique_clicks": "link_clicked",
    "unique_replies": "reply_received",
}


def count_stats(events: Iterable[RecordedEvent]) -> dict[str, Any]:
    """Return the totals of the given events.

    ``unique_*`` count sent mails with at least one event, ``leads_*`` count addresses, the others occurrences;
    ``by_event`` counts by delivered name, custom labels by their text.
    """
    by_event: Counter[str] = Counter()
    mails: defaultdict[str, set[str | None]] = defaultdict(set)
    leads: defaultdict[str, set[tuple[str | None, str | None]]] = defaultdict(set)
    for event in events:
        by_event[event.event_type] += 1
        mails[event.event_type].add(event.mail_id)
        leads[event.event_type].add((event.campaign_id, event.lead_email))
    return {
        **{stat: by_event[name] for stat, name in OCCURRENCES.items()},
        **{stat: len(mails[name]) for stat, name in DISTINCT_MAILS.items()},
        "leads_contacted": len(leads["email_sent"]),
        "leads_opened": len(leads["email_opened"]),
        "leads_replied": len(leads["reply_received"]),
        "custom_labels": sum(count for name, count in by_event.items() if name not in EVENTS),
        "events": sum(by_event.values()),
        "by_event": dict(sorted(by_event.items())),
    }


def workspace_stats(workspace: Workspace) -> dict[str, Any]:
    """Return the totals of a workspace and of each of its campaigns."""
    return {
        "name": workspace.name,
        **count_stats(workspace.journal.everything()),
        "campaigns": {
            row["id"]: {"name": row["name"], **count_stats(workspace.journal.of_campaign(row["id"]))}
            for row in workspace.campaigns
        },
    }
