"""Read the bodies of pending webhook deliveries, a batch at a time, outside any transaction.

No row is locked. What was read is recorded by batch.py, which claims those that are pending still.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from salesbrain import rls
from salesbrain.kernel import db
from salesbrain.kernel.bounded_process import NotStarted, OverBudget

from .mails import Mail, read_mails
from .parsing import Unreadable, load

SQL = db.statements(Path(__file__).with_name("sql"))
SMALL = 16 * 1024
BATCH_BYTES = 8 * 1024 * 1024
"""Limit in bytes of a small body, and of all others in one batch; a body takes several times its size while processed."""
LOOKED_THROUGH = 10_000
"""Pending deliveries considered for one batch."""

Announce = Callable[[list[int]], None]


class Body(NamedTuple):
    """A delivery's body as stored (cleaned), None where it was pruned, and the version of its row."""

    id: int
    text: str | None
    version: str


class Content(NamedTuple):
    """Parsed JSON content of a delivery's body."""

    payload: dict[str, Any]
    mail: Mail


Unread = Unreadable | OverBudget | NotStarted | Exception


class ReadBatch(NamedTuple):
    """Deliveries that were pending when their bodies were read: the versions of their rows, and the content of each or the error.

    `only`: the ids that were asked for, None where the oldest ones were.
    """

    versions: dict[int, str]
    contents: dict[int, Content | Unread]
    only: list[int] | None = None

    @property
    def due(self) -> list[int]:
        """Return the ids of those whose turn came; the others stay pending for another batch."""
        return [id for id, content in self.contents.items() if not isinstance(content, NotStarted)]


def read_batch(
    limit: int,
    only: list[int] | None = None,
    *,
    announce: Announce | None = None,
    worker: int | None = None,
    taken: Sequence[int] = (),
) -> ReadBatch | None:
    """Read up to `limit` pending deliveries, oldest first; None if there is none. The parameters are those of `process_pending`."""
    bodies = select_pending(limit, only, worker, taken)
    if not bodies:
        return None
    if announce:
        announce(list(bodies))
    contents = read_bodies(bodies.values())
    return ReadBatch({body.id: body.version for body in bodies.values()}, contents, only)


def select_pending(
    limit: int, only: list[int] | None, worker: int | None, taken: Sequence[int] = ()
) -> dict[int, Body]:
    """Return the bodies of up to `limit` pending deliveries, oldest first; of large ones at most BATCH_BYTES, one at least.

    Where large ones are left for later, the search goes further, so that small ones behind them need not wait. `taken` are passed over.
    """
    considered = limit
    while True:
        parameters = [SMALL, only, only, list(taken), worker, worker, considered, SMALL, BATCH_BYTES, limit]
        with transaction.atomic():
            rls.enter(rls.SYSTEM)
            rows = db.prepared(SQL["look"], parameters).fetchall()
        if len(rows) >= limit or not rows or rows[0][3] < considered or considered > LOOKED_THROUGH:
            return {id: Body(id, text, version) for id, text, version, _ in rows}
        considered *= 8


def read_bodies(bodies: Iterable[Body]) -> dict[int, Content | Unread]:
    """Parse bodies; return for each its content or the error. No body prevents the others from being read. Call outside a transaction."""
    contents: dict[int, Content | Unread] = {}
    payloads: dict[int, dict[str, Any]] = {}
    for id, text, _ in bodies:
        try:
            payloads[id] = load(text)
        except Exception as error:  # whatever is in a body, it must not stop the ones behind it
            contents[id] = error
    for (id, payload), mail in zip(payloads.items(), read_mails(list(payloads.values())), strict=True):
        contents[id] = Content(payload, mail) if isinstance(mail, Mail) else mail
    return contents
