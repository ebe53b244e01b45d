"""What really happened, counted from the journal: the figures everything else is to agree with."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from .state.journal import Happening
from .state.vocabulary import EVENTS
from .state.workspaces import Workspace

# figure -> the delivered event it counts
PLAIN = {
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
# figure -> the event whose mails (not occurrences) it counts
UNIQUE = {"unique_opens": "email_opened", "unique_clicks": "link_clicked", "unique_replies": "reply_received"}


def figures(happenings: Iterable[Happening]) -> dict[str, Any]:
    """Totals of the happenings given.

    Plain figures count occurrences; ``unique_*`` count sent mails with at least one; ``leads_*`` count addresses;
    ``by_event`` counts by delivered name, custom labels under their text.
    """
    by_event: Counter[str] = Counter()
    mails: defaultdict[str, set[str | None]] = defaultdict(set)
    leads: defaultdict[str, set[tuple[str | None, str | None]]] = defaultdict(set)
    for event in happenings:
        by_event[event.event_type] += 1
        mails[event.event_type].add(event.mail_id)
        leads[event.event_type].add((event.campaign_id, event.lead_email))
    return {
        **{figure: by_event[name] for figure, name in PLAIN.items()},
        **{figure: len(mails[name]) for figure, name in UNIQUE.items()},
        "leads_contacted": len(leads["email_sent"]),
        "leads_opened": len(leads["email_opened"]),
        "leads_replied": len(leads["reply_received"]),
        "custom_labels": sum(count for name, count in by_event.items() if name not in EVENTS),
        "events": sum(by_event.values()),
        "by_event": dict(sorted(by_event.items())),
    }


def of_workspace(workspace: Workspace) -> dict[str, Any]:
    return {
        "name": workspace.name,
        **figures(workspace.journal.everything()),
        "campaigns": {
            row["id"]: {"name": row["name"], **figures(workspace.journal.of_campaign(row["id"]))}
            for row in workspace.campaigns
        },
    }
