"""Fetch all leads and derive events that no webhook reported: sequence ends, bounces, interest, opens.

Instantly offers no filter by time of change, so this lists all leads; it is for gap repair and for once a day. A lead shows its last
open and click only: earlier missed ones stay unknown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import ProviderConnection
from campaigns.models import Campaign
from instantly.client import InstantlyClient
from instantly.reconciliation.statements import run_statement
from instantly.schemas import Lead, LeadStatus
from instantly.sync import statuses
from messaging.choices import Origin
from messaging.erasure import aliases as erasure
from salesbrain import rls
from salesbrain.kernel import db
from salesbrain.kernel.addresses import canonical_or_none

from . import backfill, lead_variables
from . import labels as known_labels

Labels = Mapping[Any, str | None]

SAME = timedelta(seconds=60)
"""Maximum difference between a lead's time and a delivery's of the same event."""


@dataclass
class LeadCounts:
    """Counts of a run. `undated`: opens and clicks that Instantly counts without a date, so that no event can be stored."""

    listed: int = 0
    backfilled: int = 0
    derived: int = 0
    variables: int = 0
    unreadable: int = 0
    undated: dict[str, int] = field(default_factory=lambda: {"opens": 0, "clicks": 0})


def reconcile_leads(
    connection: ProviderConnection, client: InstantlyClient, *, since: datetime, until: datetime, dry_run: bool = False
) -> LeadCounts:
    """Compare every lead of every campaign with our event log; store missing events between `since` and `until`.

    Older events happened before the connection existed. Newer ones may have a webhook on its way, which would be stored as a second event,
    because it has more fields or another millisecond. Raises InstantlyError.
    """
    counts, settled = LeadCounts(), backfill.timestamp(until)
    with rls.scope(rls.SYSTEM):
        present = Campaign.objects.filter(connection=connection, missing_since__isnull=True).order_by("provider_id")
        campaigns = list(present.values_list("id", "provider_id", "name"))
    listing_of_labels = client.lead_labels()
    labels = {label.interest_status: label.label for label in listing_of_labels}
    if listing_of_labels.complete and not dry_run and known_labels.store_labels(connection, labels.values()):
        known_labels.judge_again(connection.pk)
    for id, provider_id, name in campaigns:
        listing = client.leads(campaign=provider_id)
        for page in listing.pages():
            leads = {email: lead for lead in page if (email := canonical_or_none(lead.email or ""))}
            counts.listed += len(page)
            if not dry_run:
                counts.variables += lead_variables.store_variables(id, leads)
            told: dict[Origin, list[dict[str, Any]]] = {Origin.BACKFILL: [], Origin.DERIVED: []}
            known = _recorded_events(id, list(leads))
            for email, lead in leads.items():
                untold = list(_missing_events(lead, known.get(email, {}), labels, since))
                for origin, facts in untold:
                    if facts["timestamp"] <= settled:
                        told[origin].append(_body(connection, provider_id, name, email, lead) | facts)
                if not any(at and at > until for at in (lead.timestamp_last_open, lead.timestamp_last_click)):
                    _count_undated(lead, known.get(email, {}), [facts["event_type"] for _, facts in untold], counts)
            if any(told.values()) and not dry_run:
                backfill.mark_campaigns(connection, [provider_id], "has_repaired_leads")
            counts.backfilled += backfill.store_missing(
                connection, told[Origin.BACKFILL], origin=Origin.BACKFILL, dry_run=dry_run
            )
            counts.derived += backfill.store_missing(
                connection, told[Origin.DERIVED], origin=Origin.DERIVED, dry_run=dry_run
            )
        counts.unreadable += len(listing.rejected)
    return counts


def _count_undated(lead: Lead, known: dict[str, Any], told: list[str], counts: LeadCounts) -> None:
    """Count the lead's opens and clicks that are neither in our log nor among the events just found."""
    for figure, theirs, event_type in (
        ("opens", lead.email_open_count, "email_opened"),
        ("clicks", lead.email_click_count, "link_clicked"),
    ):
        counts.undated[figure] += max(0, int(theirs or 0) - known.get(figure, 0) - told.count(event_type))


