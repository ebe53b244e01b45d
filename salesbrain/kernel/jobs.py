"""Decorators of background jobs: close the database connection, report each run to observers."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec

from django.db import connections

from salesbrain.kernel import tracing

P = ParamSpec("P")
Observer = Callable[[str, datetime, BaseException | None], None]

_observers: list[Observer] = []


def observe(observer: Observer) -> None:
    """Have a function called after every decorated job with its name, when it began, and the error it ended with (None: none).

    It is called in the job's thread and must not raise.
    """
    if observer not in _observers:
        _observers.append(observer)


def close_connection_after(work: Callable[P, None]) -> Callable[P, None]:
    """Decorator: close the thread's database connection after the job; otherwise connections outlive their threads."""

    @wraps(work)
    def job(*args: P.args, **kwargs: P.kwargs) -> None:
        began, error = datetime.now(UTC), None
        try:
            with tracing.job_span(_name(work)):
                work(*args, **kwargs)
        except BaseException as failure:
            error = failure
            raise
        finally:
            _tell(work, began, error)
            _close()

    return job


def observed(work: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, Coroutine[Any, Any, None]]:
    """Decorator of a coroutine: as `close_connection_after`, whose observers run in a thread of their own."""

    @wraps(work)
    async def job(*args: P.args, **kwargs: P.kwargs) -> None:
        began, error = datetime.now(UTC), None
        try:
            with tracing.job_span(_name(work)):
                await work(*args, **kwargs)
        except BaseException as failure:
            error = failure
            raise
        finally:
            await asyncio.to_thread(_tell_and_close, work, began, error)

    return job


def _tell(work: Callable[..., Any], began: datetime, error: BaseException | None) -> None:
    for observer in _observers:
        observer(_name(work), began, error)


def _name(work: Callable[..., Any]) -> str:
    return f"{work.__module__}.{work.__name__}"


def _tell_and_close(work: Callable[..., Any], began: datetime, error: BaseException | None) -> None:
    _tell(work, began, error)
    _close()


def _close() -> None:
    if threading.current_thread() is not threading.main_thread():
        connections.close_all()
