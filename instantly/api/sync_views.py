"""API endpoint that syncs a workspace on request: POST sync/workspace."""

from collections.abc import Mapping
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ProviderConnection
from instantly.actions.registry import action_of
from instantly.api.serializers import SyncBody, SyncResult
from instantly.choices import SyncTrigger
from instantly.sync.service import ConnectionUnusable, SyncRunning, sync_connection
from salesbrain import rls
from salesbrain.api.idempotency import Conflict, run_once
from salesbrain.api.parameters import NoParameters
from salesbrain.api.views import ApiView
from salesbrain.kernel.messages import shown, translated


class SyncViewSet(ApiView):
    staff_only = True
    rate = "sync"
    staff_actions = {"create": "sync"}
    idempotent = ("create",)
    personal = False
    in_transaction = False  # Instantly is asked over HTTP: no transaction may be open meanwhile
    parameters = {"create": NoParameters}
    bodies = {"create": SyncBody}
    shapes = {"create": SyncResult}
    answers_too = (409,)

    def create(self, request: Request) -> HttpResponseBase:
        """Sync a connection's workspace now.

        Lists its campaigns and email accounts at Instantly and brings ours up to them; takes seconds, with 10,000 accounts a
        minute. A failure at Instantly is an answer too: `status` is then `incomplete` or `failed` and `errors` says why.
        Operators and admins only; 409 while another sync of the same connection is under way.
        """
        user: Any = request.user
        if not user.has_perm(action_of(self.staff_actions["create"]).permission):
            raise PermissionDenied(_("Syncing is for operators and admins."))
        body = SyncBody(data=request.data)
        body.is_valid(raise_exception=True)
        return run_once(request, lambda: self._sync(request, body.validated_data))

    def _sync(self, request: Request, wanted: Mapping[str, Any]) -> Response:
        assert self.scope is not None
        with rls.scope(self.scope):
            connection = (
                ProviderConnection.objects.select_related("organization")
                .filter(pk=wanted["provider_connection_id"])
                .first()
            )
        if connection is None:
            raise NotFound
        try:
            report = sync_connection(
                connection,
                trigger=SyncTrigger.API,
                actor_name=str(request.user),
                campaigns=wanted["sync_campaigns"],
                email_accounts=wanted["sync_email_accounts"],
            )
        except SyncRunning as error:
            raise Conflict(shown(error), code="sync_running") from error
        except ConnectionUnusable as error:
            raise Conflict(shown(error), code="connection_unusable") from error
        return Response(translated(report.as_data()))
