"""Suppressed addresses, maintained by staff: enter, import, lift with a reason, restore.

Unsubscribes and complaints are stored with their events (event_writer); this module has the changes by staff. Every change names its actor.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import EmailAccount, Organization, User
from accounts.services import record_audit
from messaging.choices import SuppressionReason
from messaging.erasure import aliases
from messaging.models import Suppression
from salesbrain import rls
from salesbrain.kernel import db
from salesbrain.kernel.addresses import NotAnAddress, canonical, canonical_or_none
from salesbrain.kernel.csv_tables import ADDRESS_HEADINGS, Row, UnreadableTable, heading, misfit, read_rows, swallowed

SQL = db.statements(Path(__file__).with_name("sql") / "suppressions")
COLUMNS = ADDRESS_HEADINGS | {"address"}
"""Headings of a list's column with the addresses, in the form that `csv_tables.heading` returns."""

MAX_BYTES = 20_000_000
CHUNK = 5000


class Unreadable(Exception):
    """Error: the list as a whole cannot be read; the text says why and what to do."""


@dataclass(slots=True)
class ImportReport:
    """Result of an import by line: given = added + known + lifted + repeated + invalid + own.

    `own`: lines with a mailbox of the agency, which is never suppressed. `known`: imported before. `lifted`: imported before and lifted by
    staff since; they stay lifted. Lines are counted from 1.
    """

    organization: str
    given: int = 0
    added: int = 0
    known: int = 0
    lifted: list[str] = field(default_factory=list)
    repeated: int = 0
    invalid: list[dict[str, Any]] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    dry_run: bool = False

    def sentence(self) -> str:
        """Return the result as a sentence, in the active language."""
        counts = {"given": self.given, "added": self.added, "known": self.known}
        whole = _("%(given)s lines: %(added)s added, %(known)s there already")
        if self.dry_run:
            whole = _("%(given)s lines: %(added)s would be added, %(known)s there already")
        parts = [whole % counts]
        if self.lifted:
            parts.append(_("%(count)s lifted by staff before and left so") % {"count": len(self.lifted)})
        if self.repeated:
            parts.append(_("%(count)s repeated") % {"count": self.repeated})
        if self.invalid:
            lines = _named([line["line"] for line in self.invalid])
            parts.append(_("%(count)s without an address (%(lines)s)") % {"count": len(self.invalid), "lines": lines})
        if self.own:
            own = {"count": len(self.own), "lines": _named(self.own)}
            parts.append(_("%(count)s left out because they are email accounts of ours (%(lines)s)") % own)
        return ", ".join(parts) + "."


def import_addresses(
    organization: Organization,
    content: bytes,
    *,
    detail: str,
    now: datetime,
    actor: User | None = None,
    actor_name: str = "",
    dry_run: bool = False,
) -> ImportReport:
    """Suppress every address of a list for an organization, in one transaction; return the report.

    The list is a text with an address per line, or a CSV with a column of addresses. `detail`: the reason, stored with each row. Importing
    it again changes nothing. Raises Unreadable.
    """
    report = ImportReport(organization.slug, dry_run=dry_run)
    lines = _valid_addresses(_cells(_text(content)), report)
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        own = set(EmailAccount.objects.filter(address__in=list(lines)).values_list("address", flat=True))
        report.own = sorted(lines[email] for email in own)
        emails = [email for email in lines if email not in own]
        known = dict(_already_suppressed(organization.pk, emails))
        report.lifted = sorted(email for email in emails if known.get(email) is False)
        # Refused by what stands for them; the address is not stored again.
        gone = {email for _, email in aliases.aliases({(organization.pk, email) for email in emails})}
        fresh = [email for email in emails if email not in known and email not in gone]
        report.known = len(emails) - len(fresh) - len(report.lifted)
        report.added = len(fresh)
        if not dry_run and fresh:
            for chunk in _chunks(sorted(fresh)):
                rows = orjson.dumps([{"email": email} for email in chunk]).decode()
                db.prepared(SQL["insert"], [organization.pk, SuppressionReason.IMPORT.value, detail, now, now, rows])
            record_audit(
                action="suppression.import",
                actor=actor,
                actor_name=actor_name,
                organization_id=organization.pk,
                detail={"given": report.given, "added": report.added},
            )
    return report


def lift(entries: Iterable[Suppression], *, reason: str, now: datetime, actor: User) -> int:
    """Deactivate suppressions, for a `reason`; return how many were active. A later unsubscribe reactivates them."""
    return _set_lifted(entries, lifted_at=now, lifted_by=actor.email, lift_reason=reason, actor=actor, verb="lift")


