"""Base API view of writes by staff: permission, idempotency key, no transaction around the request."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from salesbrain import rls
from salesbrain.api import sqljson
from salesbrain.api.idempotency import run_once
from salesbrain.api.parameters import as_key
from salesbrain.api.views import ApiView

REFUSED = {"change": _("Changing things is for operators and admins."), "delete": _("Deleting is for admins.")}


class StaffWrite(ApiView):
    """Base view of staff's writes that call a provider or last longer than one transaction. accounts.permissions decides which role may
    write.
    """

    staff_only = True
    rate = "write"
    in_transaction = False

    def allow(self, request: Request, permission: str) -> None:
        """Raise PermissionDenied unless the user has `permission`, such as `campaigns.change_campaign`."""
        if not request.user.has_perm(permission):
            raise PermissionDenied(REFUSED[permission.rpartition(".")[2].partition("_")[0]])

    def body(self, request: Request) -> dict[str, Any]:
        """Return this action's body, validated. Raises ValidationError."""
        body = self.bodies[self.action](data=request.data)
        body.is_valid(raise_exception=True)
        return body.validated_data

    def once(self, request: Request, work: Callable[[], Response]) -> HttpResponseBase:
        return run_once(request, work)

    def found(self, queryset: QuerySet[Any], key: Any) -> Any:
        """Return the row with this id if the user's scope shows it. Raises NotFound."""
        uuid = as_key(str(key))
        assert self.scope is not None
        with rls.scope(self.scope):
            row = None if uuid is None else queryset.filter(pk=uuid).first()
        if row is None:
            raise NotFound
        return row

    def as_json(self, queryset: QuerySet[Any], key: Any, serializer: type[serializers.Serializer]) -> Any:
        """Return the row in the JSON form that the lists of this API use."""
        assert self.scope is not None
        with rls.scope(self.scope):
            rows = queryset.annotate(_row=sqljson.expression(serializer)).values_list("_row", flat=True)
            return sqljson.fragment(rows.get(pk=key))
