"""API endpoints of snippets, the text templates for replies."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.parameters import InOneOrganization
from accounts.api.team_views import InOrganization
from messaging.api import errors  # noqa: F401  says how this app's refusals are answered
from messaging.api.conversation_bodies import SnippetBody, SnippetChangeBody
from messaging.api.reply_serializers import SnippetSerializer
from messaging.inbox import snippets
from messaging.models import Snippet
from salesbrain.api.pagination import PageParameters, ordering
from salesbrain.api.responses import NOTHING, Listed, Made


class SnippetList(InOneOrganization, PageParameters):
    ordering = ordering("name", "updated_at")


class SnippetViewSet(InOrganization):
    tag = "Customers"
    outside = ("create", "update", "destroy")
    rates = dict.fromkeys(outside, "write")
    parameters = {"list": SnippetList, **dict.fromkeys(outside, InOneOrganization)}
    bodies = {"create": SnippetBody, "update": SnippetChangeBody}
    shapes = {
        "list": Listed("snippets", SnippetSerializer),
        "create": Made(SnippetSerializer),
        "update": SnippetSerializer,
        "destroy": NOTHING,
    }
    answers_too = {"create": (409,), "update": (409,)}

    def list(self, request: Request) -> Response:
        """The organization's snippets, by name."""
        return self.listed(self.own(Snippet))

    def create(self, request: Request) -> Response:
        """Write a snippet.

        For owners. A variable that no contact has is named and refused. `snippet_exists` (409): there is one of this name.
        """
        scope, user = self.caller
        row = snippets.create_snippet(scope, by=user, now=timezone.now(), **self.body(request))
        return Response(SnippetSerializer(row).data, status=201)

    def update(self, request: Request, snippet_id: str) -> Response:
        """Change a snippet's name, its text, or both.

        For owners.
        """
        scope, user = self.caller
        key = self.key(snippet_id)
        row = snippets.change_snippet(scope, by=user, snippet_id=key, now=timezone.now(), **self.body(request))
        return Response(SnippetSerializer(row).data)

    def destroy(self, request: Request, snippet_id: str) -> Response:
        """Delete a snippet.

        For owners.
        """
        scope, user = self.caller
        snippets.delete_snippet(scope, by=user, snippet_id=self.key(snippet_id), now=timezone.now())
        return Response(status=204)
