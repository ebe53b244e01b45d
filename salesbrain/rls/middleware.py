"""Middleware that sets the RLS scope of admin requests: one transaction, role of the logged-in user.

In a middleware and not by ATOMIC_REQUESTS: Django renders a TemplateResponse after the view's transaction, when SET LOCAL no longer
applies and every count is 0. The API sets its own scope (salesbrain.api.views), because DRF authenticates inside the view.
"""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from .scope import enter

WITHOUT_SCOPE = ("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics", "/static/")


class StaffScopeMiddleware:
    """Sets the scope of admin requests; needs AuthenticationMiddleware before it. Customers and requests without a login get no scope, so
    they see no rows.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(WITHOUT_SCOPE):
            return self.get_response(request)
        user = request.user
        if not (user.is_authenticated and user.is_active and user.is_staff):
            return self.get_response(request)
        with transaction.atomic():
            enter(user.scope_for())
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response
