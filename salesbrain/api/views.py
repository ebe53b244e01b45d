"""Base API view: one transaction and one RLS scope per request.

The scope is set as soon as the caller is authenticated; the response is rendered inside, and an error rolls everything back.
"""

import re
from hashlib import sha1
from typing import Any, ClassVar
from uuid import UUID, uuid4

import structlog
from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied, Throttled, ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from salesbrain import replica, rls
from salesbrain.api import identity, pagination, sqljson
from salesbrain.api.exceptions import handle, roll_back
from salesbrain.api.parameters import AN_ID, Parameters, as_key
from salesbrain.api.renderers import Answer, EnvelopeRenderer
from salesbrain.kernel import fast_reads
from salesbrain.kernel.fast_reads import Source, Where

READ_ONLY = _(
    "This token may only read: use one that writes. Owners of an organization create them, without `read_only`."
)
REPLICATED = ("GET", "HEAD")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id(request: HttpRequest) -> str:
    """Return the caller's X-Request-ID if it is fit for a log line, else the id in our log lines of this request."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    logged = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    return next((id for id in (given, logged) if REQUEST_ID.fullmatch(id)), None) or uuid4().hex


_compression = GZipMiddleware(lambda request: HttpResponse())
"""Middleware shared by all requests; Django's decorator gzip_page would create one per request."""


