"""CSV export of an admin list: exactly the rows and columns that the list shows, streamed in chunks."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from html import unescape
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import BadRequest
from django.db.models import Model
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext

from accounts.services import record_audit
from salesbrain import rls
from salesbrain.exporting.cells import cell
from salesbrain.kernel.trusted_proxies import client_address

CHUNK = 500
"""Rows that are read at once, in a transaction of their own."""
TAG = re.compile(r"<[^>]*>")
NO_COLUMNS = ("action_checkbox",)
NO_FILTERS = ("p", "all", "o", "_facets")
"""Parameters of a list's address that select no rows."""


def export_list(page: Any, request: HttpRequest, *, most: int) -> StreamingHttpResponse:
    """Return the list of a ModelAdmin as CSV, with the filters, search and order of the request: the first `most` rows of it.

    It is written to the audit log. Formulas are neutralized, and texts are those of the page without its tags.
    """
    try:
        shown = page.get_changelist_instance(request)
    except IncorrectLookupParameters as error:
        raise BadRequest(gettext("This is no filter of this list.")) from error
    columns = [name for name in page.get_list_display(request) if name not in NO_COLUMNS]
    paginator = page.get_paginator(request, shown.queryset, most)
    keys = list(paginator.page(1).object_list.values_list("pk", flat=True))
    user: Any = request.user
    with rls.scope(rls.SYSTEM):
        record_audit(
            action="admin.export",
            actor=user,
            detail={"list": page.model._meta.label_lower, "rows": len(keys), "filters": sorted(set(request.GET) - set(NO_FILTERS))},
            address=client_address(request),
        )  # fmt: skip
    lines = _lines(page, request, columns, keys, user.scope_for(), translation.get_language() or "en")
    cut = f"-first-{most}" if len(keys) == most else ""
    name = f"{page.model._meta.model_name}-{timezone.now():%Y-%m-%d}{cut}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _lines(
    page: Any, request: HttpRequest, columns: Sequence[Any], keys: Sequence[Any], scope: rls.Scope, language: str
) -> Iterator[bytes]:
    """Yield the header, then the rows of one chunk after another, in the given scope and language; the request's have ended by then."""
    with translation.override(language):
        head = [capfirst(str(label_for_field(name, page.model, page))) for name in columns]
    yield "\ufeff".encode() + _written([head])
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        with rls.scope(scope), translation.override(language):
            found = {row.pk: row for row in page.get_queryset(request).filter(pk__in=chunk)}
            rows = [found[key] for key in chunk if key in found]
            page.decorate(rows)
            written = _written([[_value(page, name, row) for name in columns] for row in rows])
        yield written


def _written(rows: Sequence[Sequence[Any]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows([[cell(value) for value in row] for row in rows])
    return buffer.getvalue().encode()


def _value(page: Any, name: Any, row: Model) -> Any:
    """Return a column's value as the list shows it: the words of a choice, a text without tags, times in UTC."""
    field, _attribute, value = lookup_field(name, row, page)
    if field is not None and getattr(field, "flatchoices", None):
        value = dict(field.flatchoices).get(value, value)
    if isinstance(value, SafeString):
        return " ".join(unescape(TAG.sub(" ", value)).split())
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if value is None or isinstance(value, bool | int | float):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
