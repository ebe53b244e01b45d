"""Add leads to a campaign at Instantly, or delete them there.

Nothing is stored here: a lead becomes a contact with its first event.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from accounts.models import User
from accounts.services import record_audit
from campaigns.models import Campaign
from instantly.actions.lead_faults import lead_faults
from instantly.client import InstantlyClient
from instantly.client.errors import InstantlyError, NotFound
from instantly.connections.services import client_for, record_if_shut_out
from instantly.schemas import Lead, NewLead
from messaging.erasure import aliases
from messaging.models import Suppression
from salesbrain import rls
from salesbrain.kernel.addresses import NotAnAddress, canonical_or_none, spellings, writable
from salesbrain.kernel.messages import message

CHUNK = 1000


@dataclass
class LeadsReport:
    """Result of adding leads: given = invalid + repeated + suppressed + sent + unsent + uncertain.

    `uncertain` are those of a request whose answer was lost and that are not all in the campaign: look at Instantly before adding them
    again (Instantly skips a lead that is in the campaign already, so none is added twice). `found` are those of such a request that are all
    in the campaign: they count as sent, and whether each is new or was there before is not known.
    """

    campaign: str
    given: int = 0
    sent: int = 0
    uploaded: int = 0
    skipped: int = 0
    found: int = 0
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
    """Add leads to a campaign in requests of 1,000; return what happened to each.

    A lead has email, first_name, last_name, company_name, job_title, phone, website, personalization, custom_variables.
    Wrong ones, repeated addresses and those the campaign's organization must not write to are left out and named.
    `dry_run` sends nothing. A failure of Instantly's in the middle is in the report; in the first request it is raised.
    Raises InstantlyError, ConnectionUnusable, Campaign.DoesNotExist.
    """
    with rls.scope(rls.SYSTEM):
        campaign = Campaign.objects.select_related("connection").get(pk=campaign_id)
    report = LeadsReport(campaign=str(campaign.pk), dry_run=dry_run)
    leads = _sendable_leads(list(given), campaign.organization_id, report)
    if dry_run or not leads:
        report.unsent = len(leads)
        return report
    with client_for(campaign.connection) as client:
        while report.sent < len(leads) and not report.error:
            chunk = leads[report.sent : report.sent + CHUNK]
            try:
                _send(client, campaign, chunk, report)
            except InstantlyError as error:
                report.error, report.uncertain = str(error), len(chunk) if error.uncertain else 0
                report.unsent = len(leads) - report.sent - report.uncertain
                if not report.sent and not report.uncertain:
                    record_if_shut_out(campaign.connection, error)
                    raise
    _audit(campaign, actor, report)
    return report


def delete_lead(lead: str, *, campaign_id: UUID, actor: User | None) -> str:
    """Delete a lead, by Instantly's id or by address, from a campaign; return its address. Its events stay in our log.

    If the response was lost, the lead is looked up and the call is not repeated. Raises NotFound where the campaign has no such lead;
    InstantlyError (`uncertain` where it is not known whether it is gone), ConnectionUnusable, Campaign.DoesNotExist.
    """
    with rls.scope(rls.SYSTEM):
        campaign = Campaign.objects.select_related("connection").get(pk=campaign_id)
    outcome = "done"
    with client_for(campaign.connection) as client:
        found = _lead(client, campaign, lead)
        try:
            client.delete_lead(found.id)
        except NotFound:
            outcome = "was gone"  # somebody was faster
        except InstantlyError as error:
            if not error.uncertain:
                raise
            if not _is_gone(client, found.id):
                _note_deletion(campaign, actor, found.id, "unknown")
                raise
            outcome = "found done after an answer was lost"
    _note_deletion(campaign, actor, found.id, outcome)
    return found.email or ""


def _lead(client: InstantlyClient, campaign: Campaign, lead: str) -> Lead:
    if "@" in lead:
        address = canonical_or_none(lead)
        asked = {lead.strip(), lead.strip().lower(), *(spellings(address) if address else ())}
        found = next(client.leads(campaign=campaign.provider_id, contacts=sorted(asked)), None)
    else:
        found = client.lead(lead) if lead.strip(" .") else None  # the client refuses what would name another address
    if found is None or found.campaign != campaign.provider_id:
        raise NotFound(message("leads.not_there", lead=lead, campaign=str(campaign)), status=404)
    return found


def _is_gone(client: InstantlyClient, id: str) -> bool:
    try:
        client.lead(id)
    except NotFound:
        return True
    except InstantlyError:
        pass  # not known stays not known
    return False


def _note_deletion(campaign: Campaign, actor: User | None, id: str, outcome: str) -> None:
    with rls.scope(rls.SYSTEM):
        record_audit(action="lead.delete", actor=actor, target=campaign, detail={"lead": id, "outcome": outcome})


def _send(client: InstantlyClient, campaign: Campaign, chunk: list[NewLead], report: LeadsReport) -> None:
    """Send one request; after a lost response, check whether all of its leads are in the campaign now."""
    try:
        added = next(client.add_leads(chunk, campaign_id=campaign.provider_id, skip_if_in_campaign=True))
    except InstantlyError as error:
        if not (error.uncertain and _are_in_campaign(client, campaign, chunk)):
            raise
        report.found += len(chunk)
    else:
        uploaded = int(added.leads_uploaded or 0)
        report.uploaded += uploaded
        report.skipped += len(chunk) - uploaded
        report.created += [{"id": lead.id, "email": (lead.email or "").lower()} for lead in added.created_leads]
        report.remaining_in_plan = added.remaining_in_plan
    report.sent += len(chunk)


def _are_in_campaign(client: InstantlyClient, campaign: Campaign, chunk: list[NewLead]) -> bool:
    wanted = {lead.email for lead in chunk}
    try:
        for lead in client.leads(campaign=campaign.provider_id, contacts=[str(email) for email in wanted]):
            wanted.discard(canonical_or_none(lead.email or ""))
    except InstantlyError:
        return False  # not known stays not known
    return not wanted


def _sendable_leads(given: list[Mapping[str, Any]], organization_id: UUID, report: LeadsReport) -> list[NewLead]:
    """Return the leads that may be sent, with addresses in canonical form; add the others to the report."""
    report.given = len(given)
    leads: dict[str, NewLead] = {}
    for place, row in enumerate(given, 1):
        try:
            lead = NewLead.model_validate(dict(row))
        except (ValidationError, TypeError, ValueError) as fault:
            reason = lead_faults(fault) if isinstance(fault, ValidationError) else str(fault)
            report.invalid.append({"place": place, "reason": reason})
            continue
        try:
            email = writable(lead.email or "")
        except NotAnAddress as error:
            report.invalid.append({"place": place, "reason": lead_faults(error)})
            continue
        if email in leads:
            report.repeated.append(email)
        else:
            leads[email] = lead.model_copy(update={"email": email})
    with rls.scope(rls.SYSTEM):
        told_not_to = Suppression.objects.in_force().filter(organization_id=organization_id, email__in=list(leads))
        erased = {email for _, email in aliases.aliases({(organization_id, email) for email in leads})}
        report.suppressed = sorted({*told_not_to.values_list("email", flat=True), *erased})
    for email in report.suppressed:
        del leads[email]
    return list(leads.values())


def _audit(campaign: Campaign, actor: User | None, report: LeadsReport) -> None:
    """Write an audit entry with numbers, not addresses, because the audit log is kept for ever."""
    counts = ("given", "sent", "uploaded", "skipped", "found", "unsent", "uncertain")
    numbers = {name: getattr(report, name) for name in counts}
    numbers |= {name: len(getattr(report, name)) for name in ("repeated", "suppressed", "invalid")}
    with rls.scope(rls.SYSTEM):
        record_audit(action="lead.add", actor=actor, target=campaign, detail=numbers)
