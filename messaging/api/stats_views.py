"""Stats of an organization, a campaign, an email account (see messaging.stats)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.choices import EmailAccountStatus
from accounts.models import EmailAccount
from campaigns.models import Campaign
from messaging import stats
from messaging.api.parameters import OfOneCampaign, StatsParameters
from messaging.api.serializers import EmailAccountStats, Stats
from messaging.models import DailyStats
from salesbrain.api.views import ApiView
from salesbrain.kernel.fast_reads import Source, Where


class StatsViewSet(ApiView):
    """`_answer` is what they all share: a period, the one before, a breakdown, the definitions."""

    personal = False

    def _answer(self, rows: Source, tracking: Mapping[str, bool] | None = None) -> dict[str, Any]:
        asked, by = self.asked, self.asked["by"]
        period = self._period()
        before = period.before() if asked["compare"] else None
        within = period.filter(rows)
        return {
            **stats.total(within, tracking=tracking),
            "period": _shown(period),
            "before": {**stats.total(before.filter(rows), tracking=tracking), "period": _shown(before)}
            if before
            else None,
            "by": by,
            "rows": stats.grouped(within, by, tracking=tracking) if by else [],
            "definitions": stats.DEFINITIONS,
        }

    def _period(self) -> stats.Period:
        start, end = self.asked["start"], self.asked["end"]
        return stats.Period(min(start, end), max(start, end)) if start and end else stats.Period(start, end)


def _shown(period: stats.Period) -> dict[str, Any]:
    return {"start": period.start, "end": period.end}


class OrganizationStatsViewSet(StatsViewSet):
    parameters = {"retrieve": StatsParameters}
    shapes = {"retrieve": Stats}

    def retrieve(self, request: Request) -> Response:
        """The organization's figures.

        All time, or from `start` to `end`; `compare=previous` adds the period of the same length just before, `by` a
        breakdown per day, campaign, step or email account.
        """
        return Response(self._answer(self.own(DailyStats)))


class CampaignStatsViewSet(StatsViewSet):
    parameters = {"retrieve": OfOneCampaign}
    shapes = {"retrieve": Stats}

    def retrieve(self, request: Request, campaign_id: str) -> Response:
        """The figures of a campaign.

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
        """The figures of any campaign."""
        return super().retrieve(request, campaign_id)


class EmailAccountStatsViewSet(StatsViewSet):
    parameters = {"retrieve": StatsParameters}
    shapes = {"retrieve": EmailAccountStats}

    def retrieve(self, request: Request, account_id: str) -> Response:
        """The figures of a mailbox: usage, its campaigns, deliverability."""
        account = self.one(EmailAccount, account_id)
        # By address within its workspace: the mailbox may be the house's while the campaigns that use it are a customer's.
        rows = self.mine(
            DailyStats.objects.filter(email_account=account.address, campaign__connection_id=account.connection_id)
        )
        answer = self._answer(rows)
        return Response(
            {
                **answer,
                "usage": _usage(account, rows, datetime.now(UTC)),
                "campaigns": stats.grouped(self._period().filter(rows), "campaign"),
                "deliverability": {
                    "is_healthy": account.status == EmailAccountStatus.ACTIVE and account.missing_since is None,
                    **{
                        name: getattr(account, name)
                        for name in ("status", "status_reason", "warmup_status", "warmup_score")
                    },
                    **{name: answer[name] for name in ("bounce_rate", "complaint_rate", "reply_rate")},
                },
            }
        )


class StaffEmailAccountStatsViewSet(EmailAccountStatsViewSet):
    staff_only = True

    def retrieve(self, request: Request, account_id: str) -> Response:
        """The figures of any mailbox."""
        return super().retrieve(request, account_id)


def _usage(account: EmailAccount, rows: "QuerySet[DailyStats]", now: datetime) -> dict[str, Any]:
    today = now.date()
    days = {
        name: Q(day__gt=today - timedelta(days=n), day__lte=today)
        for name, n in (("today", 1), ("week", 7), ("month", 30))
    }
    sent = rows.aggregate(**{name: Coalesce(Sum("sent", filter=those), 0) for name, those in days.items()})
    return {
        "sent_today": sent["today"],
        "daily_limit": account.daily_limit,
        "left_today": None if account.daily_limit is None else max(0, account.daily_limit - sent["today"]),
        "sent_last_7_days": sent["week"],
        "sent_last_30_days": sent["month"],
    }