class ApiView(ViewSetMixin, APIView):
    """Base of every operation. `parameters` and `shapes` are tables by action: accepted parameters and response shapes."""

    staff_only: bool = False
    needs_organization: bool = True
    in_organization: bool = False  # work inside one organization, with a member's role: staff name it too
    personal: bool = True  # about people: nobody on the way may keep it
    rate: str = "default"  # of DEFAULT_THROTTLE_RATES
    rates: ClassVar[dict[str, str]] = {}  # by action, where they differ
    without_token: tuple[str, ...] = ()  # actions that work without one
    with_read_only_token: tuple[
        str, ...
    ] = ()  # actions that write, and that a read-only token may ask for all the same
    in_transaction: bool = True  # False for what calls Instantly or streams: it opens scopes itself
    fast: tuple[str, ...] = ()  # actions that read by fast_reads alone: customers' ones have no transaction around them
    outside: tuple[str, ...] = ()  # actions of which the same holds, where the others are in the request's transaction
    writes_in_get: tuple[str, ...] = ()  # reading actions that write too, or read what no replica has: the primary's
    parameters: ClassVar[dict[str, type[Parameters]]] = {}
    shapes: ClassVar[dict[str, Any]] = {}
    bodies: ClassVar[dict[str, type[serializers.Serializer]]] = {}

    scope: rls.Scope | None = None
    asked: Parameters

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _compression.process_response(request, self._dispatched(request, *args, **kwargs))

    def _dispatched(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            identity.count_and_identify(request, self.rates.get(self._action(request), self.rate))
            action, user = self._action(request), identity.customer_of(request)
            if not self._in_transaction(action):
                response = self._answered(super().dispatch(request, *args, **kwargs))
            elif user is not None and request.method in REPLICATED and action not in self.writes_in_get:
                return replica.read(user, lambda: self._in_one_transaction(request, *args, **kwargs))
            else:
                response = self._in_one_transaction(request, *args, **kwargs)
            if user is not None and (request.method not in SAFE_METHODS or action in self.writes_in_get):
                replica.note(user.pk)
            return response
        except (Throttled, DatabaseError, InterfaceError) as error:
            # Refused at the door; or the transaction itself could not begin or end. DRF was not asked yet, or not any more.
            return self._answered(plain(handle(error, {"request": request}), request))

    def _in_one_transaction(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer in a transaction; a fast read is without, each of its statements is one."""
        if self._is_fast(request):
            with rls.each_statement():
                return self._answered(super().dispatch(request, *args, **kwargs))
        with transaction.atomic():
            response = self._answered(super().dispatch(request, *args, **kwargs))
            if response.status_code >= 500 or getattr(response, "exception", False):
                roll_back()
        return response

    def handle_exception(self, exc: Exception) -> Response:
        """Turn an exception into a response; but let those of a read on the replica through, so that the primary is asked."""
        if replica.is_reading():
            if isinstance(exc, DatabaseError | InterfaceError):
                raise exc
            if isinstance(exc, NotFound | Http404):
                raise Http404 from exc
        return super().handle_exception(exc)

    def _answered(self, response: HttpResponseBase) -> HttpResponseBase:
        """Render the response while the scope is set, and add the cache headers."""
        if isinstance(response, Response):
            response.render()
        response.headers.setdefault("Cache-Control", "private, no-store" if self.personal else "private, no-cache")
        response.headers.setdefault("X-Request-ID", getattr(self.request, "id", None) or request_id(self.request))
        if (
            self.request.method in ("GET", "HEAD")
            and response.status_code == 200
            and isinstance(response, HttpResponse)
        ):
            # SHA-1 because processors have it built in: a third of what hashing a page cost. Nobody is kept out by it.
            etag = f'"{sha1(response.content, usedforsecurity=False).hexdigest()[:24]}"'
            response.headers["ETag"] = etag
            known = self.request.META.get("HTTP_IF_NONE_MATCH", "")
            if known and etag in (part.strip().removeprefix("W/") for part in known.split(",")):
                return _not_modified(response)
        return response

    def _action(self, request: HttpRequest) -> str:
        return (getattr(self, "action_map", None) or {}).get((request.method or "").lower(), "")

    def _in_transaction(self, action: str) -> bool:
        return self.in_transaction and action not in self.outside

    def _is_fast(self, request: HttpRequest) -> bool:
        """Return whether each statement of this request is a transaction of its own, which saves two round trips."""
        is_named = self._action(request) in self.fast and not connection.in_atomic_block
        return is_named and identity.customer_of(request) is not None

    def get_permissions(self) -> list[Any]:
        return [] if self.action in self.without_token else list(super().get_permissions())

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        made: Any = super().initialize_request(request, *args, **kwargs)
        made.id = request.id = request_id(request)  # type: ignore[attr-defined]
        if made.id == request.META.get("HTTP_X_REQUEST_ID"):
            structlog.contextvars.bind_contextvars(client_request_id=made.id)
        return made

    def perform_authentication(self, request: Request) -> None:
        """Identify the caller and enter their scope. Before this call no row can be read."""
        user = request.user
        if not user.is_authenticated:
            return  # check_permissions answers 401
        if self.staff_only and not user.is_staff:
            raise PermissionDenied(_("This is for the agency's staff."))
        if user.read_only and request.method not in SAFE_METHODS and self.action not in self.with_read_only_token:
            raise PermissionDenied(READ_ONLY, code="token_read_only")
        if not self.needs_organization:
            return
        named = self._organization_named(request)
        self.scope = user.scope_in(named) if self.in_organization else user.scope_for(named)
        if self._is_fast(request._request):
            rls.enter_each_statement(self.scope)
        elif self._in_transaction(self.action or ""):
            rls.enter(self.scope)

    def _organization_named(self, request: Request) -> UUID | None:
        text = request.query_params.get("organization_id")
        if text is None:
            return None
        key = as_key(text)
        if key is None:
            raise ValidationError({"organization_id": [AN_ID]})
        return key

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        action = getattr(self, "action", None)
        if action in self.parameters:
            self.asked = self.parameters[action].read(request.query_params)

    # --- rows -----------------------------------------------------------------------------------------------------

    def mine(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to the organization of this request. The RLS policies do so anyway; repeated here, PostgreSQL can use it earlier."""
        whose = self._of_this_organization(queryset.model)
        return queryset.filter(**whose) if whose else queryset

    def own(self, model: type[Model], **compared: Any) -> Where:
        """Return the rows of the organization of this request as a fast read, for frequent operations."""
        return Where(model, {**self._of_this_organization(model), **compared})

    def _of_this_organization(self, model: type[Model]) -> dict[str, Any]:
        assert self.scope is not None
        organization = self.scope.organization_id or self.asked["organization_id"]
        if organization is None:
            return {}
        try:
            field = model._meta.get_field("organization")
        except FieldDoesNotExist:
            return {"pk": organization}
        if self.scope.organization_id is None and not field.related_model.objects.filter(pk=organization).exists():  # type: ignore[union-attr]
            raise NotFound
        return {"organization_id": organization}

    def one(self, model: type[Model], key: str) -> Any:
        """Return the row with this id; NotFound if it does not exist, belongs to another organization, or the id is malformed."""
        found = self._with_id(model, key).queryset().first()
        if found is None:
            raise NotFound
        return found

    def columns(self, model: type[Model], key: str, *names: str) -> tuple[Any, ...]:
        """Return these columns of the row with this id as a fast read; NotFound as in `one`."""
        found = fast_reads.values(self._with_id(model, key), *names)
        if not found:
            raise NotFound
        return found[0]

    def one_as_json(self, model: type[Model], key: str, serializer: type[serializers.Serializer]) -> Any:
        found = sqljson.page(self._with_id(model, key), serializer, order=[], limit=1, prepare=True)
        if not found:
            raise NotFound
        return sqljson.fragment(found[0][0])

    def _with_id(self, model: type[Model], key: str) -> Where:
        uuid = as_key(key)
        if uuid is None:
            raise NotFound
        return self.own(model, id=uuid)

    def listed(self, queryset: Source, *, total: Any = None) -> Response:
        """Return a page in this action's shape, `Listed(name, serializer)`."""
        shape = self.shapes[self.action]
        rows, beside = pagination.page(
            self.request, self.asked, self.asked.filter(queryset), shape.serializer, total=total
        )
        return Response(Answer({shape.name: [sqljson.fragment(row) for row in rows]}, beside))


def plain(response: Response, request: HttpRequest) -> HttpResponse:
    """Prepare a DRF response for rendering outside of a DRF view."""
    response.exception = response.status_code >= 400
    content = EnvelopeRenderer().render(response.data, renderer_context={"response": response})
    made = HttpResponse(content, status=response.status_code, content_type="application/json")
    for name, value in response.headers.items():
        if name != "Content-Type":
            made.headers[name] = value
    made.headers["X-Request-ID"] = request_id(request)
    return made


def _not_modified(response: HttpResponse) -> HttpResponse:
    short = HttpResponse(status=304)
    for name in ("ETag", "Cache-Control", "Vary", "X-Request-ID"):
        if name in response.headers:
            short.headers[name] = response.headers[name]
    return short
