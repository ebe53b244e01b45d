"""API endpoint that lists the emails of a campaign."""

from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Campaign
from messaging.api.parameters import MessageList
from messaging.api.read_audit import ReadAuditView
from messaging.api.serializers import MessageSerializer
from messaging.choices import MessageKind
from messaging.models import DailyStats, Message
from salesbrain.api.responses import Listed
from salesbrain.kernel import fast_reads
from salesbrain.kernel.fast_reads import Where


class CampaignMessagesViewSet(ReadAuditView):
    fast = ("list",)
    parameters = {"list": MessageList}
    shapes = {"list": Listed("messages", MessageSerializer)}

    def list(self, request: Request, campaign_id: str) -> Response:
        """List the emails of a campaign, sent and received.

        Latest first. With `limit` and `offset`, or by `cursor`, which costs the same at any depth.
        """
        key, organization = self.columns(Campaign, campaign_id, "id", "organization_id")
        own = {"organization_id": organization, "campaign_id": key}

        def total() -> int:
            return fast_reads.total(Where(DailyStats, own), "messages")

        # Those written by hand are in the conversation, as they are in no figure.
        return self.listed(Where(Message, {**own, "kind": MessageKind.CAMPAIGN.value}), total=total)
