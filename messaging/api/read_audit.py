"""Base API view that writes to the audit log when staff read a customer's mails."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.services import record_audit
from salesbrain import rls
from salesbrain.api.views import ApiView


class ReadAuditView(ApiView):
    """Base view of responses with texts of mails. The audit entry omits search terms, which may be names."""

    tells_texts: tuple[str, ...] = ("list",)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Write the audit entry in the request's transaction, so that no text is returned without it."""
        user = request.user
        if response.status_code == 200 and self.action in self.tells_texts and isinstance(user, User) and user.is_staff:
            whose = self.asked["organization_id"]
            with rls.scope(rls.SYSTEM):
                record_audit(
                    action="api.read",
                    actor=user,
                    organization_id=whose if isinstance(whose, UUID) else None,
                    detail={"path": request.path},
                )
        return super().finalize_response(request, response, *args, **kwargs)
