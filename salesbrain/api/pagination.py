"""Pages: by limit and offset, as the specification has them, or by cursor, which costs the same at any depth.

`?cursor=` (empty) begins; `next` and `previous` lead on. A cursor holds the ordering's values of the row it stands behind, no
secret and nothing that widens what is seen: it only narrows a query that is under row-level security anyway.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from salesbrain.api.parameters import Parameters, Text, Whole, Word

COUNTED = 10_000
"""Rows are counted up to here; beyond, the rollups say or `count_is_exact` is false."""
MAX_LIMIT = 500
BESIDE_LINK = {"type": ["string", "null"], "format": "uri", "description": "Address of the next page; null: this was the last."}


class PageParameters(Parameters):
    """`limit`, `offset`, `cursor` and, made by `orderings`, `ordering`."""

    limit = Whole(min_value=1, max_value=MAX_LIMIT, default=100, help_text=f"Rows a page, 1 to {MAX_LIMIT}.")
    offset = Whole(min_value=0, max_value=10_000_000, help_text="Rows to skip. Deep pages are slow: use `cursor` there.")
    cursor = Text(
        allow_blank=True,
        max_length=1000,
        help_text="Empty begins, `next` and `previous` of the answer lead on. The same cost at any depth; not with `offset`.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "cursor" in attrs and "offset" in attrs:
            raise ValidationError({"cursor": ["Use either `cursor` or `offset`."]})
        return attrs


def ordering(*words: str) -> Word:
    """Return the parameter `ordering` over these columns, each up and (with `-`) down; the first is what happens without."""
    names = [name for word in words for name in (word, word[1:] if word.startswith("-") else f"-{word}")]
    return Word(choices=names, default=words[0], help_text=f"The order, `-` for descending; otherwise {words[0]}.")


class Row(Func):
    """(a, b): compared as one value, so that the index over both is one range."""

    function = "ROW"
    output_field = BooleanField()  # never read; Django wants a type


@dataclass(frozen=True, slots=True)
class Cursor:
    ordering: str
    backwards: bool
    values: Sequence[str]

    def __str__(self) -> str:
        return urlsafe_b64encode(orjson.dumps([self.ordering, self.backwards, *self.values])).rstrip(b"=").decode()

    @classmethod
    def read(cls, text: str, *, ordering: str, columns: int) -> "Cursor":
        try:
            name, backwards, *values = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            wrong = name != ordering or not isinstance(backwards, bool) or len(values) != columns
        except (ValueError, TypeError):
            wrong = True
        if wrong or not all(isinstance(value, str) and "\0" not in value for value in values):
            raise ValidationError({"cursor": ["This is no cursor of this list in this order: begin again with an empty one."]})
        return cls(name, backwards, values)


def page(
    request: Request, parameters: Parameters, queryset: QuerySet[Any], expression: Any, *, total: Callable[[], int] | None = None
) -> tuple[list[Any], dict[str, Any]]:
    """Return one page of `expression` over the queryset, and what stands beside `data`: count, limit, offset, links.

    `total` says how many there are when nothing is filtered and there are more than are counted here.
    """
    limit, wanted = parameters["limit"], parameters["ordering"]
    columns = [wanted.lstrip("-"), "id"]
    descending = wanted.startswith("-")
    if parameters["cursor"] is None:
        return _by_offset(request, parameters, queryset, expression, columns, descending, limit, total)
    whole, cursor = queryset, None
    if parameters["cursor"]:
        cursor = Cursor.read(parameters["cursor"], ordering=wanted, columns=len(columns))
        queryset = queryset.filter(_behind(queryset.model, cursor, columns, descending))
    backwards = cursor is not None and cursor.backwards
    order = [("-" if descending != backwards else "") + column for column in columns]
    # Beside the JSON come the ordering's own values: the next cursor is made of them.
    rows = list(queryset.order_by(*order).annotate(_row=expression).values_list("_row", *columns)[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    links = {
        "next": link(request, cursor=_cursor(wanted, False, rows[-1])) if rows and (more or backwards) else None,
        "previous": link(request, cursor=_cursor(wanted, True, rows[0])) if rows and cursor and (more or not backwards) else None,
    }
    known = len(rows) if cursor is None and not more else None
    return [row[0] for row in rows], {**_count(whole, known, parameters, total), "limit": limit, **links}


def _by_offset(
    request: Request, parameters: Parameters, queryset: QuerySet[Any], expression: Any, columns: list[str],
    descending: bool, limit: int, total: Callable[[], int] | None,
) -> tuple[list[Any], dict[str, Any]]:  # fmt: skip
    offset = parameters["offset"] or 0
    order = [("-" if descending else "") + column for column in columns]
    rows = list(
        queryset.order_by(*order).annotate(_row=expression).values_list("_row", flat=True)[offset : offset + limit + 1]
    )
    more, rows = len(rows) > limit, rows[:limit]
    known = offset + len(rows) if not more and (rows or not offset) else None
    links = {
        "next": link(request, offset=offset + limit) if more else None,
        "previous": link(request, offset=max(0, offset - limit)) if offset else None,
    }
    return rows, {**_count(queryset, known, parameters, total), "limit": limit, "offset": offset, **links}


def _count(queryset: QuerySet[Any], known: int | None, parameters: Parameters, total: Callable[[], int] | None) -> dict[str, Any]:
    if known is None:
        known = queryset.order_by().values("pk")[: COUNTED + 1].count()
    if known <= COUNTED:
        return {"count": known}
    if total is not None and not parameters.narrows:
        return {"count": max(total(), known)}
    return {"count": COUNTED, "count_is_exact": False}


def _behind(model: Any, cursor: Cursor, columns: list[str], descending: bool) -> Any:
    fields = [model._meta.get_field(column) for column in columns]
    try:
        values = [Value(field.to_python(value), output_field=field) for field, value in zip(fields, cursor.values, strict=True)]
    except Exception as error:
        raise ValidationError({"cursor": ["This is no cursor of this list: begin again with an empty one."]}) from error
    comparison = LessThan if descending != cursor.backwards else GreaterThan
    return comparison(Row(*map(F, columns)), Row(*values))


def _cursor(ordering: str, backwards: bool, row: Sequence[Any]) -> str:
    values = [value.isoformat() if hasattr(value, "isoformat") else str(value) for value in row[1:]]
    return str(Cursor(ordering, backwards, values))


def link(request: Request, **changes: Any) -> str:
    """Return this request's own address with other parameters."""
    query = request.query_params.copy()
    for name, value in changes.items():
        query[name] = str(value)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode(safe=',')}")