def restore(entries: Iterable[Suppression], *, actor: User) -> int:
    """Reactivate lifted suppressions; return how many were lifted."""
    return _set_lifted(entries, lifted_at=None, lifted_by="", lift_reason="", actor=actor, verb="restore")


def _set_lifted(entries: Iterable[Suppression], *, actor: User, verb: str, **values: Any) -> int:
    """Lift or restore suppressions that are not so yet, with audit entries without the reason, which may name a person."""
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        chosen = Suppression.objects.filter(pk__in=[entry.pk for entry in entries]).order_by("pk").select_for_update()
        wanted = [
            entry
            for entry in chosen
            if entry.is_in_force is (verb == "lift") and entry.reason != SuppressionReason.ERASED  # for good
        ]
        Suppression.objects.filter(pk__in=[entry.pk for entry in wanted]).update(**values)
        for entry in wanted:
            record_audit(action=f"suppression.{verb}", actor=actor, target=entry)
    return len(wanted)


def _already_suppressed(organization_id: UUID, emails: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield those of these addresses that are suppressed already, each with whether it is active."""
    for chunk in _chunks(emails):
        found = Suppression.objects.filter(
            organization=organization_id, email__in=chunk, reason=SuppressionReason.IMPORT
        )
        for entry in found.only("email", "lifted_at", "last_at"):
            yield entry.email, entry.is_in_force


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise Unreadable(too_large())
    for encoding in ("utf-8-sig", "cp1252"):  # a spreadsheet's own, where somebody did not choose UTF-8
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable(_("This is no text. Save the list as CSV or as plain text with an address a line."))


def _cells(text: str) -> Iterator[tuple[int, str, str | None]]:
    """Yield each row that is not empty: its line, the cell with the address, and why the row is unreadable."""
    try:
        rows = read_rows(text)
    except UnreadableTable as error:
        raise Unreadable(str(error)) from error
    if not rows:
        return
    columns = [place for place, cell in enumerate(rows[0].cells) if heading(cell) in COLUMNS]
    if rows[0].has_address or (len(rows[0].cells) == 1 and not columns):
        yield from map(_only_address, rows)
        return
    if len(columns) != 1:
        named = ", ".join(cell for cell in rows[0].cells[:10] if cell)
        sentence = (
            _(
                "Line %(line)s: more than one column holds addresses; there are %(columns)s. Name only the one that is meant “email”."
            )
            if columns
            else _(
                "Line %(line)s: no column is called email; there are %(columns)s. Name the one with the addresses “email”."
            )
        )
        raise Unreadable(sentence % {"line": rows[0].line, "columns": named})
    width = len(rows[0].cells)
    for row in rows[1:]:
        cell = row.cells[columns[0]] if columns[0] < len(row.cells) else ""
        yield row.line, cell, misfit(row, width) or swallowed(row, width, columns[0])


def _only_address(row: Row) -> tuple[int, str, str | None]:
    """Return the address of a row without a heading, if it has exactly one."""
    whole = "".join(row.lines).strip()
    if len(row.lines) == 1 and canonical_or_none(whole):  # with a display name there may be a comma in it
        return row.line, whole, None
    addresses = [cell for cell in row.cells if "@" in cell]
    several = (
        _("several addresses, and no heading says which is meant") if len(addresses) > 1 or len(row.lines) > 1 else None
    )
    return row.line, addresses[0] if addresses else row.cells[0], several


def _valid_addresses(cells: Iterable[tuple[int, str, str | None]], report: ImportReport) -> dict[str, int]:
    """Return the addresses in canonical form, each with its first line; add the invalid ones to the report."""
    lines: dict[str, int] = {}
    for line, cell, doubt in cells:
        report.given += 1
        try:
            if doubt:
                raise NotAnAddress(doubt)
            email = canonical(cell)
        except NotAnAddress as error:
            report.invalid.append({"line": line, "reason": str(error)})
            continue
        report.repeated += email in lines
        lines.setdefault(email, line)
    if not report.given:
        raise Unreadable(_("The list is empty."))
    return lines


def _named(lines: Sequence[int]) -> str:
    listed = ", ".join(map(str, lines[:10])) + (", …" if len(lines) > 10 else "")
    return _("line %(lines)s") % {"lines": listed}


def too_large() -> str:
    """Return the sentence that refuses a list for its size."""
    return _("The list has more than %(size)s MB; split it.") % {"size": MAX_BYTES // 1_000_000}


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
