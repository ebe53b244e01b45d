"""`/campaigns`: page of all campaigns with status, sends by day, and rates."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.querysets import CampaignQuerySet
from messaging.campaign_figures import BEST, ORDERS, CampaignRow, campaign_rows
from messaging.web import words
from messaging.web.scoped import OutreachView
from salesbrain.kernel import fast_reads
from salesbrain.web.lists import MOST_ROWS, Column, ListView

PERIODS = (("", _("Last 30 days")), ("7", _("Last 7 days")), ("90", _("Last 90 days")))
DEFAULT_DAYS = 30
HEALTH = (("", _("Any health")), ("unhealthy", _("Needs attention")), ("healthy", _("Healthy")))


class CampaignFilter(forms.Form):
    query = forms.CharField(label=_("Name"), max_length=200, required=False, widget=forms.TextInput({"type": "search"}))
    status = forms.ChoiceField(label=_("Status"), required=False)
    health = forms.ChoiceField(label=_("Health"), choices=HEALTH, required=False)
    days = forms.ChoiceField(label=_("Period"), choices=PERIODS, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["query"].widget.attrs["placeholder"] = self.fields["query"].label
        self.fields["status"].choices = [("", _("Any status")), *words.CAMPAIGN_STATUS.items()]  # type: ignore[attr-defined]


def filtered(campaigns: Any, filters: dict[str, Any]) -> CampaignQuerySet:
    """Narrow campaigns by the same filters as the API's list."""
    if query := filters.get("query"):
        campaigns = campaigns.filter(name__icontains=query)
    if status := filters.get("status"):
        campaigns = campaigns.filter(status=status)
    if health := filters.get("health"):
        campaigns = campaigns.healthy() if health == "healthy" else campaigns.unhealthy()
    return campaigns


class CampaignListView(OutreachView, ListView):
    template_name = "messaging/campaigns.html"
    title = _("Campaigns")
    navigation_name = "campaigns"
    form_class = CampaignFilter
    orders = (f"-{BEST}", *ORDERS)
    file_name = "campaigns"
    owner_path = "campaign.organization_id"
    columns = (
        Column(_("Campaign"), "campaign.name"), Column(_("Status"), "status"), Column(_("Progress"), "campaign.progress"),
        Column(_("Leads contacted"), "campaign.contacted_count"), Column(_("Leads"), "campaign.leads_count"),
        Column(words.FIGURES["sent"][0], "figures.sent"), Column(words.FIGURES["reply_rate"][0], "figures.reply_rate"),
        Column(words.FIGURES["replied"][0], "figures.replied"),
        Column(words.FIGURES["positive_reply_rate"][0], "figures.positive_reply_rate"),
        Column(words.FIGURES["positive_replies"][0], "figures.positive_replies"), Column(words.FIGURES["meetings"][0], "figures.meetings"),
    )  # fmt: skip

    def rows(self, filters: dict[str, Any], order: str, offset: int, limit: int) -> Iterable[Any]:
        start = self.today - timedelta(days=int(filters.get("days", DEFAULT_DAYS)) - 1)
        found = campaign_rows(
            filtered(self.own(Campaign), filters), start=start, end=self.today, order=order, offset=offset, limit=limit
        )
        return [Row(row) for row in found]

    def count(self, filters: dict[str, Any]) -> int:
        return fast_reads.count(filtered(self.own(Campaign), filters), up_to=MOST_ROWS + 1)

    def described(self, form: forms.Form) -> dict[str, Any]:
        days = int(form.cleaned_data.get("days") or DEFAULT_DAYS) if form.is_valid() else DEFAULT_DAYS
        return {**super().described(form), "days": days}


class Row:
    """A campaign's row with its status in words."""

    def __init__(self, row: CampaignRow) -> None:
        self.campaign, self.figures, self.line = row.campaign, row.figures, row.line

    @property
    def status(self) -> str:
        return str(words.campaign_status(self.campaign)[0])
