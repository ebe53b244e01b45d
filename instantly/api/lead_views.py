"""API endpoints by which staff write leads and email accounts at Instantly.

The work is in instantly/actions.
"""

from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers import StaffEmailAccountSerializer
from accounts.models import EmailAccount
from campaigns.models import Campaign
from instantly.actions import email_accounts, leads
from instantly.api.action_writes import ActionWrite
from instantly.api.errors import with_provider_errors
from instantly.api.serializers import DeletedLead, LeadsBody, LeadsResult
from instantly.client import errors
from salesbrain.api.parameters import Key, NoParameters
from salesbrain.kernel.messages import translated

TROUBLE = (409, 502)


class OfCampaign(NoParameters):
    campaign_id = Key(required=True, help_text="The campaign the lead is in: Instantly's ids do not say it.")


class LeadViewSet(ActionWrite):
    staff_actions = {"create": "leads_add", "destroy": "lead_delete"}
    idempotent = tuple(staff_actions)
    parameters = {"create": NoParameters, "destroy": OfCampaign}
    bodies = {"create": LeadsBody}
    shapes = {"create": LeadsResult, "destroy": DeletedLead}
    answers_too = TROUBLE
    path_parameters = {"lead_id": {"type": "string", "minLength": 1, "maxLength": 320, "pattern": r"^[^\x00/]+$"}}

    def create(self, request: Request, campaign_id: str) -> HttpResponseBase:
        """Add leads to a campaign.

        Up to 5,000 at once. Repeated addresses, those the organization must not write to (its suppression list), those that
        are no addresses, and leads with unknown fields are left out and named; who is in the campaign already is skipped.
        When Instantly fails in the middle, `error` says why, `unsent` may be given again, and of `uncertain` nobody knows.
        `dry_run` says what would become of them. Operators and admins only.
        """
        self.allow_action(request)
        campaign = self.found(Campaign.objects.all(), campaign_id)
        wanted = self.body(request)
        user: Any = request.user

        def work() -> Response:
            report = leads.add_leads(campaign.pk, wanted["leads"], actor=user, dry_run=wanted["dry_run"])
            return Response(translated(report.as_data()))

        return self.once(request, lambda: with_provider_errors(request, work))

    def destroy(self, request: Request, lead_id: str) -> HttpResponseBase:
        """Delete a lead from a campaign.

        By Instantly's id, or by the lead's address. What happened with them stays here. Admins only.
        """
        self.allow_action(request)
        campaign = self.found(Campaign.objects.all(), self.asked["campaign_id"])
        user: Any = request.user

        def work() -> Response:
            try:
                email = leads.delete_lead(lead_id, campaign_id=campaign.pk, actor=user)
            except errors.NotFound as error:
                raise NotFound from error
            return Response({"campaign_id": campaign.pk, "email": email})

        return self.once(request, lambda: with_provider_errors(request, work))


class EmailAccountWriteViewSet(ActionWrite):
    staff_actions = {"pause": "account_pause", "resume": "account_resume"}
    idempotent = tuple(staff_actions)
    parameters = dict.fromkeys(idempotent, NoParameters)
    shapes = dict.fromkeys(idempotent, StaffEmailAccountSerializer)
    answers_too = TROUBLE

    def pause(self, request: Request, account_id: str) -> HttpResponseBase:
        """Pause an email account: it sends nothing until it is resumed.

        Operators and admins only.
        """
        return self._switched(request, account_id, email_accounts.pause_email_account)

    def resume(self, request: Request, account_id: str) -> HttpResponseBase:
        """Let a paused email account send again.

        Operators and admins only.
        """
        return self._switched(request, account_id, email_accounts.resume_email_account)

    def _switched(self, request: Request, account_id: str, switch: Any) -> HttpResponseBase:
        self.allow_action(request)
        account = self.found(EmailAccount.objects.all(), account_id)

        def work() -> Response:
            switch(account.pk, actor=request.user)
            return Response(self.as_json(EmailAccount.objects.all(), account.pk, StaffEmailAccountSerializer))

        return self.once(request, lambda: with_provider_errors(request, work))
