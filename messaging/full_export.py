"""Full export of an organization or a connection as files, with a verifiable manifest.

Pages by key, each in a scope and transaction of its own: an export of millions holds no snapshot and no memory.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q

from accounts.models import EmailAccount, Organization, ProviderConnection
from campaigns.models import Campaign
from messaging.models import Contact, ContactLabel, Conversation, DailyStats, Event, Message, Note, Suppression
from salesbrain import rls
from salesbrain.api.exporting import neutralize

PAGE = 2000
FORMATS = ("json", "ndjson", "csv")


@dataclass(frozen=True, slots=True)
class Kind:
    """A file of the export: a table, what it leaves out, and whose rows of a connection they are."""

    name: str
    model: type[Model]
    of_connection: Callable[[ProviderConnection], Q] | None
    without: tuple[str, ...] = ("raw",)

    @property
    def columns(self) -> list[str]:
        return [field.attname for field in self.model._meta.concrete_fields if field.attname not in self.without]


KINDS = (
    Kind("campaigns", Campaign, lambda connection: Q(connection=connection)),
    Kind("email_accounts", EmailAccount, lambda connection: Q(connection=connection)),
    Kind("contacts", Contact, lambda connection: Q(events__connection_id=connection.pk)),
    Kind("suppressions", Suppression, None),
    Kind("messages", Message, lambda connection: Q(campaign__connection=connection)),
    Kind("conversations", Conversation, None),
    Kind("notes", Note, None),
    Kind("labels", ContactLabel, None),
    Kind("events", Event, lambda connection: Q(connection_id=connection.pk)),
    Kind("daily_stats", DailyStats, lambda connection: Q(campaign__connection=connection)),
)


def export(
    folder: Path,
    *,
    form: str,
    now: datetime,
    organization: Organization | None = None,
    connection: ProviderConnection | None = None,
) -> dict[str, Any]:
    """Write one file a kind and manifest.json into `folder`, which must be new; return the manifest.

    Of an organization: what it sees itself, read in its own scope. Of a connection: its workspace's, whoseever it is;
    kinds that belong to no workspace are left out. Raises FileExistsError, OSError.
    """
    folder.mkdir(parents=True)
    scope = rls.customer(organization.pk) if organization else rls.SYSTEM
    files = []
    for kind in KINDS:
        chosen = Q(organization=organization) if organization else None
        if connection is not None:
            if kind.of_connection is None:
                continue
            chosen = kind.of_connection(connection)
        assert chosen is not None, "an export is of an organization or of a connection"
        files.append(_write(folder / f"{kind.name}.{form}", kind, form, _rows(kind, chosen, scope)))
    manifest = {
        "made_at": now.isoformat(),
        "organization": organization.slug if organization else None,
        "connection": connection.name if connection else None,
        "format": form,
        "files": files,
        "rows": sum(file["rows"] for file in files),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return manifest


def _rows(kind: Kind, chosen: Q, scope: rls.Scope) -> Iterator[list[dict[str, Any]]]:
    last: Any = None
    while True:
        with rls.scope(scope):
            rows = kind.model._default_manager.filter(chosen).order_by("pk")
            if last is not None:
                rows = rows.filter(pk__gt=last)
            page = list(rows.distinct().values(*kind.columns)[:PAGE])
        if page:
            yield page
        if len(page) < PAGE:
            return
        last = page[-1][kind.model._meta.pk.attname]


def _write(path: Path, kind: Kind, form: str, pages: Iterator[list[dict[str, Any]]]) -> dict[str, Any]:
    rows = 0
    with path.open("wb") as plain:
        out = _Hashed(plain)
        writer = WRITERS[form](out, kind.columns)
        for page in pages:
            rows += len(page)
            writer.write(page)
        writer.end()
    return {
        "name": path.name,
        "rows": rows,
        "bytes": out.size,
        "sha256": out.digest.hexdigest(),
        "columns": kind.columns,
    }


class _Hashed:
    """Writes, and knows the hash and size of what was written."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self.digest, self.size = out, hashlib.sha256(), 0

    def write(self, text: str) -> None:
        data = text.encode("utf-8", "replace")
        self.digest.update(data)
        self.size += len(data)
        self._out.write(data)


def _as_json(row: dict[str, Any]) -> str:
    return json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)


class _Lines:
    def __init__(self, out: _Hashed, columns: list[str]) -> None:
        self._out = out

    def write(self, page: list[dict[str, Any]]) -> None:
        self._out.write("".join(_as_json(row) + "\n" for row in page))

    def end(self) -> None:
        """Lines need no end."""


class _Array:
    def __init__(self, out: _Hashed, columns: list[str]) -> None:
        self._out, self._between = out, "[\n"

    def write(self, page: list[dict[str, Any]]) -> None:
        for row in page:
            self._out.write(self._between + _as_json(row))
            self._between = ",\n"

    def end(self) -> None:
        self._out.write("[]\n" if self._between == "[\n" else "\n]\n")


class _Table:
    """A cell that a spreadsheet would take for a formula gets a quote in front: names and subjects are strangers' text."""

    def __init__(self, out: _Hashed, columns: list[str]) -> None:
        self._out, self._columns = out, columns
        self._line([*columns])

    def write(self, page: list[dict[str, Any]]) -> None:
        for row in page:
            self._line([self._cell(row[column]) for column in self._columns])

    def end(self) -> None:
        """Lines need no end."""

    def _line(self, cells: list[Any]) -> None:
        line = io.StringIO()
        csv.writer(line).writerow(cells)
        self._out.write(line.getvalue())

    def _cell(self, value: Any) -> Any:
        if isinstance(value, str):
            return neutralize(value)
        if isinstance(value, dict | list):
            return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
        return value.isoformat() if hasattr(value, "isoformat") else value


WRITERS: dict[str, Callable[[_Hashed, list[str]], Any]] = {"json": _Array, "ndjson": _Lines, "csv": _Table}
