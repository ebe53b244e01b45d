"""Page of an organization's team: members, roles, invitations."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import invitations, memberships
from accounts.choices import MembershipRole
from accounts.models import Invitation
from accounts.permissions import Permission, RoleTooLow, member_may
from accounts.refusals import Refusal
from accounts.web.forms import InvitationForm
from accounts.web.settings_pages import SettingsView
from salesbrain import rls
from salesbrain.web import organizations


class TeamView(SettingsView):
    """Page of a team: every member sees it; owners change it; each member may leave."""

    template_name = "accounts/team.html"
    title = _("Team")
    section = "team"
    needs_organization = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.show(InvitationForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        act = self.actions.get(request.POST.get("action", ""))
        if act is None or self.scope is None or self.scope.organization_id is None:
            raise Http404
        try:
            return act(self, self.scope)
        except (Refusal, RoleTooLow) as refusal:
            messages.error(request, str(refusal))
            return redirect("team")

    # --- what owners do -----------------------------------------------------------------------------------------

    def invite(self, scope: rls.Scope) -> HttpResponseBase:
        form = InvitationForm(self.request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            invited = invitations.invite(scope, by=self.user(), now=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error("email", error)
            return self.show(form)
        return self.invited(invited)

    def resend(self, scope: rls.Scope) -> HttpResponseBase:
        invited = invitations.resend_invitation(
            scope, by=self.user(), invitation_id=self.posted_key(), now=timezone.now()
        )
        return self.invited(invited)

    def revoke(self, scope: rls.Scope) -> HttpResponseBase:
        invitations.revoke_invitation(scope, by=self.user(), invitation_id=self.posted_key(), now=timezone.now())
        messages.success(self.request, gettext("The invitation was revoked."))
        return redirect("team")

    def change_role(self, scope: rls.Scope) -> HttpResponseBase:
        role = self.request.POST.get("role", "")
        if role not in MembershipRole.values:
            raise Http404
        memberships.change_role(scope, by=self.user(), member_id=self.posted_key(), role=role, now=timezone.now())
        messages.success(self.request, gettext("The role was changed."))
        return redirect("team")

    def remove(self, scope: rls.Scope) -> HttpResponseBase:
        memberships.remove_member(scope, by=self.user(), member_id=self.posted_key(), now=timezone.now())
        messages.success(self.request, gettext("The person was removed from the team."))
        return redirect("team")

    def leave(self, scope: rls.Scope) -> HttpResponseBase:
        memberships.leave(scope, by=self.user(), now=timezone.now())
        return redirect("overview")

    actions: ClassVar[dict[str, Callable[["TeamView", rls.Scope], HttpResponseBase]]] = {
        "invite": invite,
        "resend": resend,
        "revoke": revoke,
        "role": change_role,
        "remove": remove,
        "leave": leave,
    }

    def posted_key(self) -> Any:
        """Return the id of the membership or invitation a form is about. Raises Http404 where the form has none."""
        key = organizations.parse(self.request.POST.get("id", ""))
        if key is None:
            raise Http404
        return key

    # --- the page -----------------------------------------------------------------------------------------------

    def invited(self, invited: invitations.Invited) -> HttpResponseBase:
        """Show that an invitation was created: a message that its mail is on its way. Where the installation sends no mail, show its link
        instead, in this response only."""
        if invited.link is None:
            messages.success(
                self.request, gettext("An invitation is on its way to %(email)s.") % {"email": invited.invitation.email}
            )
            return redirect("team")
        return self.show(InvitationForm(), link=invited.link, invited=invited.invitation)

    def show(self, form: InvitationForm, **more: Any) -> HttpResponseBase:
        if self.scope is None or self.scope.organization_id is None:  # staff who look at all organizations
            return self.render({"choose": True})
        may_manage = member_may(self.scope.member_role, Permission.MANAGE_TEAM)
        context = {
            "form": form, "members": memberships.team(), "may_manage": may_manage, "roles": MembershipRole.choices,
            "invitations": Invitation.objects.open().order_by("email") if may_manage else [], "now": timezone.now(),
        }  # fmt: skip
        return self.render({**context, **more})
