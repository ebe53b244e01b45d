"""Compare recorded mails with Instantly's inbox: complete known ones, add missing ones.

Webhooks come first: a mail is read only once it is older than `settle`, so that the inbox does not overtake a delivery that names the same
mail less exactly.
"""

import glob
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

import orjson

from accounts.models import ProviderConnection
from campaigns.models import Campaign
from instantly.client import InstantlyClient
from instantly.processing.fields import bounded_id
from instantly.processing.mails import Mail, read_mails
from instantly.reconciliation.statements import run_statement
from instantly.schemas import Email, EmailKind
from messaging.choices import Direction, Origin
from messaging.erasure import aliases as erasure
from salesbrain import rls
from salesbrain.kernel.addresses import canonical_or_none

from . import backfill, untracked_mails

logger = logging.getLogger(__name__)

PAGE_SECONDS = 60.0
"""CPU seconds for the texts of one page of mails."""
OVERLAP = timedelta(minutes=10)
SETTLE = timedelta(minutes=2)
DIRECTIONS = {EmailKind.SENT_BY_CAMPAIGN: Direction.OUT, EmailKind.RECEIVED: Direction.IN}
"""Direction of each kind of mail that belongs to a campaign's steps; other kinds are in `untracked_mails`."""

NAMED = r"\{\{[^{}]*\}\}"
VARIABLE = re.compile(rf"{NAMED}|\{{(?:[^{{}}|]|{NAMED})*\|(?:[^{{}}]|{NAMED})*\}}")
"""Pattern of variables in subjects, such as `{{firstName}}`, and of alternatives such as `{Hi|Hello {{firstName}}}`."""


@dataclass
class MailCounts:
    """Counts of the listed mails. `through`: all mails stored at Instantly until then were processed."""

    listed: int = 0
    joined: int = 0
    backfilled: int = 0
    untracked: int = 0
    left_out: int = 0
    unreadable: int = 0
    through: datetime | None = None


def reconcile_emails(
    connection: ProviderConnection,
    client: InstantlyClient,
    *,
    since: datetime,
    now: datetime,
    settle: timedelta = SETTLE,
    dry_run: bool = False,
) -> MailCounts:
    """Process the mails that Instantly stored between `since` (with overlap) and now. Raises InstantlyError; mails processed until then
    stay, and repeating changes nothing.
    """
    counts = MailCounts()
    until = now - settle
    if until <= since:
        return counts
    sequences = _sequences(connection)
    listing = client.emails(
        min_timestamp_created=since - OVERLAP, max_timestamp_created=until, sort_order="asc", mode="emode_all"
    )
    variants: dict[tuple[str, str, int], int] = {}
    for page in listing.pages():
        counts.listed += len(page)
        _page(connection, page, sequences, variants, counts, dry_run)
    counts.unreadable = len(listing.rejected)
    counts.through = until if listing.complete else None
    return counts


def reconcile_manual_mails(
    connection: ProviderConnection,
    client: InstantlyClient,
    *,
    since: datetime,
    now: datetime,
    counts: MailCounts,
    settle: timedelta = SETTLE,
    dry_run: bool = False,
) -> None:
    """Store mails written by hand since `since`, which no webhook reports, without waiting for the nightly run.

    Fills `counts` page by page, so that the next run continues where this one had to stop. Raises InstantlyError; repeating changes
    nothing.
    """
    until = now - settle
    if until <= since:
        return
    listing = client.emails(
        min_timestamp_created=since - OVERLAP,
        max_timestamp_created=until,
        sort_order="asc",
        mode="emode_all",
        email_type="manual",
    )
    for page in listing.pages():
        counts.listed += len(page)
        _store_untracked(connection, page, counts, dry_run)
        counts.through = max([mail.timestamp_created for mail in page], default=counts.through)
    counts.through = until if listing.complete else counts.through


def _store_untracked(connection: ProviderConnection, mails: list[Email], counts: MailCounts, dry_run: bool) -> None:
    bodies = untracked_mails.deliveries_of(connection, mails)
    counts.left_out += len(mails) - len(bodies)
    counts.untracked += backfill.store_missing(connection, bodies, origin=Origin.BACKFILL, dry_run=dry_run)


def _page(
    connection: ProviderConnection,
    page: list[Email],
    sequences: dict[str, list[Any]],
    variants: dict[tuple[str, str, int], int],
    counts: MailCounts,
    dry_run: bool,
) -> None:
    """Process one page of mails. `variants`: those found so far, by (campaign, lead, step), because a reply names its step but not the
    variant.
    """
    mails = {
        bounded_id(mail.id): _facts(mail, sequences)
        for mail in page
        if mail.ue_type in DIRECTIONS and mail.campaign_id and canonical_or_none(mail.lead or "")
    }
    _store_untracked(connection, [mail for mail in page if bounded_id(mail.id) not in mails], counts, dry_run)
    texts = _texts(connection, mails)
    with rls.scope(rls.SYSTEM):
        erased = _erased(connection, list(mails.values()))
        known_as = [mail | {"lead": erased.get(mail["email_id"], mail["lead"])} for mail in mails.values()]
        matched = {email_id: (id, variant) for email_id, id, variant in _match(connection, known_as)}
        known = [
            _joining(id, mails[email_id], texts[email_id])
            for email_id, (id, _) in matched.items()
            if id is not None and email_id not in erased
        ]
        if not dry_run:
            counts.joined += run_statement("join_mails", {"mails": orjson.dumps(known).decode()}).fetchone()[0]
    unknown = [mail for id, mail in mails.items() if matched.get(id, (None, None))[0] is None]
    variants.update(
        {(mail["campaign"], mail["lead"], mail["step"]): mail["variant"] for mail in mails.values() if mail["variant"]}
    )
    for mail in unknown:
        place = mail["campaign"], mail["lead"], mail["step"]
        mail["variant"] = (matched.get(mail["email_id"]) or (None, None))[1] or variants.get(place) or 0
    if not dry_run:
        unsure = {mail["campaign"] for mail in unknown if mail["step"] and not mail["variant"]}
        backfill.mark_campaigns(connection, unsure, "is_variant_unsure")
    bodies = [_body(connection, mail) for mail in unknown]
    counts.backfilled += backfill.store_missing(connection, bodies, origin=Origin.BACKFILL, dry_run=dry_run)


