"""Requests, answers, and the table that leads from one to the other."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from ..state.tables import Row
from ..state.workspaces import Workspace
from .validation import Rule

if TYPE_CHECKING:
    from ..fake import FakeInstantly
    from ..faults import Fault

PREFIX = "/api/v2"


@dataclass(frozen=True, slots=True)
class Request:
    """What came over the wire, headers with lower-case names."""

    method: str
    path: str  # still percent-encoded
    query: str
    headers: Mapping[str, str]
    body: bytes = b""

    def parameters(self) -> dict[str, list[str]]:
        return parse_qs(self.query, keep_blank_values=True)


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back: finished bytes. ``trouble`` is what happens to them on the way (the doors see to it)."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"
    trouble: "Fault | None" = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A handler's result where it is not simply 200 and JSON."""

    value: Any = None
    status: int = 200
    content_type: str = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Later:
    """A handler's wish to go on without the lock, because it waits for somebody (a test delivery)."""

    finish: Callable[[], Any]


@dataclass(slots=True)
class Call:
    """One authorised request as a handler sees it. ``query`` and ``body`` are checked and coerced."""

    fake: "FakeInstantly"
    workspace: Workspace
    key: Row
    params: dict[str, str]
    query: dict[str, Any]
    body: dict[str, Any]
    now_ms: int
    user_agent: str | None = None

    @property
    def user_id(self) -> str:
        """Whoever a key acts for: the workspace's owner."""
        return str(self.workspace.row["owner"])


Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class Route:
    """One operation: method, path below /api/v2 with ``{names}``, the scope needed (None: any key), and its code."""

    method: str
    path: str
    scope: str | None
    handle: Handler
    query: Mapping[str, Rule] = field(default_factory=dict)
    body: Rule | None = None
    body_required: bool = False


class Router:
    """Finds the route of a request. Literal segments beat ``{names}``."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._by_shape: defaultdict[tuple[str, int], list[tuple[list[str], Route]]] = defaultdict(list)
        for route in self.routes:
            segments = route.path.strip("/").split("/")
            self._by_shape[route.method, len(segments)].append((segments, route))
        for candidates in self._by_shape.values():
            candidates.sort(key=lambda candidate: [segment.startswith("{") for segment in candidate[0]])

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route and the values of its ``{names}``, percent-decoded."""
        if not path.startswith(f"{PREFIX}/"):
            return None
        given = path[len(PREFIX) :].strip("/").split("/")
        for segments, route in self._by_shape.get((method, len(given)), []):
            if all(one.startswith("{") or one == other for one, other in zip(segments, given, strict=True)):
                pairs = zip(segments, given, strict=True)
                return route, {one[1:-1]: unquote(other) for one, other in pairs if one.startswith("{")}
        return None
