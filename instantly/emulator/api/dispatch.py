"""Dispatch an emulated API request: authentication, rate limits, scope, validation, handler, faults."""

import logging
from dataclasses import dataclass, replace
from typing import Any

import orjson

from ..faults import Faults
from ..rate_limits import RateLimits
from ..simulation import Simulation
from ..state.keys import KeyOwner
from ..state.tables import Row
from ..state.workspaces import Workspace
from ..wire import Fault, Refusal, Request, Response
from .errors import bad_request, not_found
from .routing import Call, Deferred, Result, Route, Router
from .validation import check, obj

logger = logging.getLogger(__name__)
BLOCKED_AGENTS = ("python-urllib/",)  # the edge in front of the real service returns 403 for these


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Turns requests under /api/v2 into responses."""

    simulation: Simulation
    router: Router
    faults: Faults
    limits: RateLimits

    def handle(self, request: Request) -> Response:
        """Return the response to a request, altered by a fault set for it, if any. Never raises."""
        if request.headers.get("user-agent", "").lower().startswith(BLOCKED_AGENTS):
            return Response(403, b"error code: 1010", content_type="text/plain; charset=UTF-8")
        with self.simulation.lock:
            fault = self.faults.take(request, self._workspace_id(request))
        if fault is None:
            return self._respond(request)
        response = Response(500, b"") if fault.skips_operation else self._respond(request)
        if fault.kind == "status":
            response = _refusal_response(fault.refusal())
        return replace(_apply_fault(response, request, fault), fault=fault)

    def _respond(self, request: Request) -> Response:
        try:
            with self.simulation.lock:
                result = self._call_handler(request)
                if not isinstance(result, Deferred):
                    return _to_response(result)
            return _to_response(result.finish())
        except Refusal as refusal:
            return _refusal_response(refusal)
        except Exception:  # a bug of the emulator: respond as the service would, and keep the connection usable
            logger.exception("Could not answer %s %s", request.method, request.path)
            return _refusal_response(Refusal(500, "The emulator failed; its log says why"))

    def _call_handler(self, request: Request) -> Any:
        found = self.router.find(request.method, request.path)
        if found is None:
            raise not_found(f"Route {request.method}:{request.path} not found")
        route, params = found
        workspace, key = self._authorise(request)
        if not workspace.plan_active:
            raise Refusal(402, "Workspace does not have an active paid plan")
        self.limits.count_request(workspace.id, f"{route.method} {route.path}")
        _require_scope(route, key)
        call = Call(
            simulation=self.simulation,
            workspace=workspace,
            key=key,
            params=params,
            query=_query(request, route),
            body=_body(request, route),
            now_ms=self.simulation.clock.now_ms(),
            user_agent=request.headers.get("user-agent"),
        )
        return route.handle(call)

    def _key_owner(self, request: Request) -> KeyOwner | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return self.simulation.keys.owner(key.strip()) if scheme.lower() == "bearer" else None

    def _workspace_id(self, request: Request) -> str | None:
        owner = self._key_owner(request)
        return request.headers.get("x-as-workspace") or (owner.workspace_id if owner else None)

    def _authorise(self, request: Request) -> tuple[Workspace, Row]:
        """Return the workspace a request acts on and the row of its API key. Raises Refusal (401, 403)."""
        if not request.headers.get("authorization"):
            raise Refusal(401, "Missing Authorization header")
        owner = self._key_owner(request)
        workspace = self.simulation.workspaces.get(owner.workspace_id) if owner else None
        row = workspace.api_keys.get(owner.key_id) if workspace and owner else None
        if workspace is None or row is None:
            raise Refusal(401, "Invalid API key")
        other = request.headers.get("x-as-workspace")
        if other and other != workspace.id:
            return self._sub_workspace(workspace, other), row
        return workspace, row

    def _sub_workspace(self, admin: Workspace, other: str) -> Workspace:
        """Return the sub-workspace that an admin workspace's key may act as."""
        for member in self.simulation.group_members:
            pair = (member["admin_workspace_id"], member["sub_workspace_id"])
            if pair == (admin.id, other) and member["status"] == "accepted" and other in self.simulation.workspaces:
                return self.simulation.workspaces[other]
        raise Refusal(403, "The API key's workspace is not the admin workspace of the workspace in x-as-workspace")


def _require_scope(route: Route, key: Row) -> None:
    if route.scope is None:
        return
    resource, _, action = route.scope.rpartition(":")
    if not {route.scope, f"{resource}:all", f"all:{action}", "all:all"} & set(key["scopes"]):
        raise Refusal(403, f"API key is missing the required scope: {route.scope}")


def _query(request: Request, route: Route) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, values in request.parameters().items():
        rule = route.query.get(name) or route.query.get(name.removesuffix("[]"))
        if rule is not None:
            given[name.removesuffix("[]")] = values if rule.kind == "array" else values[-1]
    checked = check(given, obj(dict(route.query)), "querystring")
    return dict(checked)


def _body(request: Request, route: Route) -> dict[str, Any]:
    if route.body is None:
        return {}  # clients send {}, null or nothing with these
    if not request.body.strip() or request.body.strip() == b"null":
        if route.body_required:
            raise bad_request("body must be object")
        return {}
    try:
        given = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"Body is not valid JSON: {error}") from None
    checked = check(given, route.body, "body")
    return checked if isinstance(checked, dict) else {}


def _to_response(result: Any) -> Response:
    result = result if isinstance(result, Result) else Result(result)
    if result.status == 204:
        return Response(204, b"")
    body = result.value.encode() if isinstance(result.value, str) else orjson.dumps(result.value)
    return Response(result.status, body, content_type=result.content_type)


def _refusal_response(refusal: Refusal) -> Response:
    return Response(refusal.status, orjson.dumps(refusal.body), headers=refusal.headers)


def _apply_fault(response: Response, request: Request, fault: Fault) -> Response:
    """Return the response altered as the fault says: garbage, oversized, redirected, or a repeated cursor."""
    if fault.kind == "garbage":
        return Response(200, b"<html><body>Bad gateway</body></html>", content_type="text/html")
    if fault.kind == "oversize":
        return Response(200, b'{"items":[],"padding":"' + b"x" * fault.size + b'"}')
    if fault.kind == "redirect":
        return Response(302, b"", headers={"Location": fault.location})
    if fault.kind == "same_cursor":
        page = orjson.loads(response.body)
        asked = request.parameters().get("starting_after", [None])[-1]
        page["next_starting_after"] = asked or page.get("next_starting_after") or "again"
        return replace(response, body=orjson.dumps(page))
    return response
