"""API endpoints of an organization's team: members and invitations."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import invitations, memberships
from accounts.api import errors  # noqa: F401  says how this app's exceptions are answered
from accounts.api.parameters import InOneOrganization
from accounts.api.team_serializers import (
    InvitationBody,
    InvitationSerializer,
    InvitedSerializer,
    MemberSerializer,
    RoleBody,
)
from accounts.models import Invitation, Membership, User
from accounts.permissions import Permission, require
from salesbrain import rls
from salesbrain.api import sqljson
from salesbrain.api.pagination import PageParameters, ordering
from salesbrain.api.parameters import as_key
from salesbrain.api.responses import NOTHING, Listed, Made
from salesbrain.api.views import ApiView


class TeamList(InOneOrganization, PageParameters):
    ordering = ordering("created_at")


class InvitationList(InOneOrganization, PageParameters):
    ordering = ordering("-created_at", "expires_at")


class InOrganization(ApiView):
    """Base view of changes inside one organization. Writes run outside the request's transaction, because a counted mail must stay counted;
    there is no Idempotency-Key, because a response may hold a link that must not be repeated to another request.
    """

    tag = "Team"
    in_organization = True

    @property
    def caller(self) -> tuple[rls.Scope, User]:
        user: Any = self.request.user
        assert self.scope is not None
        return self.scope, user

    def body(self, request: Request) -> dict[str, Any]:
        """Return this action's body, validated. Raises ValidationError."""
        body = self.bodies[self.action](data=request.data)
        body.is_valid(raise_exception=True)
        return body.validated_data

    def key(self, text: str) -> UUID:
        """Return the id in the URL. Raises NotFound if it is malformed."""
        key = as_key(text)
        if key is None:
            raise NotFound
        return key

    def as_json(self, model: type[Any], key: UUID, serializer: type[serializers.Serializer]) -> Any:
        """Return the row in the JSON form that the lists of this API use."""
        assert self.scope is not None
        with rls.scope(self.scope):
            rows = model.objects.annotate(_row=sqljson.expression(serializer)).values_list("_row", flat=True)
            return sqljson.fragment(rows.get(pk=key))


class TeamViewSet(InOrganization):
    outside = ("update", "destroy")
    rates = {"update": "write", "destroy": "write"}
    parameters = {"list": TeamList, "update": InOneOrganization, "destroy": InOneOrganization}
    bodies = {"update": RoleBody}
    shapes = {"list": Listed("members", MemberSerializer), "update": MemberSerializer, "destroy": NOTHING}
    answers_too = {"update": (409,), "destroy": (409,)}

    def list(self, request: Request) -> Response:
        """List the members of the team.

        Everybody in it may see that. `role` says what a member may do: an observer reads; a member also replies, labels, notes,
        snoozes and assigns; an owner also manages team, tokens, goals and snippets.
        """
        return self.listed(self.own(Membership))

    def update(self, request: Request, member_id: str) -> Response:
        """Give a member another role.

        For owners. It holds from the member's next request on, for their tokens too. `last_owner` (409): somebody else must own the
        organization first.
        """
        role = self.body(request)["role"]
        scope, user = self.caller
        member = memberships.change_role(scope, by=user, member_id=self.key(member_id), role=role, now=timezone.now())
        return Response(self.as_json(Membership, member.pk, MemberSerializer))

    def destroy(self, request: Request, member_id: str) -> Response:
        """Remove a member from the team.

        For owners. The member's sessions and tokens lose the organization with their next request, and open invitations they sent are
        revoked. `last_owner` (409): somebody else must own the organization first.
        """
        scope, user = self.caller
        memberships.remove_member(scope, by=user, member_id=self.key(member_id), now=timezone.now())
        return Response(status=204)


class InvitationViewSet(InOrganization):
    outside = ("create", "resend", "destroy")
    rates = dict.fromkeys(outside, "write")
    parameters = {
        "list": InvitationList,
        "create": InOneOrganization,
        "resend": InOneOrganization,
        "destroy": InOneOrganization,
    }
    bodies = {"create": InvitationBody}
    shapes = {
        "list": Listed("invitations", InvitationSerializer),
        "create": Made(InvitedSerializer),
        "resend": InvitedSerializer,
        "destroy": NOTHING,
    }
    answers_too = {"create": (409,)}

    def list(self, request: Request) -> Response:
        """List the open invitations.

        For owners. Those neither accepted nor revoked; one past `expires_at` can be sent again.
        """
        assert self.scope is not None
        require(self.scope, Permission.MANAGE_TEAM)
        return self.listed(self.mine(Invitation.objects.open()))

    def create(self, request: Request) -> Response:
        """Invite somebody by email address.

        For owners. A mail with a link that works once and for 72 hours is sent; where this installation sends none, `link` is in the
        answer: pass it on. `already_member` and `already_invited` (409) change nothing.
        """
        wanted = self.body(request)
        scope, user = self.caller
        try:
            made = invitations.invite(scope, by=user, email=wanted["email"], role=wanted["role"], now=timezone.now())
        except DjangoValidationError as error:
            raise ValidationError({"email": error.messages}) from error
        return self._answered_with(made, status=201)

    def resend(self, request: Request, invitation_id: str) -> Response:
        """Send an open invitation again.

        For owners. It is valid for 72 hours from now, and earlier links of it stop working.
        """
        scope, user = self.caller
        key = self.key(invitation_id)
        made = invitations.resend_invitation(scope, by=user, invitation_id=key, now=timezone.now())
        return self._answered_with(made, status=200)

    def destroy(self, request: Request, invitation_id: str) -> Response:
        """Revoke an open invitation: its link stops working.

        For owners.
        """
        scope, user = self.caller
        invitations.revoke_invitation(scope, by=user, invitation_id=self.key(invitation_id), now=timezone.now())
        return Response(status=204)

    def _answered_with(self, made: invitations.Invited, *, status: int) -> Response:
        shown = self.as_json(Invitation, made.invitation.pk, InvitationSerializer)
        link = made.link and self.request.build_absolute_uri(made.link)  # complete without PUBLIC_URL too
        return Response({"invitation": shown, "link": link}, status=status)
