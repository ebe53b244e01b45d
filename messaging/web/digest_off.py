"""`/digest/off/<token>`: end of the daily digest from the link in its mail, without a login."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts.refusals import InvalidLink
from messaging.follow_ups import subscriptions
from salesbrain.web.views import Page


class DigestOffView(Page):
    """View of the unsubscribe link. Opening it changes nothing, because mail filters open links too; the button on the page ends the
    subscription.
    """

    template_name = "messaging/digest_off.html"
    title = _("Daily digest")
    example_arguments = {"token": "0" * 75}

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        try:
            row = subscriptions.read_off_link(token)
        except InvalidLink:
            return self.render({"is_over": True}, status=410)
        return self.render({"organization_name": row.organization.name})

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        try:
            subscriptions.end_by_link(token)
        except InvalidLink:
            return self.render({"is_over": True}, status=410)
        return self.render({"is_done": True})
