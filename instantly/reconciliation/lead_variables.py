"""Copy the custom variables of Instantly's leads to our contacts, during the nightly listing."""

from collections.abc import Mapping
from uuid import UUID

from instantly.schemas import Lead
from messaging import contact_variables
from messaging.contact_variables import ReportedVariables
from salesbrain import rls


def store_variables(campaign_id: UUID, leads: Mapping[str, Lead]) -> int:
    """Store the variables of the leads (by canonical address) with their contacts; return how many changed. Call outside a transaction."""
    told = [
        ReportedVariables(email, moment, contact_variables.bound(lead.payload or {}))
        for email, lead in leads.items()
        if (moment := lead.timestamp_updated or lead.timestamp_created)
    ]
    with rls.scope(rls.SYSTEM):
        return contact_variables.store(campaign_id, told)
