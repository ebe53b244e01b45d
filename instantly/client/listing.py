"""Bounded iteration over Instantly's paginated lists, safe against wrong or endless pages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Generic, TypeVar

import orjson
from pydantic import ValidationError

from instantly.client.errors import PaginationError, UnexpectedShape
from instantly.client.sentences import Sentence, sentence
from instantly.schemas import Answer, reasons

# 100 is the API's maximum; above it the live service answers an empty list, without a limit ten items. The others are
# for pages that would be larger than we accept.
PAGE_SIZES = (100, 10, 1)
MAX_PAGES = 10_000

Item = TypeVar("Item", bound=Answer)
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that does not fit its model. ``id`` is empty if the item has no readable id."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """One response: its unvalidated items, and the cursor of the next page (None: there is none)."""

    items: list[Any]
    cursor: str | None


class Listing(Iterator[Item], Generic[Item]):
    """Iterator over a paginated list, each item validated; lazy, usable once; raises InstantlyError if a page fails.

    ``rejected``  the items that did not fit, by id and reason; the others go on.
    ``listed``    items seen so far, rejected ones included.
    ``requests``  HTTP requests sent so far, repeats included.
    ``complete``  True only after the last page has been handed out and the end was a proper one. Until then the
                  absence of an object proves nothing; nor does it while a rejected item has no id.

    Instantly does not say whether its order is stable while objects are added, so an object may come twice.
    """

    def __init__(
        self, call: str, model: type[Item], fetch: Callable[[str | None], Page], sent: Callable[[], int]
    ) -> None:
        self._call = call
        self._model = model
        self._fetch = fetch
        self._sent = sent
        self._pages = self._walk()
        self._items: Iterator[Item] = chain.from_iterable(self.pages())
        self.rejected: list[Rejected] = []
        self.listed = 0
        self.requests = 0
        self.complete = False

    def __next__(self) -> Item:
        return next(self._items)

    def pages(self) -> Iterator[list[Item]]:
        """Iterate page by page; a page holds its valid items, maybe none."""
        return (self._fitting(self._model.read, page) for page in self._pages)

    def unread(self) -> Iterator[list[bytes]]:
        """Iterate page by page over items that are not validated; pass those needed to :meth:`read`.

        Each is what ``Answer.stored`` makes of it, the same bytes whenever the object is the same.
        """
        return (self._fitting(self._model.stored, page) for page in self._pages)

    def read(self, stored: bytes) -> Item | None:
        """Validate an item of :meth:`unread`; return None, and add it to ``rejected``, if it does not fit."""
        try:
            return self._model.restored(stored)
        except ValidationError as fault:
            self._reject(orjson.loads(stored), reasons(fault))
            return None

    def _walk(self) -> Iterator[list[Any]]:
        cursor: str | None = None
        met: set[str] = set()
        while True:
            before = self._sent()
            try:
                page = self._fetch(cursor)
            finally:
                self.requests += self._sent() - before
            yield page.items
            cursor = page.cursor
            if cursor is None or not page.items:
                self.complete = True
                return
            if cursor in met:
                raise self._endless(sentence("fault.circle"))
            met.add(cursor)
            if len(met) >= MAX_PAGES:
                raise self._endless(sentence("fault.pages", pages=f"{MAX_PAGES:,}"))

    def _fitting(self, make: Callable[[dict[str, Any]], Made], items: list[Any]) -> list[Made]:
        fitting: list[Made] = []
        for item in items:
            self.listed += 1
            if not isinstance(item, dict):
                self.rejected.append(Rejected("", f"it is a {type(item).__name__}, not an object"))
                continue
            try:
                fitting.append(make(item))
            except ValidationError as fault:
                self._reject(item, reasons(fault))
            except (orjson.JSONEncodeError, RecursionError):
                self._reject(item, "it is nested too deeply")
        return fitting

    def _reject(self, item: dict[str, Any], reason: str) -> None:
        self.rejected.append(Rejected(self._model.key_of(item), reason))

    def _endless(self, what: Sentence) -> PaginationError:
        return PaginationError(
            sentence("provider.no_answer", call=self._call, what=what, advice=sentence("advice.narrow"))
        )


def page_of(answer: Any, call: str, name: str = "items") -> Page:
    """Return the page in ``{"items": […], "next_starting_after"?: …}`` or in a bare array; ``name``: key of the items.

    Raises UnexpectedShape for anything else: taken for an empty page, it would make a sync mark everything as missing.
    """
    if isinstance(answer, list):
        return Page(answer, None)
    items = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(items, list):
        what, advice = sentence("fault.no_items"), sentence("advice.nothing_taken")
        text = sentence("provider.no_answer", call=call, what=what, advice=advice)
        raise UnexpectedShape(text, status=200, retryable=True)
    return Page(items, _cursor(answer.get("next_starting_after"), call))


def _cursor(value: Any, call: str) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    what, advice = sentence("fault.cursor", kind=type(value).__name__), sentence("advice.changed")
    raise PaginationError(sentence("provider.no_answer", call=call, what=what, advice=advice))
