"""Decorator that closes the database connection of a background job's thread."""

import threading
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from django.db import connections

P = ParamSpec("P")


def close_connection_after(work: Callable[P, None]) -> Callable[P, None]:
    """Decorator: close the thread's database connection after the job; otherwise connections outlive their threads."""

    @wraps(work)
    def job(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            work(*args, **kwargs)
        finally:
            if threading.current_thread() is not threading.main_thread():
                connections.close_all()

    return job
