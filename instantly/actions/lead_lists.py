"""Parse lists of leads that people paste or upload; report each unreadable line with its reason."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from salesbrain.kernel.addresses import canonical_or_none
from salesbrain.kernel.csv_tables import ADDRESS_HEADINGS, Row, UnreadableTable, heading, misfit, read_rows, swallowed

FIELDS = {
    "email": ADDRESS_HEADINGS,
    "first_name": {"first_name", "firstname", "vorname", "given_name", "pr\u00e9nom", "lead_first_name"},
    "last_name": {"last_name", "lastname", "surname", "nachname", "family_name", "lead_last_name"},
    "company_name": {"company_name", "companyname", "company", "firma", "firmenname", "unternehmen", "organization", "organisation"},
    "job_title": {"job_title", "jobtitle", "position"},
    "phone": {"phone", "phone_number", "telephone", "telefon", "telefonnummer"},
    "website": {"website", "web_site", "webseite", "homepage", "company_website"},
    "personalization": {"personalization", "personalisation", "personalisierung"},
}  # fmt: skip
"""Column headings that mean a lead's own fields; any other heading is a custom variable."""

FIELD_OF = {name: field for field, names in FIELDS.items() for name in names}


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row of the list that could not be read, with its first line and the reason; `str()` is a sentence."""

    line: int
    reason: str

    def __str__(self) -> str:
        return _("Line %(line)s: %(reason)s.") % {"line": self.line, "reason": self.reason}


@dataclass(slots=True)
class LeadList:
    """The leads of a list with the line each begins in, and the rows that could not be read."""

    leads: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    doubts: list[UnreadableRow] = field(default_factory=list)


def read_leads(text: str) -> LeadList:
    """Parse a list of one address per line, or a table with a header row. Raises UnreadableTable for an unreadable text or header."""
    rows = read_rows(text)
    if not rows:
        return LeadList()
    return _addresses(rows) if rows[0].has_address else _table(rows[0], rows[1:])


def _addresses(rows: Sequence[Row]) -> LeadList:
    """Parse one address per line. A line that looks like a table row is reported; other invalid addresses are left to `add_leads`."""
    found = LeadList()
    for row in rows:
        text = "".join(row.lines).strip()
        if canonical_or_none(text) or not set(text) & set("@,;\t"):
            found.leads.append({"email": text})
            found.lines.append(row.line)
        else:
            reason = _("there is more than an address; a table needs a heading with a column email")
            found.doubts.append(UnreadableRow(row.line, reason))
    return found


def _table(head: Row, rows: Sequence[Row]) -> LeadList:
    columns = _columns(head)
    email = columns.index("email")
    found = LeadList()
    for row in rows:
        reason = misfit(row, len(columns)) or swallowed(row, len(columns), email)
        reason = reason or _without_heading(row, columns)
        if reason:
            found.doubts.append(UnreadableRow(row.line, reason))
            continue
        found.leads.append(_lead(row, columns))
        found.lines.append(row.line)
    return found


def _columns(head: Row) -> list[str]:
    """Return the meaning of each column: a lead's field, or the name of a custom variable; "" for an empty header."""
    cells = list(head.cells)
    while cells and not cells[-1]:
        cells.pop()
    columns = [FIELD_OF.get(heading(cell), cell) for cell in cells]
    if "email" not in columns:
        sentence = _("Line %(line)s: there is no column email; there are %(columns)s.")
        raise UnreadableTable(sentence % {"line": head.line, "columns": ", ".join(filter(None, cells[:10]))})
    twice = [name for name, count in Counter(filter(None, columns)).items() if count > 1]
    if twice:
        named = ", ".join(cell for cell, column in zip(cells, columns, strict=True) if column == twice[0])
        sentence = _("Line %(line)s: two columns mean %(field)s: %(columns)s. Leave one of them out.")
        raise UnreadableTable(sentence % {"line": head.line, "field": twice[0], "columns": named})
    return columns


def _without_heading(row: Row, columns: Sequence[str]) -> str | None:
    return next(
        (
            _("cell %(place)s has no heading above it") % {"place": place}
            for place, (name, cell) in enumerate(zip(columns, row.cells, strict=False), 1)
            if cell and not name
        ),
        None,
    )


def _lead(row: Row, columns: Sequence[str]) -> dict[str, Any]:
    given = {name: cell for name, cell in zip(columns, row.cells, strict=False) if name and cell}
    lead: dict[str, Any] = {name: value for name, value in given.items() if name in FIELDS}
    custom = {name: value for name, value in given.items() if name not in FIELDS}
    return lead | ({"custom_variables": custom} if custom else {})
