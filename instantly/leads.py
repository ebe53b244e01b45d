"""Adding and deleting leads of a campaign at Instantly. Their contacts appear here with the first event about them."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from accounts.models import User
from accounts.services import record_audit
from campaigns.models import Campaign
from instantly.connect import client_for
from instantly.errors import InstantlyError, NotFound
from instantly.schemas import NewLead, reasons
from messaging.models import Suppression
from salesbrain import rls

ADDRESS = re.compile(r"[^@\s\x00-\x1f,;<>\"]{1,64}@[^@\s\x00-\x1f,;<>\"]{1,255}\.[^@\s.,;<>\"]{2,63}")
CHUNK = 1000


@dataclass
class LeadsReport:
    """What became of the leads given: given = invalid + repeated + suppressed + sent + unsent + uncertain.

    `uncertain` are those of a request whose answer was lost: look at Instantly before giving them again (a lead that is
    in the campaign already is skipped there, so giving them again adds nobody twice).
    """

    campaign: str
    given: int = 0
    sent: int = 0
    uploaded: int = 0
    skipped: int = 0
    unsent: int = 0
    uncertain: int = 0
    repeated: list[str] = field(default_factory=list)
    suppressed: list[str] = field(default_factory=list)
    invalid: list[dict[str, Any]] = field(default_factory=list)
    created: list[dict[str, str]] = field(default_factory=list)
    remaining_in_plan: int | float | None = None
    error: str = ""
    dry_run: bool = False

    def as_data(self) -> dict[str, Any]:
        return dict(self.__dict__)


def add_leads(
    campaign_id: UUID, given: Iterable[Mapping[str, Any]], *, actor: User | None, dry_run: bool = False
) -> LeadsReport:
    """Add leads to a campaign in requests of 1,000; return what became of each.

    A lead has email, first_name, last_name, company_name, job_title, phone, website, personalization, custom_variables.
    Wrong ones, repeated addresses and those the campaign's organization must not write to are left out and named.
    `dry_run` sends nothing. A failure of Instantly's in the middle is in the report; in the first request it is raised.
    Raises InstantlyError, ConnectionUnusable, Campaign.DoesNotExist.
    """
    with rls.scope(rls.SYSTEM):
        campaign = Campaign.objects.select_related("connection").get(pk=campaign_id)
    report = LeadsReport(campaign=str(campaign.pk), dry_run=dry_run)
    leads = _fit(list(given), campaign.organization_id, report)
    if dry_run or not leads:
        report.unsent = len(leads)
        return report
    try:
        with client_for(campaign.connection) as client:
            added = client.add_leads(
                leads, campaign_id=campaign.provider_id, skip_if_in_campaign=True, chunk_size=CHUNK
            )
            for chunk in added:
                _count(chunk, leads, report)
    except InstantlyError as error:
        lost = min(CHUNK, len(leads) - report.sent) if error.uncertain else 0
        report.uncertain, report.unsent = lost, len(leads) - report.sent - lost
        report.error = str(error)
        _note("lead.add", campaign, actor, report)
        if not report.sent and not lost:
            raise
        return report
    _note("lead.add", campaign, actor, report)
    return report


def delete_lead(lead_id: str, *, campaign_id: UUID, actor: User | None) -> str:
    """Delete a lead by Instantly's id from the campaign's workspace; return its address. What happened stays in our log.

    Raises NotFound where the workspace has no such lead or it is another campaign's; InstantlyError.
    """
    with rls.scope(rls.SYSTEM):
        campaign = Campaign.objects.select_related("connection").get(pk=campaign_id)
    with client_for(campaign.connection) as client:
        lead = client.lead(lead_id)
        if lead.campaign != campaign.provider_id:
            raise NotFound(f"The lead {lead_id} is not in the campaign {campaign}; nothing was deleted.", status=404)
        with suppress(NotFound):  # somebody was faster
            client.delete_lead(lead_id)
    with rls.scope(rls.SYSTEM):
        record_audit(action="lead.delete", actor=actor, target=campaign, detail={"lead": lead_id})
    return lead.email or ""


def _fit(given: list[Mapping[str, Any]], organization_id: UUID, report: LeadsReport) -> list[NewLead]:
    """Return those that may be sent, with their addresses in lower case; name the others in the report."""
    report.given = len(given)
    leads: dict[str, NewLead] = {}
    for place, row in enumerate(given, 1):
        try:
            lead = NewLead.model_validate(dict(row))
        except (ValidationError, TypeError, ValueError) as fault:
            report.invalid.append(
                {"place": place, "reason": reasons(fault) if isinstance(fault, ValidationError) else str(fault)}
            )
            continue
        email = (lead.email or "").strip().lower()
        if not ADDRESS.fullmatch(email):
            report.invalid.append({"place": place, "reason": "email: no address"})
        elif email in leads:
            report.repeated.append(email)
        else:
            leads[email] = lead.model_copy(update={"email": email})
    with rls.scope(rls.SYSTEM):
        told_not_to = Suppression.objects.in_force().filter(organization_id=organization_id, email__in=list(leads))
        report.suppressed = sorted(set(told_not_to.values_list("email", flat=True)))
    for email in report.suppressed:
        del leads[email]
    return list(leads.values())


def _count(chunk: Any, leads: list[NewLead], report: LeadsReport) -> None:
    size = min(CHUNK, len(leads) - report.sent)
    report.sent += size
    report.uploaded += int(chunk.leads_uploaded or 0)
    report.skipped += size - int(chunk.leads_uploaded or 0)
    report.created += [{"id": lead.id, "email": (lead.email or "").lower()} for lead in chunk.created_leads]
    report.remaining_in_plan = chunk.remaining_in_plan


def _note(action: str, campaign: Campaign, actor: User | None, report: LeadsReport) -> None:
    """Numbers, not addresses: the audit log is for ever."""
    numbers = {name: getattr(report, name) for name in ("given", "sent", "uploaded", "skipped", "unsent", "uncertain")}
    numbers |= {name: len(getattr(report, name)) for name in ("repeated", "suppressed", "invalid")}
    with rls.scope(rls.SYSTEM):
        record_audit(action=action, actor=actor, target=campaign, detail=numbers)