def _erased(connection: ProviderConnection, mails: list[dict[str, Any]]) -> dict[str, str]:
    """Return the alias of each mail whose lead is erased: such a mail is matched without identifying data."""
    campaigns = {mail["campaign"] for mail in mails}
    owners = dict(
        Campaign.objects.filter(connection=connection, provider_id__in=campaigns).values_list(
            "provider_id", "organization_id"
        )
    )
    people = {
        mail["email_id"]: (owners[mail["campaign"]], mail["lead"]) for mail in mails if mail["campaign"] in owners
    }
    aliases = erasure.aliases(set(people.values()))
    return {email_id: aliases[person] for email_id, person in people.items() if person in aliases}


def _match(connection: ProviderConnection, mails: list[dict[str, Any]]) -> Iterator[tuple[str, Any, int | None]]:
    yield from run_statement("match_mails", {"connection": connection.pk, "mails": orjson.dumps(mails).decode()})


def _texts(connection: ProviderConnection, mails: dict[str, dict[str, Any]]) -> dict[str, Mail]:
    """Return the texts of the mails, cleaned and without quotes as for a delivery; none for a mail that costs too much CPU."""
    read = read_mails([_body(connection, mail) for mail in mails.values()], batch_seconds=PAGE_SECONDS)
    for email_id, text in zip(mails, read, strict=True):
        if not isinstance(text, Mail):
            logger.warning(
                "The text of mail %s is left out: %s", email_id, getattr(text, "reason", "the page costs too much")
            )
    return {email_id: text if isinstance(text, Mail) else Mail() for email_id, text in zip(mails, read, strict=True)}


def _joining(id: Any, mail: dict[str, Any], text: Mail) -> dict[str, Any]:
    """Return the columns that the mail adds to a known message."""
    return {
        "id": id,
        "email_id": mail["email_id"],
        "thread_id": mail["thread_id"],
        "text_at": mail["at"] if text.subject is not None or text.body_text else None,
        "subject": text.subject,
        "body_text": text.body_text,
        "body_html": text.body_html,
        "reply_text": text.reply_text,
    }


def _facts(mail: Email, sequences: dict[str, list[Any]]) -> dict[str, Any]:
    step = int(mail.step) if mail.step and mail.step.isdecimal() and len(mail.step) < 5 else 0
    direction = DIRECTIONS[EmailKind(mail.ue_type or 0)]
    written = sequences.get(mail.campaign_id or "", [])
    return {
        "email_id": bounded_id(mail.id),
        "campaign": mail.campaign_id,
        "lead": canonical_or_none(mail.lead or "") or "",
        "sender": canonical_or_none(mail.eaccount or "") or "",
        "direction": direction,
        "at": mail.timestamp_email or mail.timestamp_created,
        "subject": mail.subject or "",
        "step": step,
        "variant": _variant(written, step, mail.subject or "") if direction == Direction.OUT else 0,
        "thread_id": mail.thread_id,
        "html": mail.html,
        "text": mail.text,
        "is_auto_reply": bool(mail.is_auto_reply),
    }


def _body(connection: ProviderConnection, mail: dict[str, Any]) -> dict[str, Any]:
    """Return the delivery that Instantly would have sent for this mail."""
    sent = mail["direction"] == Direction.OUT
    event_type = "email_sent" if sent else ("auto_reply_received" if mail["is_auto_reply"] else "reply_received")
    kind = "email" if sent else "reply"
    return {
        "timestamp": backfill.timestamp(mail["at"]),
        "event_type": event_type,
        "workspace": connection.workspace_id,
        "campaign_id": mail["campaign"],
        "lead_email": mail["lead"],
        "email_account": mail["sender"],
        "email_id": mail["email_id"],
        "step": mail["step"],
        "variant": mail["variant"],
        "unibox_url": f"https://app.instantly.ai/app/unibox?thread_search=thread:{mail['thread_id'] or ''}",
        f"{kind}_subject": mail["subject"],
        f"{kind}_html": mail["html"],
        f"{kind}_text": mail["text"],
    }


def _sequences(connection: ProviderConnection) -> dict[str, list[Any]]:
    with rls.scope(rls.SYSTEM):
        return dict(Campaign.objects.filter(connection=connection).values_list("provider_id", "sequences"))


def _variant(sequences: list[Any], step: int, subject: str) -> int:
    """Return the variant whose subject matches the mail, because the inbox does not report it; 0 if several match."""
    try:
        variants = sequences[0]["steps"][step - 1]["variants"] if step else []
        subjects = [str(variant.get("subject") or "") for variant in variants]
    except (IndexError, KeyError, TypeError, AttributeError):
        return 0
    if len(subjects) == 1:
        return 1
    fitting = [place for place, written in enumerate(subjects, 1) if fnmatchcase(subject, _pattern(written))]
    return fitting[0] if len(fitting) == 1 else 0


def _pattern(written: str) -> str:
    """Return a subject as a wildcard pattern with * for each variable; a regular expression with a dozen variables would be too slow."""
    return "*".join(glob.escape(part) for part in VARIABLE.split(written))
