"""`/`: how outreach stands, for one organization or, for staff, for all of them."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.web import poll
from messaging.web.overview_data import load_overview
from salesbrain.web.views import PageView


class OverviewView(PageView):
    template_name = "messaging/overview.html"
    title = _("Overview")
    navigation_name = "overview"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        user: Any = request.user
        assert self.organization is not None
        found = load_overview(today=timezone.now().date())
        return self.render({"overview": found, "poll": poll.address(user, self.organization)})
