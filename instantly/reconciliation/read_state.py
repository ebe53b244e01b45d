"""Copy whether received mails are read in Instantly's inbox, because no webhook reports it."""

from datetime import datetime, timedelta

import orjson

from accounts.models import ProviderConnection
from instantly.client import InstantlyClient
from instantly.reconciliation.statements import run_statement
from salesbrain import rls

PAGES = 10
"""Pages of a hundred mails that are read, newest first: the list may be requested 20 times a minute in all."""
SETTLE = timedelta(minutes=2)
"""Age below which a mail that is missing in the list of unread mails is not taken for read."""


def update_read_state(connection: ProviderConnection, client: InstantlyClient, *, now: datetime) -> int:
    """Store for each received message whether it is unread; return how many changed. Raises InstantlyError.

    If there are more unread mails than the list may hold, messages older than the list stay unchanged: a truncated list does not show
    whether they were read.
    """
    listing = client.emails(is_unread=True, email_type="received", preview_only=True, mode="emode_all")
    unread: list[str] = []
    for number, page in enumerate(listing.pages(), 1):
        unread += [mail.id for mail in page]
        if number >= PAGES:
            break
    complete = listing.complete and not any(not item.id for item in listing.rejected)
    with rls.scope(rls.SYSTEM):
        changed = run_statement(
            "read_state",
            {
                "connection": connection.pk,
                "unread": orjson.dumps(unread).decode(),
                "complete": complete,
                "before": now - SETTLE,
            },
        ).fetchone()
    return changed[0] if changed else 0
