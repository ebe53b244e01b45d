"""Trouble on demand at the API: the next so many matching requests go wrong in a chosen way."""

import fnmatch
from dataclasses import dataclass, field
from typing import Literal, get_args

from .api.errors import Refusal
from .api.routing import Request

Kind = Literal["status", "reset", "truncate", "drip", "hang", "garbage", "oversize", "redirect", "same_cursor"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass
class Fault:
    """One kind of trouble, for the next ``times`` requests of this method whose path fits the pattern (``*``, ``?``).

    status: answer ``status`` (with ``Retry-After: retry_after`` unless None); reset: cut the connection before
    answering; truncate: announce the whole length, send half and cut; drip: send in pieces, ``seconds`` apart; hang:
    wait ``seconds`` before answering; garbage: 200 with something that is not JSON; oversize: 200 with ``size`` bytes
    of JSON; redirect: 302 to ``location``; same_cursor: a page whose cursor is the one it was asked with.
    """

    kind: Kind
    times: int = 1
    method: str = "*"
    path: str = "*"
    status: int = 500
    retry_after: float | str | None = None
    seconds: float = 1.0
    pieces: int = 10
    size: int = 50_000_000
    location: str = "http://127.0.0.1:9/elsewhere"
    message: str | None = None
    workspace: str | None = None  # id of the key's workspace; None: whichever
    done: bool = False  # status and reset: the operation is carried out first, only its answer is lost
    used: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"No such fault: {self.kind}. There are: {', '.join(KINDS)}.")

    def matches(self, request: Request, workspace_id: str | None) -> bool:
        return (
            self.times > 0
            and self.method in ("*", request.method)
            and fnmatch.fnmatchcase(request.path, self.path)
            and self.workspace in (None, workspace_id)
        )

    @property
    def answers_itself(self) -> bool:
        """Whether the operation is not carried out at all."""
        return self.kind in ("status", "reset") and not self.done

    def refusal(self) -> Refusal:
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        usual = {429: "Rate limit exceeded"}
        return Refusal(self.status, self.message or usual.get(self.status, "Fault on demand"), headers=headers)


class Faults:
    """The faults waiting for their requests, first come first served."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, kind: Kind, **options: object) -> Fault:
        """Let the next ``times`` matching requests fail. Raises ValueError or TypeError for what does not exist."""
        fault = Fault(kind, **options)  # type: ignore[arg-type]
        self._waiting.append(fault)
        return fault

    def take(self, request: Request, workspace_id: str | None) -> Fault | None:
        """The fault this request meets, if any, counted as used."""
        for fault in self._waiting:
            if fault.matches(request, workspace_id):
                fault.times -= 1
                fault.used += 1
                self._waiting = [one for one in self._waiting if one.times > 0]
                return fault
        return None

    def clear(self) -> None:
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)
