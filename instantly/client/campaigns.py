"""Client methods for campaigns and their analytics: list, read, create, update, activate, pause."""

from collections.abc import Iterable, Mapping
from typing import Any

from instantly.schemas import (
    Campaign,
    CampaignAnalytics,
    CampaignDay,
    CampaignOverview,
    CampaignStep,
    SendingStatus,
)

from . import operations as op
from .calls import Calls
from .listing import Listing
from .values import Day, comma_separated, without_none


class CampaignCalls(Calls):
    def campaigns(
        self, *, search: str | None = None, status: int | None = None, exclude_status: int | None = None,
        tag_ids: Iterable[str] | None = None,
    ) -> Listing[Campaign]:  # fmt: skip
        """List all campaigns, or those whose name contains ``search``, that are (not) in a status, or have any tag."""
        query = without_none(
            search=search, status=status, exclude_status=exclude_status, tag_ids=comma_separated(tag_ids)
        )
        return self._list(op.CAMPAIGNS, Campaign, query=query)

    def campaign(self, campaign_id: str) -> Campaign:
        return self._one(op.CAMPAIGN, Campaign, path={"id": campaign_id})

    def create_campaign(self, *, name: str, campaign_schedule: Mapping[str, Any], **fields: Any) -> Campaign:
        """Make a campaign; it is a draft and sends nothing until activated.

        ``fields`` are Instantly's own (TypeError for one it does not have). An operator found email accounts given
        here ignored: set ``email_list`` by :meth:`update_campaign`. ``timezone`` in the schedule is a closed list of
        Instantly's without Berlin, Vienna and Zurich; others are BadRequest.
        """
        body = {"name": name, "campaign_schedule": dict(campaign_schedule), **fields}
        return self._one(op.CREATE_CAMPAIGN, Campaign, body=body)

    def update_campaign(self, campaign_id: str, **fields: Any) -> Campaign:
        """Change the named fields. ``email_list`` and other lists are replaced, not added to."""
        return self._one(op.UPDATE_CAMPAIGN, Campaign, path={"id": campaign_id}, body=_some(fields))

    def delete_campaign(self, campaign_id: str) -> Campaign:
        """Delete a campaign; returns it as it was."""
        return self._one(op.DELETE_CAMPAIGN, Campaign, path={"id": campaign_id})

    def activate_campaign(self, campaign_id: str) -> Campaign:
        """Start or resume sending of a campaign."""
        return self._one(op.ACTIVATE_CAMPAIGN, Campaign, path={"id": campaign_id})

    def pause_campaign(self, campaign_id: str) -> Campaign:
        return self._one(op.PAUSE_CAMPAIGN, Campaign, path={"id": campaign_id})

    def duplicate_campaign(self, campaign_id: str, *, name: str | None = None) -> Campaign:
        """Copy a campaign; without ``name`` Instantly appends "(copy)". Returns the copy."""
        return self._one(op.DUPLICATE_CAMPAIGN, Campaign, path={"id": campaign_id}, body=without_none(name=name))

    def export_campaign(self, campaign_id: str) -> Campaign:
        """Return a campaign with everything that a copy of it needs. Changes nothing."""
        return self._one(op.EXPORT_CAMPAIGN, Campaign, path={"id": campaign_id})

    def campaign_sending_status(self, campaign_id: str, *, with_ai_summary: bool | None = None) -> SendingStatus:
        """Return the reasons why a campaign sends nothing or little."""
        query = {"with_ai_summary": with_ai_summary}
        return self._one(op.CAMPAIGN_SENDING_STATUS, SendingStatus, path={"id": campaign_id}, query=query)

    def campaign_analytics(
        self, *, ids: Iterable[str] | None = None, start_date: Day | None = None, end_date: Day | None = None,
        exclude_total_leads_count: bool | None = None,
    ) -> Listing[CampaignAnalytics]:  # fmt: skip
        """Return totals by campaign, of all campaigns without ``ids``. Days are UTC; a campaign that never sent is absent.

        ``exclude_total_leads_count`` makes the answer considerably faster.
        """
        query = without_none(
            ids=_several(ids), start_date=start_date, end_date=end_date,
            exclude_total_leads_count=exclude_total_leads_count,
        )  # fmt: skip
        return self._list(op.CAMPAIGN_ANALYTICS, CampaignAnalytics, query=query)

    def campaign_analytics_overview(
        self, *, ids: Iterable[str] | None = None, start_date: Day | None = None, end_date: Day | None = None,
        campaign_status: int | None = None, expand_crm_events: bool | None = None,
    ) -> CampaignOverview:  # fmt: skip
        """Return one sum of the totals of several campaigns. Interest counts the first event of a contact unless ``expand_crm_events``."""
        query = without_none(
            ids=_several(ids), start_date=start_date, end_date=end_date, campaign_status=campaign_status,
            expand_crm_events=expand_crm_events,
        )  # fmt: skip
        return self._one(op.CAMPAIGN_ANALYTICS_OVERVIEW, CampaignOverview, query=query)

    def campaign_analytics_daily(
        self, *, campaign_id: str | None = None, start_date: Day | None = None, end_date: Day | None = None,
        campaign_status: int | None = None,
    ) -> Listing[CampaignDay]:  # fmt: skip
        query = without_none(
            campaign_id=campaign_id, start_date=start_date, end_date=end_date, campaign_status=campaign_status
        )  # fmt: skip
        return self._list(op.CAMPAIGN_ANALYTICS_DAILY, CampaignDay, query=query)

    def campaign_analytics_steps(
        self, *, campaign_id: str | None = None, start_date: Day | None = None, end_date: Day | None = None,
        include_opportunities_count: bool | None = None,
    ) -> Listing[CampaignStep]:  # fmt: skip
        query = without_none(
            campaign_id=campaign_id, start_date=start_date, end_date=end_date,
            include_opportunities_count=include_opportunities_count,
        )  # fmt: skip
        return self._list(op.CAMPAIGN_ANALYTICS_STEPS, CampaignStep, query=query)


def _several(ids: Iterable[str] | None) -> list[str] | None:
    if ids is None:
        return None
    several = [ids] if isinstance(ids, str) else list(ids)
    if not several:
        raise ValueError("An empty list selects nothing; leave ids out to ask for all campaigns.")
    return several


def _some(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    if not fields:
        raise ValueError("There is nothing to change; name at least one field.")
    return fields
