"""API endpoints of the caller's own data (`/me`) and of email accounts."""

from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import errors  # noqa: F401  says how this app's exceptions are answered
from accounts.api.parameters import EmailAccountList, StaffEmailAccountList
from accounts.api.serializers import EmailAccountSerializer, Me, StaffEmailAccountSerializer
from accounts.api.token_views import shown
from accounts.models import EmailAccount, Organization, User
from accounts.own_tokens import token_names
from salesbrain import rls
from salesbrain.api import throttles
from salesbrain.api.pagination import MAX_LIMIT
from salesbrain.api.parameters import NoParameters
from salesbrain.api.responses import Listed
from salesbrain.api.views import ApiView


class MeViewSet(ApiView):
    needs_organization = False
    writes_in_get = ("retrieve",)  # counts of the rate limits are in no replica
    parameters = {"retrieve": NoParameters}
    shapes = {"retrieve": Me}

    def retrieve(self, request: Request) -> Response:
        """Return the caller: user, organizations, token and rate limits.

        The token's user, the organizations they may look into, the token itself and what is left of its limits. Works
        without `organization_id`, so that a user of several organizations finds out which there are.
        """
        user: Any = request.user
        token = request.auth
        role = user.role or rls.CUSTOMER
        organizations = [{"id": id, "name": name, "role": role} for id, name, role in _organizations(user)]
        return Response(
            {
                "user": {"id": user.pk, "email": user.email, "name": user.name},
                "role": role,
                "organizations": organizations,
                "token": shown(token, token_names(user), current=token, read_only=user.read_only),
                "limits": {
                    "page": MAX_LIMIT,
                    "requests": throttles.current_usage("default", request),
                    "searches": throttles.current_usage("search", request),
                    "exports": throttles.current_usage("export", request),
                },
            }
        )


def _organizations(user: User) -> Sequence[tuple[Any, str, str]]:
    if not user.is_staff:
        return user.organizations()
    with rls.scope(user.scope_for()):
        return [(id, name, user.role) for id, name in Organization.objects.values_list("pk", "name")]


class EmailAccountViewSet(ApiView):
    parameters = {"list": EmailAccountList}
    shapes = {"list": Listed("accounts", EmailAccountSerializer)}

    def list(self, request: Request) -> Response:
        """List the organization's email accounts (the mailboxes that send).

        In a shared workspace a mailbox is listed for the organization it was assigned to.
        """
        return self.listed(self.own(EmailAccount))


class StaffEmailAccountViewSet(EmailAccountViewSet):
    staff_only = True
    parameters = {"list": StaffEmailAccountList}
    shapes = {"list": Listed("accounts", StaffEmailAccountSerializer)}

    def list(self, request: Request) -> Response:
        """List the email accounts of all organizations."""
        return super().list(request)
