"""API endpoints by which staff write campaigns at Instantly: create, change, activate, pause, delete.

The work is in instantly/actions/campaigns.py.
"""

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ProviderConnection
from campaigns.api.serializers import StaffCampaignSerializer
from campaigns.api.views import StaffCampaignViewSet
from campaigns.models import Campaign
from instantly.actions import campaigns
from instantly.api.action_writes import ActionWrite
from instantly.api.errors import with_provider_errors
from instantly.api.serializers import CampaignBody, CampaignChange, DuplicateBody
from salesbrain.api.parameters import NoParameters
from salesbrain.api.responses import Made

TROUBLE = (409, 502)


class CampaignWrite(ActionWrite):
    def answered(self, request: Request, work: Callable[[], Campaign], *, status: int = 200) -> HttpResponseBase:
        """Run a write once per Idempotency-Key; return the campaign as it is mirrored now."""

        def work_and_show() -> Response:
            campaign = work()
            return Response(self.as_json(Campaign.objects.all(), campaign.pk, StaffCampaignSerializer), status=status)

        return self.once(request, lambda: with_provider_errors(request, work_and_show))


class StaffCampaignsViewSet(StaffCampaignViewSet, CampaignWrite):
    """One URL with two methods: GET lists campaigns (as in the app campaigns), POST creates one at Instantly."""

    in_transaction = True
    outside = ("create",)
    staff_actions = {"create": "campaign_create"}
    idempotent = ("create",)
    rate = "default"
    rates = {"create": "write"}
    parameters = {**StaffCampaignViewSet.parameters, "create": NoParameters}
    bodies = {"create": CampaignBody}
    shapes = {**StaffCampaignViewSet.shapes, "create": Made(StaffCampaignSerializer)}
    answers_too = {"create": TROUBLE}

    def create(self, request: Request) -> HttpResponseBase:
        """Create a draft campaign at Instantly.

        A draft at Instantly, mirrored here at once. In a shared workspace it belongs to the agency's own organization until
        it is assigned to a customer. Operators and admins only. `outcome_unknown` (502): the answer was lost and the campaign
        was not found; a sync is queued and brings it if it was made, so look at the list before you ask again. The same
        Idempotency-Key never makes two.
        """
        self.allow_action(request)
        body = CampaignBody(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.fields_for_provider()
        name, schedule = fields.pop("name"), fields.pop("campaign_schedule")

        def work() -> Campaign:
            connection = self._connection(body.validated_data["provider_connection_id"])
            user: Any = request.user
            return campaigns.create_campaign(connection, name=name, schedule=schedule, actor=user, fields=fields)

        return self.answered(request, work, status=201)

    def _connection(self, key: Any) -> ProviderConnection:
        return self.found(ProviderConnection.objects.select_related("organization"), key)


class StaffCampaignWriteViewSet(CampaignWrite):
    staff_actions = {
        "partial_update": "campaign_change",
        "destroy": "campaign_delete",
        "activate": "campaign_activate",
        "pause": "campaign_pause",
        "duplicate": "campaign_duplicate",
    }
    idempotent = tuple(staff_actions)
    parameters = dict.fromkeys(idempotent, NoParameters)
    bodies = {"partial_update": CampaignChange, "duplicate": DuplicateBody}
    shapes = {
        "partial_update": StaffCampaignSerializer,
        "destroy": StaffCampaignSerializer,
        "activate": StaffCampaignSerializer,
        "pause": StaffCampaignSerializer,
        "duplicate": Made(StaffCampaignSerializer),
    }
    answers_too = TROUBLE

    def _one(self, request: Request, campaign_id: str) -> Campaign:
        self.allow_action(request)
        return self.found(Campaign.objects.all(), campaign_id)

    def partial_update(self, request: Request, campaign_id: str) -> HttpResponseBase:
        """Rename or change a campaign.

        Only what is named is changed. Operators and admins only.
        """
        campaign = self._one(request, campaign_id)
        body = CampaignChange(data=request.data)
        body.is_valid(raise_exception=True)
        user: Any = request.user
        return self.answered(
            request, lambda: campaigns.update_campaign(campaign.pk, body.fields_for_provider(), actor=user)
        )

    def destroy(self, request: Request, campaign_id: str) -> HttpResponseBase:
        """Delete a campaign at Instantly.

        Ours stays with all that happened in it, marked by `missing_since`. Admins only.
        """
        campaign = self._one(request, campaign_id)
        user: Any = request.user
        return self.answered(request, lambda: campaigns.delete_campaign(campaign.pk, actor=user))

    def activate(self, request: Request, campaign_id: str) -> HttpResponseBase:
        """Start or resume a campaign.

        Operators and admins only. Becomes the event campaign_started, once.
        """
        campaign = self._one(request, campaign_id)
        user: Any = request.user
        return self.answered(request, lambda: campaigns.activate_campaign(campaign.pk, actor=user))

    def pause(self, request: Request, campaign_id: str) -> HttpResponseBase:
        """Pause a campaign.

        Operators and admins only. Becomes the event campaign_paused, once.
        """
        campaign = self._one(request, campaign_id)
        user: Any = request.user
        return self.answered(request, lambda: campaigns.pause_campaign(campaign.pk, actor=user))

    def duplicate(self, request: Request, campaign_id: str) -> HttpResponseBase:
        """Copy a campaign under a new name.

        The copy is a draft of the same organization, without leads. Operators and admins only. `outcome_unknown` (502): as
        for making one.
        """
        campaign = self._one(request, campaign_id)
        body = DuplicateBody(data=request.data)
        body.is_valid(raise_exception=True)
        user: Any = request.user
        name = body.validated_data["name"]
        return self.answered(
            request, lambda: campaigns.duplicate_campaign(campaign.pk, name=name, actor=user), status=201
        )
