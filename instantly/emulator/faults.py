"""Faults on demand at the emulated API: the next matching requests fail in a chosen way."""

from .wire import Fault, FaultKind, Request


class Faults:
    """The faults waiting for their requests, first in, first out."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, kind: FaultKind, **options: object) -> Fault:
        """Make the next ``times`` matching requests fail. Raises ValueError or TypeError for unknown input."""
        fault = Fault(kind, **options)  # type: ignore[arg-type]
        self._waiting.append(fault)
        return fault

    def take(self, request: Request, workspace_id: str | None) -> Fault | None:
        """The fault for this request, if any; it counts as used."""
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
