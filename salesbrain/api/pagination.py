"""Paginate API lists by limit and offset, or by keyset cursor at constant cost.

`?cursor=` (empty) begins; `next` and `previous` lead on. A cursor holds the sort values of the last row of its page.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import BooleanField, F, Func, Value
from django.db.models.lookups import GreaterThan, LessThan
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from salesbrain.api import sqljson
from salesbrain.api.cursors import UnknownCursor, pack, unpack
from salesbrain.api.parameters import Choice, Cursor, Integer, Parameters
from salesbrain.kernel import fast_reads
from salesbrain.kernel.fast_reads import Rows, Source

COUNTED = 10_000
"""Limit up to which rows are counted; beyond, the rollups give the count, or `count_is_exact` is false."""
MAX_LIMIT = 500
BESIDE_LINK = {
    "type": ["string", "null"],
    "format": "uri",
    "description": "Address of the next page; null: this was the last.",
}


class PageParameters(Parameters):
    """Query parameters of a paginated list: `limit`, `offset`, `cursor` and, made by `orderings`, `ordering`."""

    limit = Integer(min_value=1, max_value=MAX_LIMIT, default=100, help_text=f"Rows a page, 1 to {MAX_LIMIT}.")
    offset = Integer(
        min_value=0,
        max_value=10_000_000,
        help_text="Rows to skip, from the beginning or from `cursor` on. Deep pages are slow: use `cursor` there.",
    )
    cursor = Cursor(
        may_be_empty=True,
        help_text="Empty begins, `next` and `previous` of the answer lead on. The same cost at any depth.",
    )


def ordering(*words: str) -> Choice:
    """Return the parameter `ordering` over these columns, each ascending and (with `-`) descending; the first is the default."""
    names = [name for word in words for name in (word, word[1:] if word.startswith("-") else f"-{word}")]
    return Choice(choices=names, default=words[0], help_text=f"The order, `-` for descending; otherwise {words[0]}.")


class Row(Func):
    """SQL row value (a, b), compared as one value, so that the index over both is one range."""

    function = "ROW"
    output_field = BooleanField()  # never read; Django wants a type


def page(
    request: Request,
    parameters: Parameters,
    queryset: Source,
    serializer: type[Serializer],
    *,
    total: Callable[[], int] | None = None,
) -> tuple[list[str], dict[str, Any]]:
    """Return one page of the queryset as JSON texts, with the keys beside `data`: count, limit, offset, links.

    `total` returns the number of rows without a filter, from the daily stats.
    """
    limit, wanted = parameters["limit"], parameters["ordering"]
    columns = [wanted.lstrip("-"), "id"]
    descending = wanted.startswith("-")
    reading = partial(sqljson.page, serializer=serializer, limit=limit + 1, prepare=not parameters.narrows)
    if parameters["cursor"] is None:
        return _by_offset(request, parameters, queryset, reading, columns, descending, limit, total)
    whole, began = queryset, bool(parameters["cursor"])
    backwards = False
    if began:
        name, backwards, *values = unpack(parameters["cursor"], 2 + len(columns))
        if name != wanted or not isinstance(backwards, bool):
            raise UnknownCursor
        queryset = queryset.filter(_condition_after(queryset.model, values, columns, descending != backwards))
    order = [("-" if descending != backwards else "") + column for column in columns]
    skipped = parameters["offset"] or 0
    # Beside the JSON come the ordering's own values: the next cursor is made of them.
    counting = _counts_at_once(parameters, total) and not began and not skipped
    rows = reading(queryset, order=order, beside=columns, skip=skipped, counted=COUNTED + 1 if counting else 0)
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    links = {
        "next": link(request, offset=None, cursor=_cursor(wanted, False, rows[-1][: len(columns) + 1]))
        if rows and (more or backwards)
        else None,
        "previous": link(request, offset=None, cursor=_cursor(wanted, True, rows[0][: len(columns) + 1]))
        if rows and (began or skipped) and (more or not backwards)
        else None,
    }
    known = len(rows) if not began and not skipped and not more else rows[0][-1] if counting else None
    counted = _count(whole, known, parameters, total, at_least=len(rows) + more)
    return [row[0] for row in rows], {**counted, "limit": limit, **links}


def _by_offset(
    request: Request, parameters: Parameters, queryset: Source, reading: Callable[..., Rows], columns: list[str],
    descending: bool, limit: int, total: Callable[[], int] | None,
) -> tuple[list[str], dict[str, Any]]:  # fmt: skip
    offset = parameters["offset"] or 0
    counting = _counts_at_once(parameters, total) and not offset
    order = [("-" if descending else "") + column for column in columns]
    rows = reading(queryset, order=order, skip=offset, counted=COUNTED + 1 if counting else 0)
    more, rows = len(rows) > limit, rows[:limit]
    known = offset + len(rows) if not more and (rows or not offset) else rows[0][-1] if counting else None
    links = {
        "next": link(request, offset=offset + limit) if more else None,
        "previous": link(request, offset=max(0, offset - limit)) if offset else None,
    }
    counted = _count(queryset, known, parameters, total, at_least=offset + len(rows) + more if rows else 0)
    return [row[0] for row in rows], {**counted, "limit": limit, "offset": offset, **links}


def _counts_at_once(parameters: Parameters, total: Callable[[], int] | None) -> bool:
    """Return whether counting along with the page is cheap: by an index alone, because nothing is filtered, and without known totals."""
    return total is None and not parameters.narrows


def _count(
    queryset: Source,
    known: int | None,
    parameters: Parameters,
    total: Callable[[], int] | None,
    *,
    at_least: int,
) -> dict[str, Any]:
    """Return the number of rows: known from the page itself, else by the daily stats, else counted. Stats below the number already seen are
    ignored: they are incomplete while a command rebuilds them.
    """
    if known is None and total is not None and not parameters.narrows and (rolled_up := total()) >= max(at_least, 1):
        return {"count": rolled_up}
    if known is None:
        known = fast_reads.count(queryset, up_to=COUNTED + 1, prepare=not parameters.narrows)
    if known <= COUNTED:
        return {"count": known}
    return {"count": COUNTED, "count_is_exact": False}


def _condition_after(model: Any, texts: Sequence[Any], columns: list[str], descending: bool) -> Any:
    """Return the condition for rows after these values; raises UnknownCursor if they do not fit the columns' types."""
    values = []
    for column, text in zip(columns, texts, strict=True):
        field = model._meta.get_field(column)
        if not isinstance(text, str) or "\0" in text:
            raise UnknownCursor
        try:
            values.append(Value(field.to_python(text), output_field=field))
        except (DjangoValidationError, ValueError, OverflowError):
            raise UnknownCursor from None
    return (LessThan if descending else GreaterThan)(Row(*map(F, columns)), Row(*values))


def _cursor(ordering: str, backwards: bool, row: Sequence[Any]) -> str:
    return pack(
        ordering, backwards, *(value.isoformat() if hasattr(value, "isoformat") else str(value) for value in row[1:])
    )


def link(request: Request, **changes: Any) -> str:
    """Return the URL of this request with other parameters; None removes one."""
    query: dict[str, Any] = dict(request.query_params.lists())
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = str(value)
    return request.build_absolute_uri(f"{request.path}?{urlencode(query, doseq=True, safe=',', quote_via=quote)}")
