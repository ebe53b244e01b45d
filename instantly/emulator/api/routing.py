"""Route class, the router that finds a request's route, and the call object a handler receives."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from ..simulation import Simulation
from ..state.tables import Row
from ..state.workspaces import Workspace
from .validation import Rule

PREFIX = "/api/v2"


@dataclass(frozen=True, slots=True)
class Result:
    """A handler's result where it is not simply 200 and JSON."""

    value: Any = None
    status: int = 200
    content_type: str = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Deferred:
    """A handler's result that is computed without the lock, because it waits for a receiver (a test delivery)."""

    finish: Callable[[], Any]


@dataclass(slots=True)
class Call:
    """One authorised request as a handler sees it. ``query`` and ``body`` are validated and coerced."""

    simulation: Simulation
    workspace: Workspace
    key: Row
    params: dict[str, str]
    query: dict[str, Any]
    body: dict[str, Any]
    now_ms: int
    user_agent: str | None = None

    @property
    def user_id(self) -> str:
        """Return the id of the user a key acts for: the workspace's owner."""
        return str(self.workspace.row["owner"])

    def new_id(self) -> str:
        """A fresh version 7 id, as Instantly gives its newer objects."""
        return self.simulation.ids.v7(self.now_ms)


Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class Route:
    """One operation: method, path below /api/v2 with ``{names}``, required scope (None: any key), handler."""

    method: str
    path: str
    scope: str | None
    handle: Handler
    query: Mapping[str, Rule] = field(default_factory=dict)
    body: Rule | None = None
    body_required: bool = False


class Router:
    """Finds the route of a request. Literal segments take precedence over ``{names}``."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._by_shape: defaultdict[tuple[str, int], list[tuple[list[str], Route]]] = defaultdict(list)
        for route in self.routes:
            segments = route.path.strip("/").split("/")
            self._by_shape[route.method, len(segments)].append((segments, route))
        for candidates in self._by_shape.values():
            candidates.sort(key=lambda candidate: [segment.startswith("{") for segment in candidate[0]])

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route of a request and the percent-decoded values of its ``{names}``."""
        if not path.startswith(f"{PREFIX}/"):
            return None
        given = path[len(PREFIX) :].strip("/").split("/")
        for segments, route in self._by_shape.get((method, len(given)), []):
            if all(one.startswith("{") or one == other for one, other in zip(segments, given, strict=True)):
                pairs = zip(segments, given, strict=True)
                return route, {one[1:-1]: unquote(other) for one, other in pairs if one.startswith("{")}
        return None
