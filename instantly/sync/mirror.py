"""Writes what Instantly listed over what we have: one statement a kind of object, in the caller's transaction."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db.models import Model

from accounts.models import EmailAccount, ProviderConnection
from accounts.models.organization import HOUSE_ID
from campaigns.models import Campaign
from salesbrain import db

from . import campaigns, email_accounts

SQL = db.statements(Path(__file__).with_name("sql"))


MANY = 200
HASHED = """SELECT set_config('enable_nestloop', 'off', true), set_config('statement_timeout', '5min', true),
    set_config('work_mem', '64MB', true)"""
"""For the rest of the transaction. PostgreSQL cannot know how long a JSON list is and takes it for short: with thousands on both
sides, joining it row by row took minutes, by hash a second. The list is held in memory, not in files on the disk."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object that is mirrored. `key` is what identifies one, `row` what the statement reads."""

    name: str
    model: type[Model]
    key: Callable[[Any], str]
    row: Callable[[Any], dict[str, Any]]


CAMPAIGNS = Kind("campaigns", Campaign, campaigns.key, campaigns.row)
EMAIL_ACCOUNTS = Kind("email_accounts", EmailAccount, email_accounts.key, email_accounts.row)
KINDS = (CAMPAIGNS, EMAIL_ACCOUNTS)


class Change(NamedTuple):
    """What became of one row: imported, updated or missing. `restated`: its status is what was listed now."""

    action: str
    id: UUID
    key: str
    name: str
    old_status: str | None
    status: str
    restated: bool
    was_missing: bool


def owner_of(connection: ProviderConnection) -> UUID:
    """Whose a new object of this connection is: its organization's, the house's where the workspace is shared."""
    return connection.organization_id or HOUSE_ID


def write(
    kind: Kind,
    connection: ProviderConnection,
    objects: Iterable[Any],
    *,
    seen_at: datetime,
    began_at: datetime,
    complete: bool,
    unreadable: Sequence[str] = (),
) -> list[Change]:
    """Mirror `objects`; return what changed. Call in SYSTEM scope.

    `seen_at` is when they were as listed: a status some event told later than that stays. Where `complete`, what we
    have and was not listed is marked missing, but for keys in `unreadable` (listed, and no use) and rows made since
    `began_at`.
    """
    rows = {kind.key(item): kind.row(item) for item in objects}  # an unstable order may list one twice: the last counts
    parameters = _parameters(connection, seen_at, began_at, unreadable) | {
        "listed": orjson.dumps(list(rows.values())).decode(),
        "complete": complete,
    }
    if len(rows) > MANY:
        db.prepared(HASHED)
    return [Change(*row) for row in run(kind.name, parameters)]


def make_unknown_campaigns(
    connection: ProviderConnection, *, seen_at: datetime, began_at: datetime, unreadable: Sequence[str] = ()
) -> int:
    """Make campaigns that held deliveries name and the complete listing begun at `began_at` lacked; return how many."""
    parameters = _parameters(connection, seen_at, began_at, unreadable)
    return int(run("unknown_campaigns", parameters).rowcount)


def _parameters(
    connection: ProviderConnection, seen_at: datetime, began_at: datetime, unreadable: Sequence[str]
) -> dict[str, Any]:
    return {
        "connection": connection.pk,
        "organization": owner_of(connection),
        "provider": connection.provider,
        "seen_at": seen_at,
        "began_at": began_at,
        "unreadable": list(unreadable),
    }


def run(name: str, parameters: dict[str, Any]) -> Any:
    """Run a statement of sql/ by its name, prepared; return its cursor."""
    return db.prepared(SQL[name], parameters)
