"""API endpoints of stats: of an organization, a campaign, an email account.

The stats are defined in messaging/stats.py.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import EmailAccount
from campaigns.models import Campaign
from messaging import stats
from messaging.api.parameters import OfOneCampaign, StatsParameters
from messaging.api.serializers import EmailAccountStats, Stats
from messaging.models import DailyStats
from messaging.stats_report import Question, account_report, report, rows_of_account
from salesbrain.api.views import ApiView
from salesbrain.kernel.fast_reads import Source, Where


class StatsViewSet(ApiView):
    """Base view of stats; `_answer` builds the response that all share (messaging.stats_report)."""

    personal = False

    def _answer(self, rows: Source, tracking: Mapping[str, bool] | None = None) -> dict[str, Any]:
        return report(rows, self._question(), tracking=tracking)

    def _question(self) -> Question:
        asked = self.asked
        return Question(asked["start"], asked["end"], compares=bool(asked["compare"]), by=asked["by"])


class OrganizationStatsViewSet(StatsViewSet):
    fast = ("retrieve",)
    parameters = {"retrieve": StatsParameters}
    shapes = {"retrieve": Stats}

    def retrieve(self, request: Request) -> Response:
        """Return the organization's stats.

        All time, or from `start` to `end`; `compare=previous` adds the period of the same length just before, `by` a
        breakdown per day, campaign, step or email account.
        """
        return Response(self._answer(self.own(DailyStats)))


class CampaignStatsViewSet(StatsViewSet):
    fast = ("retrieve",)
    parameters = {"retrieve": OfOneCampaign}
    shapes = {"retrieve": Stats}

    def retrieve(self, request: Request, campaign_id: str) -> Response:
        """Return the stats of a campaign.

        Opens and clicks are null, not 0, where the campaign does not track them.
        """
        key, organization, *trackers = self.columns(
            Campaign, campaign_id, "id", "organization_id", stats.OPENS, stats.LINKS
        )
        rows = Where(DailyStats, {"organization_id": organization, "campaign_id": key})
        return Response(self._answer(rows, stats.tracking_of(*trackers)))


class StaffCampaignStatsViewSet(CampaignStatsViewSet):
    staff_only = True

    def retrieve(self, request: Request, campaign_id: str) -> Response:
        """Return the stats of any organization's campaign."""
        return super().retrieve(request, campaign_id)


class EmailAccountStatsViewSet(StatsViewSet):
    parameters = {"retrieve": StatsParameters}
    shapes = {"retrieve": EmailAccountStats}

    def retrieve(self, request: Request, account_id: str) -> Response:
        """Return the stats of an email account: usage, its campaigns, deliverability."""
        account = self.one(EmailAccount, account_id)
        rows = self.mine(rows_of_account(account))
        return Response(account_report(account, rows, self._question(), today=datetime.now(UTC).date()))


class StaffEmailAccountStatsViewSet(EmailAccountStatsViewSet):
    staff_only = True

    def retrieve(self, request: Request, account_id: str) -> Response:
        """Return the stats of any organization's email account."""
        return super().retrieve(request, account_id)