def _recorded_events(campaign_id: Any, emails: list[str]) -> dict[str, dict[str, Any]]:
    """Return the latest recorded event of each kind, by lead; for an erased person under the alias."""
    with rls.scope(rls.SYSTEM):
        owner = Campaign.objects.values_list("organization_id", flat=True).get(pk=campaign_id)
        aliases = {email: alias for (_, email), alias in erasure.aliases({(owner, email) for email in emails}).items()}
        known_as = {email: aliases.get(email, email) for email in emails}
        db.disable_seqscan()
        cursor = run_statement("lead_events", {"campaign": campaign_id, "leads": list(known_as.values())})
        names = [column.name for column in cursor.description]
        found = {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in cursor}
    return {email: found[known] for email, known in known_as.items() if known in found}


def _missing_events(
    lead: Lead, known: dict[str, Any], labels: Labels, since: datetime
) -> Iterator[tuple[Origin, dict[str, Any]]]:
    """Yield the events that a lead reports and our log lacks, as (field of the lead, body of the delivery to store)."""
    changed = lead.timestamp_updated or lead.timestamp_created
    for name, at, step, variant in (
        ("email_opened", lead.timestamp_last_open, lead.email_opened_step, lead.email_opened_variant),
        ("link_clicked", lead.timestamp_last_click, lead.email_clicked_step, lead.email_clicked_variant),
    ):
        if at and at >= since and _later(at, known.get(name)):
            yield Origin.BACKFILL, _event(name, at, step=step, variant=variant)
    interest = _interest(lead, labels)
    told_at = lead.timestamp_last_interest_change
    if interest and told_at and told_at >= since and _later(told_at, known.get("interest")):
        yield Origin.BACKFILL, _event(interest, told_at)
    if changed is None or changed < since:
        return
    if lead.status == LeadStatus.UNSUBSCRIBED and known.get("lead_unsubscribed") is None:
        yield Origin.BACKFILL, _event("lead_unsubscribed", changed)
    if lead.status == LeadStatus.BOUNCED and known.get("email_bounced") is None:
        place = {"step": known.get("last_step"), "variant": known.get("last_variant")}  # what bounced is what went last
        yield Origin.BACKFILL, _event("email_bounced", changed, **place)
    if lead.status == statuses.LEAD_COMPLETED and known.get("lead_completed") is None:
        yield Origin.DERIVED, _event("lead_completed", changed)
    if lead.status in statuses.LEAD_FAILED and known.get("lead_error") is None:
        yield Origin.DERIVED, _event("lead_error", changed, reason=statuses.LEAD_FAILED[int(lead.status)])


def _later(at: datetime, known: datetime | None) -> bool:
    return known is None or at > known + SAME


def _interest(lead: Lead, labels: Labels) -> str | None:
    """Return the event that would have reported the lead's interest: its name, or a custom label's text."""
    number = statuses.code(lead.lt_interest_status)
    if number is None:
        return None
    return statuses.INTEREST.get(number) or labels.get(number)


def _event(name: str, at: datetime, **facts: Any) -> dict[str, Any]:
    return {"event_type": name, "timestamp": backfill.timestamp(at)} | facts


def _body(connection: ProviderConnection, campaign: str, name: str, email: str, lead: Lead) -> dict[str, Any]:
    told = {
        "firstName": lead.first_name,
        "lastName": lead.last_name,
        "companyName": lead.company_name,
        "phone": lead.phone,
        "website": lead.website,
    }
    return {
        "workspace": connection.workspace_id,
        "campaign_id": campaign,
        "campaign_name": name,
        "lead_email": email,
        **{key: value for key, value in told.items() if value},
    }
