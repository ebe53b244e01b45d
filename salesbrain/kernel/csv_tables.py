"""Parse an uploaded CSV text into rows with line numbers; a malformed row is refused by its line."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from .addresses import INVISIBLE, canonical_or_none

DELIMITERS = ",;\t|"
OTHER_LINE_ENDS = "\u2028\u2029\x85\x0b\x0c"
SEPARATOR_LINE = re.compile(r"\"?sep=(.)\"?\Z", re.IGNORECASE)
QUOTED = re.compile(r'"[^"]*"')
NOT_CLOSED = gettext_noop("a quotation mark is opened here and never closed")
REASONS = {
    "unexpected end of data": NOT_CLOSED,
    "expected after": gettext_noop(
        "text follows a closing quotation mark; inside a cell in quotation marks write two of them"
    ),
    "field larger": gettext_noop("a cell is far too long, or a quotation mark is opened and never closed"),
}
WORD_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z])")
BETWEEN_WORDS = re.compile(r"[\s_.\-/:*?]+")


class UnreadableTable(ValueError):
    """Error: the text cannot be read as a table; `str()` is a sentence that names the line."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with the line it begins in, counted from 1, and the lines it consists of. Its cells are without blanks around them."""

    line: int
    cells: tuple[str, ...]
    lines: tuple[str, ...]
    delimiter: str

    @property
    def has_address(self) -> bool:
        return any("@" in cell or "\uff20" in cell for cell in self.cells)


def read_rows(text: str) -> list[Row]:
    """Return the rows that are not empty; one cell a line where the first is an address alone. Raises UnreadableTable.

    Lines end as on any system; `sep=;` in the first line names the delimiter, else the first row shows it (comma, semicolon, tab, bar).
    """
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise UnreadableTable(_("This is no text: it has NUL characters in it."))
    if "\n" not in text and "\r" not in text:
        text = text.translate(dict.fromkeys(map(ord, OTHER_LINE_ENDS), "\n"))
    lines = list(io.StringIO(text, newline=""))
    if canonical_or_none(next(filter(str.strip, lines), "")):
        return [Row(place, (line.strip(),), (line,), ",") for place, line in enumerate(lines, 1) if line.strip()]
    named = SEPARATOR_LINE.match(lines[0].rstrip("\r\n")) if lines else None
    first = 1 if named else 0
    delimiter = named.group(1) if named else _delimiter(lines)
    if delimiter in '"\r\n ':
        raise UnreadableTable(_("Line 1: this separator cannot be read; use a comma, a semicolon or a tab."))
    return list(_rows(lines, first, delimiter))


def _delimiter(lines: Sequence[str]) -> str:
    head = QUOTED.sub("", next((line for line in lines if line.strip()), ""))
    return max(DELIMITERS, key=head.count)


def _rows(lines: Sequence[str], first: int, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(iter(lines[first:]), delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t")
    begin = first
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            why = next((reason for said, reason in REASONS.items() if said in str(error)), str(error))
            raise UnreadableTable(_("Line %(line)s: %(reason)s.") % {"line": begin + 1, "reason": _(why)}) from error
        end = first + reader.line_num
        if any(map(str.strip, cells)):
            yield Row(begin + 1, tuple(map(str.strip, cells)), tuple(lines[begin:end]), delimiter)
        begin = end


def swallowed(row: Row, width: int, column: int) -> str | None:
    """Return an error if a cell of several lines seems to contain further rows (a missing quotation mark), else None.

    A line inside the cell counts as a row if it has `width` cells and an address in cell `column` (from 0).
    """
    for place, line in enumerate(row.lines[1:], 1):
        cells = next(csv.reader([line], delimiter=row.delimiter), [])
        if len(cells) == width and column < len(cells) and canonical_or_none(cells[column]):
            sentence = _(
                "line %(line)s looks like a row of its own and stands inside a cell; is a quotation mark missing?"
            )
            return sentence % {"line": row.line + place}
    return None


def misfit(row: Row, width: int) -> str | None:
    """Return an error if a row has more or fewer cells than the heading's `width`, else None.

    Extra empty cells at the end are no error.
    """
    cells = list(row.cells)
    while len(cells) > width and not cells[-1]:
        cells.pop()
    if len(cells) > width:
        sentence = _(
            "%(cells)s cells, but the heading has %(width)s; a cell with the separator in it must stand in quotation marks"
        )
        return sentence % {"cells": len(cells), "width": width}
    if len(cells) < width:
        sentence = _("%(cells)s cells, but the heading has %(width)s; which one is missing is unknown")
        return sentence % {"cells": len(cells), "width": width}
    return None


def heading(cell: str) -> str:
    """Return a heading normalized for comparison: "E-Mail", "firstName" and "First Name " are e_mail and first_name."""
    visible = INVISIBLE.sub("", unicodedata.normalize("NFKC", cell)).strip(" \"'*:")
    return BETWEEN_WORDS.sub("_", WORD_BOUNDARY.sub(" ", visible)).strip("_").lower()


ADDRESS_HEADINGS = frozenset(
    {
        "email", "e_mail", "mail", "email_address", "e_mail_address", "mail_address", "emailaddress", "lead_email", "lead_e_mail",
        "contact_email", "work_email", "business_email", "email_adresse", "e_mail_adresse", "mailadresse", "emailadresse", "mail_adresse",
        "e_mailadresse", "lead_email_address", "adresse_e_mail", "adresse_email", "courriel",
    }
)  # fmt: skip
"""Headings of a column of addresses to write to."""
