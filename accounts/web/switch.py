"""View that switches the organization whose pages the session shows."""

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts.models import User
from accounts.organization_choice import choose_organization
from accounts.services import record_audit
from salesbrain import rls
from salesbrain.web import organizations
from salesbrain.web.views import Page, is_complete, to_login


class SwitchView(Page):
    """Store the chosen organization in the session. For staff, the switch to a customer's pages is written to the audit log."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponseBase:
        user: Any = request.user
        if not (isinstance(user, User) and is_complete(user)):
            return to_login(request)
        given = request.POST.get(organizations.FIELD, "")
        chosen = organizations.parse(given)
        if chosen is None and not (user.is_staff and given == organizations.ALL):
            raise Http404
        try:
            choose_organization(request.session, user, chosen)
        except rls.NoScope:
            raise Http404 from None
        if user.is_staff and chosen:
            with rls.scope(rls.SYSTEM):
                record_audit(action="organization.open", actor=user, organization_id=chosen)
        return redirect("overview")
