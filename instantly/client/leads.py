"""Client methods for leads: list, read, add, delete; a lead is one person in one campaign or list."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from instantly.schemas import Lead, LeadLabel, LeadsAdded, NewLead, reasons

from . import operations as op
from .calls import Calls
from .listing import Listing
from .values import without_none

CHUNK = 1000  # leads Instantly takes in one request


class LeadCalls(Calls):
    def leads(
        self, *, campaign: str | None = None, list_id: str | None = None, search: str | None = None,
        filter: str | None = None, ids: Iterable[str] | None = None, contacts: Iterable[str] | None = None,
        in_campaign: bool | None = None, in_list: bool | None = None,
    ) -> Listing[Lead]:  # fmt: skip
        """List leads, in the order of their ids. ``filter`` is one of Instantly's FILTER_… words, ``contacts`` addresses.

        There is no filter by time of change: a mirror has to list all leads.
        """
        body = without_none(
            campaign=campaign, list_id=list_id, search=search, filter=filter, in_campaign=in_campaign, in_list=in_list,
            ids=None if ids is None else list(ids), contacts=None if contacts is None else list(contacts),
        )  # fmt: skip
        return self._list(op.LEADS, Lead, body=body)

    def lead(self, lead_id: str) -> Lead:
        return self._one(op.LEAD, Lead, path={"id": lead_id})

    def add_leads(
        self,
        leads: Iterable[NewLead | Mapping[str, Any]],
        *,
        campaign_id: str | None = None,
        list_id: str | None = None,
        skip_if_in_workspace: bool | None = None,
        skip_if_in_campaign: bool | None = None,
        skip_if_in_list: bool | None = None,
        verify_leads_on_import: bool | None = None,
        blocklist_id: str | None = None,
        assigned_to: str | None = None,
        chunk_size: int = CHUNK,
    ) -> Iterator[LeadsAdded]:
        """Add leads to one campaign or one list, at most 1,000 a request; yields what became of each chunk.

        Everything is checked before anything is sent: ValueError names the lead that does not fit. Chunks are sent while the caller
        iterates, so when one fails the reports of the earlier ones have already been returned. Repeating is safe only with a
        ``skip_if_in_…``: Instantly has no idempotency key.
        """
        if (campaign_id is None) == (list_id is None):
            raise ValueError("Leads go either to a campaign or to a list; give campaign_id or list_id, not both.")
        if not 1 <= chunk_size <= CHUNK:
            raise ValueError(f"Instantly takes 1 to {CHUNK} leads a request, not {chunk_size}.")
        checked = [_checked(place, lead, needs_email=campaign_id is not None) for place, lead in enumerate(leads)]
        common = without_none(
            campaign_id=campaign_id, list_id=list_id, skip_if_in_workspace=skip_if_in_workspace,
            skip_if_in_campaign=skip_if_in_campaign, skip_if_in_list=skip_if_in_list,
            verify_leads_on_import=verify_leads_on_import, blocklist_id=blocklist_id, assigned_to=assigned_to,
        )  # fmt: skip
        return self._add(checked, common, chunk_size)

    def _add(self, leads: list[dict[str, Any]], common: dict[str, Any], chunk_size: int) -> Iterator[LeadsAdded]:
        for start in range(0, len(leads), chunk_size):
            added = self._one(op.ADD_LEADS, LeadsAdded, body={**common, "leads": leads[start : start + chunk_size]})
            if start:
                moved = [one.model_copy(update={"index": one.index + start}) for one in added.created_leads]
                raw = added.raw
                added = added.model_copy(update={"created_leads": moved})
                added._raw = raw
            yield added

    def update_lead(self, lead_id: str, **fields: Any) -> Lead:
        """Change the named fields of a lead. Custom variables are sent as ``custom_variables`` and returned in ``payload``."""
        if not fields:
            raise ValueError("There is nothing to change; name at least one field.")
        return self._one(op.UPDATE_LEAD, Lead, path={"id": lead_id}, body=fields)

    def delete_lead(self, lead_id: str) -> Lead:
        """Delete one lead; returns it as it was."""
        return self._one(op.DELETE_LEAD, Lead, path={"id": lead_id})

    def update_interest_status(
        self, lead_email: str, interest_value: int | float | None, *, campaign_id: str | None = None,
        list_id: str | None = None, ai_interest_value: float | None = None, disable_auto_interest: bool | None = None,
    ) -> None:  # fmt: skip
        """Set the interest of a lead; None makes it a plain lead again.

        Instantly only accepts the request (202); it takes effect some time later. Without ``campaign_id`` Instantly chooses one of the
        lead's campaigns.
        """
        body = without_none(
            lead_email=lead_email, campaign_id=campaign_id, list_id=list_id, ai_interest_value=ai_interest_value,
            disable_auto_interest=disable_auto_interest,
        )  # fmt: skip
        self._transport.call(op.UPDATE_INTEREST_STATUS, body={**body, "interest_value": interest_value})

    def lead_labels(self, *, search: str | None = None, interest_status: str | None = None) -> Listing[LeadLabel]:
        """List the custom interest labels; ``interest_status`` is positive, negative or neutral."""
        query = without_none(search=search, interest_status=interest_status)
        return self._list(op.LEAD_LABELS, LeadLabel, query=query)


def _checked(place: int, lead: NewLead | Mapping[str, Any], *, needs_email: bool) -> dict[str, Any]:
    problem = ""
    try:
        fields = (lead if isinstance(lead, NewLead) else NewLead.model_validate(lead)).model_dump(exclude_unset=True)
    except ValidationError as fault:
        problem, fields = reasons(fault), {}
    if not problem and needs_email and not fields.get("email"):
        problem = "email: a lead of a campaign needs one"
    if not problem and not any(fields.get(name) for name in ("email", "first_name", "last_name")):
        problem = "it: a lead of a list needs an email, a first_name or a last_name"
    if problem:
        raise ValueError(f"Lead number {place + 1} does not fit ({problem}); correct it, nothing was sent.")
    return fields
