"""Base class of the client's method groups: call an operation, parse one response or walk a list."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from instantly.client.errors import BodyTooLarge, UnexpectedShape
from instantly.client.errors import error_without_answer as without_answer
from instantly.client.sentences import sentence
from instantly.schemas import Answer, reasons

from .listing import PAGE_SIZES, Listing, Page, page_of
from .operations import Operation
from .transport import Transport

log = logging.getLogger("instantly.client")

Shape = TypeVar("Shape", bound=Answer)
Fields = Mapping[str, Any]


class Calls:
    """Base of the client's method groups."""

    _transport: Transport

    def _one(
        self,
        operation: Operation,
        model: type[Shape],
        *,
        path: Mapping[str, str] | None = None,
        query: Fields | None = None,
        body: Fields | None = None,
    ) -> Shape:
        """Call an operation and return its response validated as one object. A write whose answer does not fit has happened: the error is
        ``uncertain``."""
        answer = self._transport.call(operation, path=path, query=query, body=body)
        reason = "it is no object"
        if isinstance(answer, dict):
            try:
                return model.read(answer)
            except ValidationError as fault:
                reason = reasons(fault)
        raise without_answer(
            UnexpectedShape, sentence("fault.shape", reasons=reason), str(operation), status=200, safe=operation.safe,
            advice="advice.report", retryable=False,
        )  # fmt: skip

    def _list(
        self,
        operation: Operation,
        model: type[Shape],
        *,
        path: Mapping[str, str] | None = None,
        query: Fields | None = None,
        body: Fields | None = None,
        items: str = "items",
    ) -> Listing[Shape]:
        """Return a lazy listing over a paginated operation; ``limit`` and cursor go where the operation expects them (query or body).

        A page above the size limit is requested again in smaller pages: one campaign may have many steps of 26 variants, and a hundred such
        campaigns must not make every sync fail.
        """
        in_body = "limit" in (operation.body or ())
        paged = in_body or "limit" in operation.query

        def ask(**turn: Any) -> Page:
            answer = self._transport.call(
                operation,
                path=path,
                query={**(query or {}), **({} if in_body else turn)},
                body={**(body or {}), **(turn if in_body else {})},
            )
            return page_of(answer, str(operation), items)

        def fetch(cursor: str | None) -> Page:
            if not paged:
                return Page(ask().items, None)
            after = {} if cursor is None else {"starting_after": cursor}
            for size in PAGE_SIZES[:-1]:
                try:
                    return ask(limit=size, **after)
                except BodyTooLarge:
                    log.info("%s: a page of %s is too large, trying smaller ones", operation, size)
            return ask(limit=PAGE_SIZES[-1], **after)

        return Listing(str(operation), model, fetch, lambda: self._transport.requests_sent)


def at_most(limit: int, what: str, values: Iterable[str]) -> list[str]:
    """Return ``values`` as a list. Raises ValueError when there are none, or more than Instantly takes at once."""
    if isinstance(values, str):
        raise ValueError(f"{what} has to be a list, not one text.")
    several = list(values)
    if not 1 <= len(several) <= limit:
        raise ValueError(f"Instantly takes 1 to {limit} {what} at a time, not {len(several)}; split them.")
    return several
