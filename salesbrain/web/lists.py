"""Base of list pages: filters and order in the URL, pages of fixed size, and the same rows as CSV."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from salesbrain.exporting.cells import cell
from salesbrain.web.views import PageView

PAGE_SIZE = 50
DEEPEST = 200
"""Number of pages that can be opened; beyond, filters are faster."""

MOST_ROWS = 10_000
"""Default maximum of rows in a CSV and in counts."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of rows. `count` is None if there are more than `most`."""

    rows: Sequence[Any]
    number: int
    has_next: bool
    count: int | None
    most: int = MOST_ROWS

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.has_next and self.number < DEEPEST else None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the CSV: its title, and the attribute of a row as a dotted path."""

    title: str | Promise
    path: str

    def of(self, row: Any) -> Any:
        """Return this column's value in a row, None where the path ends early."""
        for name in self.path.split("."):
            row = row.get(name) if isinstance(row, Mapping) else getattr(row, name, None)
            if row is None:
                return None
        return (
            row.isoformat() if hasattr(row, "isoformat") else row if isinstance(row, bool | int | float) else str(row)
        )


class ListView(PageView):
    """Base view of a list. A subclass defines its filters (`form_class`), orders (`orders`, the first is the default) and rows."""

    form_class: ClassVar[type[forms.Form]]
    orders: ClassVar[Sequence[str]] = ()
    columns: ClassVar[Sequence[Column]] = ()
    file_name: ClassVar[str] = "list"
    owner_path: ClassVar[str] = "organization_id"
    """Attribute of a row with its organization, for the CSV of all organizations."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        form = self.form_class(request.GET)
        if not form.is_valid():
            return self.render({**self.described(form), "shown": Shown([], 1, False, 0)}, status=400)
        filters = {name: value for name, value in form.cleaned_data.items() if value not in (None, "", [])}
        if self.writes_csv:
            return self.csv(self.rows(filters, self.order(), 0, MOST_ROWS))
        number = self.number()
        offset = (number - 1) * PAGE_SIZE
        rows = list(self.rows(filters, self.order(), offset, PAGE_SIZE + 1))
        has_next, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
        most, last = self.most(filters), offset + len(rows)
        count = last if not has_next and last < most and (rows or not offset) else self.count(filters)
        shown = Shown(rows, number, has_next, count if count <= most else None, most)
        return self.render(
            {**self.described(form), "shown": shown, "is_filtered": bool(filters), "badges": self.badges(filters)}
        )

    @property
    def writes_csv(self) -> bool:
        return self.request.GET.get("format") == "csv"

    def badges(self, filters: dict[str, Any]) -> list[str]:
        """Return the active filters of the URL that have no field in the form, in words."""
        return []

    def described(self, form: forms.Form) -> dict[str, Any]:
        return {"form": form, "order": self.order()}

    def order(self) -> str:
        """Return the chosen order, with "-" for descending; the default for an unknown one."""
        wanted = self.request.GET.get("order", "")
        return wanted if wanted.lstrip("-") in {name.lstrip("-") for name in self.orders} else self.orders[0]

    def number(self) -> int:
        wanted = self.request.GET.get("page", "1")
        return min(max(int(wanted), 1), DEEPEST) if wanted.isdecimal() and len(wanted) < 6 else 1

    def rows(self, filters: dict[str, Any], order: str, offset: int, limit: int) -> Iterable[Any]:
        """Return up to `limit` rows from `offset` on, in a fixed number of statements."""
        raise NotImplementedError

    def count(self, filters: dict[str, Any]) -> int:
        """Return the number of rows, `most` + 1 if there are more."""
        raise NotImplementedError

    def most(self, filters: dict[str, Any]) -> int:
        """Return the limit up to which rows are counted and written into a CSV."""
        return MOST_ROWS

    def csv(self, rows: Iterable[Any]) -> HttpResponse:
        """Return the rows as CSV: with the filters and the order of the page, numbers as numbers, formulas escaped.

        If the rows of all organizations are shown, the first column names the organization.
        """
        shows_all = self.organization is not None and self.organization.id is None
        names = (
            {str(choice.id): choice.name for choice in self.organization.choices}
            if shows_all and self.organization
            else {}
        )
        owner = Column(_("Organization"), self.owner_path)
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator="\r\n")
        writer.writerow([str(column.title) for column in ((owner, *self.columns) if shows_all else self.columns)])
        for row in rows:
            whose = [cell(names.get(owner.of(row), ""))] if shows_all else []
            writer.writerow([*whose, *(cell(column.of(row)) for column in self.columns)])
        response = HttpResponse(buffer.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{self.file_name}.csv"'
        return response
