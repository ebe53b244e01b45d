"""Upsert campaigns or email accounts listed by Instantly into our tables, in the caller's transaction.

A row has the digest of the object it was written from, so that unchanged objects are neither validated nor sent.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from inspect import getsource
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db.models import Model

from accounts.models import EmailAccount, ProviderConnection
from accounts.models.organization import HOUSE_ID
from campaigns.models import Campaign
from instantly import schemas
from instantly.sync import statuses
from salesbrain.kernel import db

from . import campaigns, email_accounts

SQL = db.statements(Path(__file__).with_name("sql"))


AT_ONCE = 2_000  # new objects a statement: ten thousand are 40 MB, which client and server cannot hold as cheaply
MANY = 200
HASHED = """SELECT set_config('enable_nestloop', 'off', true), set_config('statement_timeout', '5min', true),
    set_config('work_mem', '64MB', true)"""
"""SQL that makes PostgreSQL join by hash, in memory, for the rest of the transaction. It cannot know the length of a JSON list and assumes
a short one: with thousands of rows on both sides a nested loop took minutes, a hash join a second.
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of mirrored object (campaign, email account). `key`: its id at the provider, in our column `field`; `row`: its columns."""

    name: str
    model: type[Model]
    field: str
    key: Callable[[Any], str]
    row: Callable[[Any], dict[str, Any]]


class Row(NamedTuple):
    """An object for the upsert statement: its columns, and the JSON that is stored."""

    columns: dict[str, Any]
    stored: bytes
    digest: bytes


CAMPAIGNS = Kind("campaigns", Campaign, "provider_id", campaigns.key, campaigns.row)
EMAIL_ACCOUNTS = Kind("email_accounts", EmailAccount, "address", email_accounts.key, email_accounts.row)
KINDS = (CAMPAIGNS, EMAIL_ACCOUNTS)


class Known(NamedTuple):
    """State of a stored row: the digest of the object it was written from, None if something else has written it since."""

    digest: bytes | None
    is_missing: bool


class Change(NamedTuple):
    """Effect on one row: imported, updated or missing. `restated`: its status is the one just listed."""

    action: str
    id: UUID
    key: str
    name: str
    old_status: str | None
    status: str
    restated: bool
    was_missing: bool


def owner_of(connection: ProviderConnection) -> UUID:
    """Return the organization of a new object: the connection's; in a shared workspace the agency's own."""
    return connection.organization_id or HOUSE_ID


def digest(stored: bytes) -> bytes:
    """Return the digest of an object and of the mapping version it was read with. `stored` contains no secret."""
    return sha256(_mapping_digest() + stored).digest()


@cache
def _mapping_digest() -> bytes:
    """Return a digest of the mapping code and statements: a release with another mapping compares every row again."""
    modules = (schemas.base, schemas.campaigns, schemas.email_accounts, statuses, campaigns, email_accounts)
    parts = [*map(getsource, modules), *(SQL[kind.name] for kind in KINDS)]
    return sha256("".join(parts).encode()).digest()


def known(kind: Kind, connection: ProviderConnection) -> dict[str, Known]:
    """Return the stored rows' state by key, missing ones included. Call in SYSTEM scope."""
    rows = kind.model._default_manager.filter(connection=connection)
    return {
        key: Known(digest and bytes(digest), missing_since is not None)
        for key, digest, missing_since in rows.values_list(kind.field, "digest", "missing_since")
    }


def write(
    kind: Kind,
    connection: ProviderConnection,
    rows: Sequence[Row],
    *,
    new: Sequence[Row] = (),
    absent: Collection[str] = (),
    seen_at: datetime,
    began_at: datetime,
) -> list[Change]:
    """Upsert objects, each at most once; return the changes. Call in SYSTEM scope.

    `seen_at`: time of the listing; a status reported by a later event stays. Stored rows with the keys `absent` are marked missing, except
    those created since `began_at`.

    `new`: keys of objects without a row, which are written in parts: no other transaction can wait for a row that does not exist yet,
    whereas existing rows must all be locked in one order.
    """
    changes: list[Change] = []
    for part in [rows, *(new[start : start + AT_ONCE] for start in range(0, len(new), AT_ONCE))]:
        gone = absent if part is rows else ()
        if not part and not gone:
            continue
        parameters = _parameters(connection, seen_at, began_at) | {
            "listed": orjson.dumps([{"place": place, **row.columns} for place, row in enumerate(part, 1)]).decode(),
            "stored": [row.stored for row in part],
            "digests": [row.digest for row in part],
            "absent": list(gone),
        }
        if len(part) > MANY:
            db.prepared(HASHED)
        changes += [Change(*row) for row in run_statement(kind.name, parameters)]
    return changes


def make_unknown_campaigns(
    connection: ProviderConnection, *, seen_at: datetime, began_at: datetime, unreadable: Sequence[str] = ()
) -> int:
    """Create campaigns that held deliveries name and that the complete listing begun at `began_at` lacked; return their number."""
    parameters = _parameters(connection, seen_at, began_at) | {"unreadable": list(unreadable)}
    return int(run_statement("unknown_campaigns", parameters).rowcount)


def _parameters(connection: ProviderConnection, seen_at: datetime, began_at: datetime) -> dict[str, Any]:
    return {
        "connection": connection.pk,
        "organization": owner_of(connection),
        "provider": connection.provider,
        "seen_at": seen_at,
        "began_at": began_at,
    }


def run_statement(name: str, parameters: dict[str, Any]) -> Any:
    """Execute an SQL file of sql/ by its name, prepared; return its cursor."""
    return db.prepared(SQL[name], parameters)
