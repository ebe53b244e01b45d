"""One request through the service: the edge, the key, the workspace, the limits, the scope, the handler."""

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from ..faults import Fault
from ..state.tables import Row
from ..state.workspaces import KeyHolder, Workspace
from .errors import Refusal, bad_request, not_found
from .routing import Answer, Call, Later, Request, Response, Route
from .validation import check, obj

if TYPE_CHECKING:
    from ..fake import FakeInstantly

logger = logging.getLogger(__name__)
BLOCKED_AGENTS = ("python-urllib/",)  # the edge in front of the real service answers these with 403
TAKES_ARRAYS = ("array",)


def answer(fake: "FakeInstantly", request: Request) -> Response:
    """The service's answer to a request under /api/v2, with the fault it is to meet, if any. Never raises."""
    if request.headers.get("user-agent", "").lower().startswith(BLOCKED_AGENTS):
        return Response(403, b"error code: 1010", content_type="text/plain; charset=UTF-8")
    with fake.lock:
        fault = fake.faults.take(request, _workspace_id(fake, request))
    if fault is None:
        return _answer(fake, request)
    if not fault.answers_itself:
        response = _answer(fake, request)
    if fault.kind == "status":
        response = _refused(fault.refusal())
    elif fault.answers_itself:
        response = Response(500, b"")
    return replace(_spoilt(response, request, fault), trouble=fault)


def _answer(fake: "FakeInstantly", request: Request) -> Response:
    try:
        with fake.lock:
            result = _handle(fake, request)
            if not isinstance(result, Later):
                return _written(result)
        return _written(result.finish())
    except Refusal as refusal:
        return _refused(refusal)
    except Exception:  # a fault of ours: say so like the service would, and leave the connection in order
        logger.exception("Could not answer %s %s", request.method, request.path)
        return _refused(Refusal(500, "The emulator failed; its log says why"))


def _refused(refusal: Refusal) -> Response:
    return Response(refusal.status, orjson.dumps(refusal.body), headers=refusal.headers)


def _spoilt(response: Response, request: Request, fault: Fault) -> Response:
    """The response with the content this fault gives it."""
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


def _handle(fake: "FakeInstantly", request: Request) -> Any:
    found = fake.router.find(request.method, request.path)
    if found is None:
        raise not_found(f"Route {request.method}:{request.path} not found")
    route, params = found
    workspace, key = _authorise(fake, request)
    if not workspace.plan_active:
        raise Refusal(402, "Workspace does not have an active paid plan")
    fake.limits.spend(workspace.id, f"{route.method} {route.path}")
    _require_scope(route, key)
    call = Call(
        fake=fake,
        workspace=workspace,
        key=key,
        params=params,
        query=_query(request, route),
        body=_body(request, route),
        now_ms=fake.clock.now_ms(),
        user_agent=request.headers.get("user-agent"),
    )
    return route.handle(call)


def _holder(fake: "FakeInstantly", request: Request) -> KeyHolder | None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return fake.keys.holder(key.strip()) if scheme.lower() == "bearer" else None


def _workspace_id(fake: "FakeInstantly", request: Request) -> str | None:
    holder = _holder(fake, request)
    return request.headers.get("x-as-workspace") or (holder.workspace_id if holder else None)


def _authorise(fake: "FakeInstantly", request: Request) -> tuple[Workspace, Row]:
    if not request.headers.get("authorization"):
        raise Refusal(401, "Missing Authorization header")
    holder = _holder(fake, request)
    workspace = fake.workspaces.get(holder.workspace_id) if holder else None
    row = workspace.api_keys.get(holder.key_id) if workspace and holder else None
    if workspace is None or row is None:
        raise Refusal(401, "Invalid API key")
    other = request.headers.get("x-as-workspace")
    if other and other != workspace.id:
        return _act_as(fake, workspace, other), row
    return workspace, row


def _act_as(fake: "FakeInstantly", admin: Workspace, other: str) -> Workspace:
    """The sub-workspace an admin workspace's key may act as."""
    for member in fake.group_members:
        pair = (member["admin_workspace_id"], member["sub_workspace_id"])
        if pair == (admin.id, other) and member["status"] == "accepted" and other in fake.workspaces:
            return fake.workspaces[other]
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
            given[name.removesuffix("[]")] = values if rule.kind in TAKES_ARRAYS else values[-1]
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


def _written(result: Any) -> Response:
    answer = result if isinstance(result, Answer) else Answer(result)
    if answer.status == 204:
        return Response(204, b"")
    if isinstance(answer.value, str):
        return Response(answer.status, answer.value.encode(), content_type=answer.content_type)
    return Response(answer.status, orjson.dumps(answer.value), content_type=answer.content_type)
