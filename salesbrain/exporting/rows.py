"""Read the rows of an export as JSON texts, in keyset pages, each a transaction with its RLS scope.

An export of millions therefore needs neither a long snapshot nor much memory, and may continue after the request's own scope has ended.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Expression, QuerySet

from salesbrain import rls

PAGE = 1000
FIRST_PAGE, SHORTEST_PAGE = 100, 16
PAGE_BYTES = 1024 * 1024
BOUNDED = """
SELECT _key, _row, _found FROM (
    SELECT _key, _row, count(*) OVER () AS _found, sum(octet_length(_row)) OVER (ORDER BY _key) - octet_length(_row) AS _before
    FROM ({}) AS _page (_key, _row)
) AS _measured WHERE _before < %s ORDER BY _key"""
"""SQL that limits a page to the rows that begin within a number of bytes: a thousand rows may be a megabyte or ten gigabytes."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows to export. `queryset` is called in each page's scope; `row`: the SQL expression of a row as JSON (salesbrain.api.sqljson)."""

    queryset: Callable[[], QuerySet[Any]]
    row: Expression
    scope: rls.Scope

    def texts(self) -> Iterator[str]:
        """Yield each row as JSON text, by key: every row that existed at the beginning exactly once."""
        last, wanted = None, FIRST_PAGE
        while True:
            wanted = min(wanted, PAGE)
            rows, found = self.page(last, wanted)
            if not rows:
                return
            last, came = rows[-1][0], len(rows)
            rows.reverse()
            while rows:
                yield rows.pop()[1]
            if came == found < wanted:
                return
            wanted = max(came * 2, SHORTEST_PAGE)

    def page(self, last: Any, wanted: int) -> tuple[list[tuple[Any, str]], int]:
        """Return up to `wanted` rows after `last`, fewer if they are large, and the number of rows found before that reduction."""
        with rls.scope(self.scope):
            page = self.queryset().order_by("pk")
            if last is not None:
                page = page.filter(pk__gt=last)
            rows = page.annotate(_row=self.row).values_list("pk", "_row")[:wanted]
            sql, params = rows.query.sql_with_params()
            with connection.cursor() as cursor:
                cursor.execute(BOUNDED.format(sql), [*params, PAGE_BYTES])
                bounded = cursor.fetchall()
        return [(key, text) for key, text, _ in bounded], bounded[0][2] if bounded else 0
