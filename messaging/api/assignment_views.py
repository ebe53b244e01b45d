"""API endpoints by which staff assign campaigns and email accounts of a shared workspace."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers import OrganizationBrief, StaffEmailAccountSerializer
from accounts.api.staff_writes import StaffWrite
from accounts.models import EmailAccount, Organization
from campaigns.models import Campaign
from messaging.campaign_transfer import CannotMove, move_campaign, move_email_account
from salesbrain import rls
from salesbrain.api.idempotency import Conflict
from salesbrain.api.parameters import NoParameters
from salesbrain.api.request_bodies import Body, Key, StrictBoolean
from salesbrain.kernel.messages import shown


class AssignBody(Body):
    """The organization to assign to (`organization_id`), or `house` true to give it back to the agency."""

    openapi: ClassVar[Mapping[str, Any]] = {
        "if": {"required": ["house"], "properties": {"house": {"const": True}}},
        "then": {"not": {"required": ["organization_id"]}},
        "else": {"required": ["organization_id"]},
    }

    organization_id = Key(required=False)
    house = StrictBoolean(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("organization_id" in attrs) == attrs["house"]:
            raise ValidationError({"organization_id": [_('Give either `organization_id` or `"house": true`.')]})
        return attrs


class Assigned(serializers.Serializer):
    """The assigned campaign, and the numbers of rows that went with it."""

    campaign_id = serializers.UUIDField()
    before = OrganizationBrief()
    organization = OrganizationBrief()
    changed = serializers.BooleanField(help_text="False: it was the organization's already.")
    contacts = serializers.IntegerField()
    messages = serializers.IntegerField()
    events = serializers.IntegerField()


class AssignmentView(StaffWrite):
    def wanted(self, body: dict[str, Any]) -> tuple[UUID, dict[UUID, str]]:
        """Return the requested organization, and all organizations' names. Raises ValidationError for an unknown one."""
        assert self.scope is not None
        with rls.scope(self.scope):
            names = dict(Organization.objects.values_list("pk", "name"))
            to = Organization.objects.house().pk if body["house"] else body["organization_id"]
        if to not in names:
            raise ValidationError({"organization_id": [_("There is no such organization.")]})
        return to, names


class AssignViewSet(AssignmentView):
    idempotent = ("create",)
    parameters = {"create": NoParameters}
    bodies = {"create": AssignBody}
    shapes = {"create": Assigned}
    answers_too = (409,)

    def create(self, request: Request, campaign_id: str) -> HttpResponseBase:
        """Assign a campaign of a shared workspace to an organization, or take it back.

        `house` is the agency's own organization, which owns what is not assigned. The campaign's contacts, messages, events
        and figures go along, in one transaction; suppressions stay in the old organization and are copied to the new one.
        409 for a campaign of a dedicated workspace. Operators and admins only.
        """
        self.allow(request, "campaigns.change_campaign")
        campaign = self.found(Campaign.objects.all(), campaign_id)
        wanted = self.body(request)
        return self.once(request, lambda: self._assigned(request, campaign, wanted))

    def _assigned(self, request: Request, campaign: Campaign, wanted: dict[str, Any]) -> Response:
        user: Any = request.user
        to, names = self.wanted(wanted)
        try:
            moved = move_campaign(campaign.pk, to, now=timezone.now(), actor=user)
        except CannotMove as error:
            raise Conflict(shown(error), code="dedicated_connection") from error
        return Response(
            {
                "campaign_id": campaign.pk,
                "before": {"id": moved.before, "name": names[moved.before]},
                "organization": {"id": to, "name": names[to]},
                "changed": moved.changed,
                "contacts": moved.people,
                "messages": moved.messages,
                "events": moved.events,
            }
        )


class EmailAccountAssignViewSet(AssignmentView):
    idempotent = ("create",)
    parameters = {"create": NoParameters}
    bodies = {"create": AssignBody}
    shapes = {"create": StaffEmailAccountSerializer}
    answers_too = (409,)

    def create(self, request: Request, account_id: str) -> HttpResponseBase:
        """Assign an email account of a shared workspace to an organization, or take it back.

        `house` is the agency's own organization, which owns what is not assigned. The new organization then sees the email
        account listed. Messages and figures move with their campaigns, not with the email account. 409 for an email account
        of a dedicated workspace. Operators and admins only.
        """
        self.allow(request, "accounts.change_emailaccount")
        account = self.found(EmailAccount.objects.all(), account_id)
        wanted = self.body(request)
        return self.once(request, lambda: self._assigned(request, account, wanted))

    def _assigned(self, request: Request, account: EmailAccount, wanted: dict[str, Any]) -> Response:
        user: Any = request.user
        to = self.wanted(wanted)[0]
        try:
            move_email_account(account.pk, to, now=timezone.now(), actor=user)
        except CannotMove as error:
            raise Conflict(shown(error), code="dedicated_connection") from error
        return Response(self.as_json(EmailAccount.objects.all(), account.pk, StaffEmailAccountSerializer))
