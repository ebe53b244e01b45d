"""Emulated campaign analytics, counted from the event journal: totals, overview, by day, by step.

``EventCounts`` counts for all four endpoints, which differ in field names. Dates are interpreted as documented: a date
without time is midnight UTC of that day, at both ends. Days and steps without events are omitted.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from ..state.clock import day, parse_instant
from ..state.journal import RecordedEvent
from ..state.tables import Row
from ..state.vocabulary import CAMPAIGN_STATUSES, COMPLETED, OPPORTUNITIES, UNSUBSCRIBED
from ..state.workspaces import Workspace
from .errors import message_only
from .routing import Call, Route
from .validation import array, flag, number, text, uuid


class EventCounts:
    """Counts per event type: occurrences, distinct leads, distinct mails, distinct (lead, step)."""

    def __init__(self, events: Iterable[RecordedEvent]) -> None:
        self.total: Counter[str] = Counter()
        self._leads: defaultdict[str, set[Any]] = defaultdict(set)
        self._mails: defaultdict[str, set[Any]] = defaultdict(set)
        self._steps: defaultdict[str, set[Any]] = defaultdict(set)
        self.contacted: set[Any] = set()
        self.new_leads: set[Any] = set()
        self.interest: list[RecordedEvent] = []
        for event in events:
            kind, lead = event.event_type, (event.campaign_id, event.lead_email)
            self.total[kind] += 1
            self._leads[kind].add(lead)
            self._mails[kind].add(event.mail_id)
            self._steps[kind].add((*lead, event.step))
            if kind == "email_sent":
                self.contacted.add(lead)
                if event.step == 1:
                    self.new_leads.add(lead)
            elif kind in OPPORTUNITIES and event.counts:
                self.interest.append(event)

    def leads(self, kind: str) -> int:
        return len(self._leads[kind])

    def mails(self, kind: str) -> int:
        return len(self._mails[kind])

    def steps(self, kind: str) -> int:
        return len(self._steps[kind])

    def opportunities(self, *, every: bool) -> Counter[str]:
        """Count interest events by type: every change, or (as documented) only the first of each contact."""
        counted: Counter[str] = Counter()
        seen = set()
        for event in self.interest:
            contact = (event.campaign_id, event.lead_email)
            if every or contact not in seen:
                counted[event.event_type] += 1
            seen.add(contact)
        return counted


NOUNS = {"open": "email_opened", "link_click": "link_clicked", "reply": "reply_received"}


def _counts(tally: EventCounts, *, leads_for_opens: bool) -> Row:
    """Return the ``…_count`` fields that the endpoints for totals and overview share."""
    counts: Row = {}
    for noun, kind in NOUNS.items():
        counts[f"{noun}_count"] = tally.total[kind]
        counts[f"{noun}_count_unique"] = tally.leads(kind)
        counts[f"{noun}_count_unique_by_step"] = tally.steps(kind)
    if leads_for_opens:  # documented for totals: "leads that opened at least one email"
        counts["open_count"] = tally.leads("email_opened")
    else:  # documented for the overview: mails "that got opened (for the first time only)"
        counts["open_count_unique"] = tally.mails("email_opened")
        counts["link_click_count_unique"] = tally.mails("link_clicked")
    automatic = "auto_reply_received"
    counts["reply_count_automatic"] = tally.total[automatic]
    counts["reply_count_automatic_unique"] = tally.leads(automatic)
    counts["reply_count_automatic_unique_by_step"] = tally.steps(automatic)
    counts["bounced_count"] = tally.leads("email_bounced")
    counts["unsubscribed_count"] = tally.leads("lead_unsubscribed")
    counts["emails_sent_count"] = tally.total["email_sent"]
    counts["contacted_count"] = len(tally.contacted)
    counts["new_leads_contacted_count"] = len(tally.new_leads)
    return counts


def totals(call: Call) -> list[Row]:
    """GET /campaigns/analytics: one entry per campaign that has sent something."""
    start, end = time_window(call)
    result = []
    for row in _campaigns(call, _ids(call)):
        tally = EventCounts(call.workspace.journal.of_campaign(row["id"], start, end))
        if not tally.total["email_sent"]:
            continue
        found = sum(tally.opportunities(every=False).values())
        finished = _count_finished(call.workspace, row["id"])
        result.append(
            {
                "campaign_name": row["name"],
                "campaign_id": row["id"],
                "campaign_status": row["status"],
                "campaign_is_evergreen": bool(row["is_evergreen"]),
                "leads_count": 0 if call.query.get("exclude_total_leads_count") else _leads(call.workspace, row["id"]),
                **_counts(tally, leads_for_opens=True),
                "completed_count": finished,
                "total_opportunities": found,
                "total_opportunity_value": found * (row["pl_value"] or 0),
            }
        )
    return result


def overview(call: Call) -> Row:
    """GET /campaigns/analytics/overview: one object for all requested campaigns."""
    start, end = time_window(call)
    rows = _campaigns(call, _ids(call), call.query.get("campaign_status"))
    tally = EventCounts(event for row in rows for event in call.workspace.journal.of_campaign(row["id"], start, end))
    words = tally.opportunities(every=call.query.get("expand_crm_events", False))
    value = {row["id"]: row["pl_value"] or 0 for row in rows}
    first = {(event.campaign_id, event.lead_email): value[event.campaign_id or ""] for event in tally.interest}
    return {
        **_counts(tally, leads_for_opens=False),
        "completed_count": sum(_count_finished(call.workspace, row["id"]) for row in rows),
        "total_opportunities": sum(words.values()),
        "total_opportunity_value": sum(first.values()),
        "total_interested": words["lead_interested"],
        "total_meeting_booked": words["lead_meeting_booked"],
        "total_meeting_completed": words["lead_meeting_completed"],
        "total_closed": words["lead_closed"],
    }


def activity_fields(tally: EventCounts, *, with_contacts: bool = True) -> Row:
    """Return the fields that the daily and the per-step endpoints share."""
    row = {
        "sent": tally.total["email_sent"],
        "contacted": len(tally.contacted),
        "new_leads_contacted": len(tally.new_leads),
        "opened": tally.total["email_opened"],
        "unique_opened": tally.leads("email_opened"),
        "replies": tally.total["reply_received"],
        "unique_replies": tally.leads("reply_received"),
        "replies_automatic": tally.total["auto_reply_received"],
        "unique_replies_automatic": tally.leads("auto_reply_received"),
        "clicks": tally.total["link_clicked"],
        "unique_clicks": tally.leads("link_clicked"),
    }
    return row if with_contacts else {name: row[name] for name in row if not name.endswith("contacted")}


def _opportunities(tally: EventCounts) -> Row:
    return {
        "opportunities": sum(tally.opportunities(every=True).values()),
        "unique_opportunities": sum(tally.opportunities(every=False).values()),
    }


def daily(call: Call) -> list[Row]:
    """GET /campaigns/analytics/daily: one entry per UTC day, oldest first."""
    groups = _grouped(call, lambda event: day(event.ms))
    return [
        {"date": date, **activity_fields(tally := EventCounts(events)), **_opportunities(tally)}
        for date, events in sorted(groups.items())
    ]


def steps(call: Call) -> list[Row]:
    """GET /campaigns/analytics/steps: step (from 1) and variant (from 0; in webhooks from 1) as text."""
    groups = _grouped(call, lambda event: (event.step or 0, event.variant or 0))
    result = []
    for (step, variant), events in sorted(groups.items()):
        tally = EventCounts(events)
        row: Row = {"step": str(step) if step else None, "variant": str(variant - 1) if variant else None}
        row |= activity_fields(tally, with_contacts=False)
        if call.query.get("include_opportunities_count"):
            words = tally.opportunities(every=True)
            row |= {
                **_opportunities(tally),
                "meetings_booked": words["lead_meeting_booked"],
                "won": words["lead_closed"],
            }
        result.append(row)
    return result


def _grouped(call: Call, key: Callable[[RecordedEvent], Any]) -> dict[Any, list[RecordedEvent]]:
    start, end = time_window(call)
    id = call.query.get("campaign_id")
    groups: defaultdict[Any, list[RecordedEvent]] = defaultdict(list)
    for row in _campaigns(call, [id] if id else [], call.query.get("campaign_status")):
        for event in call.workspace.journal.of_campaign(row["id"], start, end):
            if event.lead_email:
                groups[key(event)].append(event)
    return groups


def time_window(call: Call) -> tuple[int | None, int | None]:
    """Return the requested time window as (start, end) in ms, both inclusive. Raises Refusal (400) for invalid dates or a wrong order."""
    try:
        start = parse_instant(call.query["start_date"]) if call.query.get("start_date") else None
        end = parse_instant(call.query["end_date"]) if call.query.get("end_date") else None
    except ValueError:
        raise message_only("Invalid date") from None
    if start is not None and end is not None and start > end:
        raise message_only("Start Date must be earlier than End Date")
    return start, end


def _ids(call: Call) -> list[str]:
    return [*([call.query["id"]] if call.query.get("id") else []), *call.query.get("ids", [])]


def _campaigns(call: Call, ids: list[str], status: float | None = None) -> list[Row]:
    rows = call.workspace.campaigns.walk(newest_first=False)
    return [row for row in rows if (not ids or row["id"] in ids) and (status is None or row["status"] == status)]


def _leads(workspace: Workspace, campaign_id: str) -> int:
    sending = workspace.sending.get(campaign_id)
    return len(sending.lead_of) if sending else 0


def _count_finished(workspace: Workspace, campaign_id: str) -> int:
    """Return the number of leads whose sequence has ended."""
    sending = workspace.sending.get(campaign_id)
    ids = sending.lead_of.values() if sending else ()
    leads = (workspace.leads.get(id) for id in ids)
    return sum(1 for lead in leads if lead and lead["status"] in (COMPLETED, UNSUBSCRIBED))


DATES = {"start_date": text(), "end_date": text()}
STATUS = number(choices=tuple(CAMPAIGN_STATUSES))
BY_ID = {"id": uuid(), "ids": array(uuid()), **DATES}

ROUTES = (
    Route("GET", "/campaigns/analytics", None, totals, query={**BY_ID, "exclude_total_leads_count": flag()}),
    Route(
        "GET",
        "/campaigns/analytics/overview",
        None,
        overview,
        query={**BY_ID, "campaign_status": STATUS, "expand_crm_events": flag()},
    ),
    Route(
        "GET",
        "/campaigns/analytics/daily",
        None,
        daily,
        query={"campaign_id": uuid(), **DATES, "campaign_status": STATUS},
    ),
    Route(
        "GET",
        "/campaigns/analytics/steps",
        None,
        steps,
        query={"campaign_id": uuid(), **DATES, "include_opportunities_count": flag()},
    ),
)
