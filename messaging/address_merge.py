"""Migrate rows of earlier releases to canonical addresses, and merge spellings of one contact.

This may run at any time, beside running work and repeatedly: after each release that recognizes more spellings of one address. Locks are
taken in the order of recording: erasure, contacts, messages, events.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import DatabaseError, transaction
from django.db.models import Q

from accounts.models import EmailAccount
from accounts.services import record_audit
from messaging import conversation_writer, identity, search, stats_rebuild
from messaging.choices import SuppressionReason
from messaging.erasure import aliases
from messaging.erasure.service import message_renamed
from messaging.models import Contact, ContactSearch, DailyStats, Event, Message, RenamedContact, Suppression
from salesbrain import rls
from salesbrain.kernel import db
from salesbrain.kernel.addresses import ORDINARY_IN_SQL, canonical_or_none

SQL = db.statements(Path(__file__).parent / "sql" / "address_merge")
TRIES = 3
TEXTS = ("subject", "body_text", "body_html", "reply_text")


@dataclass(slots=True)
class MergeReport:
    """Counts of what `canonicalize` changed, or in a dry run would change. `no_addresses` and `no_suppressed`: contacts and suppressions
    with an invalid address, which stay unchanged.
    """

    contacts: int = 0
    joined: int = 0
    mailboxes: int = 0
    suppressions: int = 0
    no_suppressed: list[UUID] = field(default_factory=list)
    no_addresses: list[UUID] = field(default_factory=list)
    mailboxes_left: list[UUID] = field(default_factory=list)


def canonicalize(*, dry_run: bool = False, actor_name: str = "") -> MergeReport:
    """Convert suppressions, contacts (with mails and events) and mailboxes to canonical addresses; return counts of the changes.

    Call outside a transaction: each contact has its own, and figures are recounted at the end. Raises DatabaseError.
    """
    report = MergeReport()
    _suppressions(report, dry_run=dry_run)  # first: they must apply to every spelling at once
    organizations: set[UUID] = set()
    for id, organization_id, email in _contacts():
        address = canonical_or_none(email)
        if address is None:
            report.no_addresses.append(id)
        elif address != email:
            new_id = identity.contact_id(organization_id, address)
            report.contacts += 1
            report.joined += (
                _exists(new_id) if dry_run else _merge(organization_id, id, new_id, email, address, actor_name)
            )
            organizations.add(organization_id)
    organizations |= _mailboxes(report, dry_run=dry_run)
    if not dry_run:
        for organization_id in organizations:
            stats_rebuild.rebuild(organization_id)
    return report


def _suppressions(report: MergeReport, *, dry_run: bool) -> None:
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        odd = Suppression.objects.filter(~Q(email__regex=ORDINARY_IN_SQL) | Q(email__contains="xn--"))
        for id, email, reason in odd.order_by("pk").values_list("pk", "email", "reason"):
            address = canonical_or_none(email)
            if reason == SuppressionReason.ERASED:
                continue  # an alias, not an address
            if address is None:
                report.no_suppressed.append(id)
            elif address != email:
                report.suppressions += 1
                if not dry_run:
                    db.prepared(SQL["suppression"], {"id": id, "address": address})


def _contacts() -> list[tuple[UUID, UUID, str]]:
    with rls.scope(rls.SYSTEM):
        rows = Contact.objects.filter(~Q(email__regex=ORDINARY_IN_SQL) | Q(email__contains="xn--")).order_by("pk")
        return list(rows.values_list("pk", "organization_id", "email"))


def _exists(contact_id: UUID) -> bool:
    with rls.scope(rls.SYSTEM):
        return Contact.objects.filter(pk=contact_id).exists()


def _merge(organization_id: UUID, old_id: UUID, new_id: UUID, email: str, address: str, actor_name: str) -> bool:
    """Convert one contact; return whether another contact had the canonical address already (then both are merged)."""
    for turn in range(TRIES):
        try:
            return _merge_once(organization_id, old_id, new_id, email, address, actor_name)
        except DatabaseError as error:
            if turn == TRIES - 1 or not (db.is_transient(error) or db.is_concurrent_change(error)):
                raise
    raise AssertionError("the last turn returns or raises")


def _merge_once(organization_id: UUID, old_id: UUID, new_id: UUID, email: str, address: str, actor_name: str) -> bool:
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        known = aliases.aliases([(organization_id, address)])
        if alias := known.get((organization_id, address)):  # who was erased by another spelling stays anonymous
            address, new_id = alias, identity.contact_id(organization_id, alias)
        search.block_index_steps()
        db.prepared("SET CONSTRAINTS ALL DEFERRED")
        there = set(
            Contact.objects.select_for_update()
            .filter(pk__in=[old_id, new_id])
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        if old_id not in there:
            return False
        parameters: dict[str, Any] = {
            "organization": organization_id, "old_id": old_id, "new_id": new_id, "email": email, "address": address,
        }  # fmt: skip
        db.prepared(SQL["contact"], parameters)
        parameters["messages"] = orjson.dumps(list(_renamed(organization_id, old_id, email, address))).decode()
        db.prepared(SQL["messages"], parameters)
        db.prepared(SQL["events"], parameters)
        db.prepared(SQL["people"], parameters)
        ContactSearch.objects.filter(pk=old_id).delete()
        RenamedContact.objects.filter(pk=old_id).delete()
        Contact.objects.filter(pk=old_id).delete()  # and with it the conversation
        conversation_writer.rebuild_from_log([new_id])
        db.prepared("SET CONSTRAINTS ALL IMMEDIATE")
        record_audit(
            action="contact.merge",
            actor=None,
            actor_name=actor_name,
            organization_id=organization_id,
            detail={"from": str(old_id), "to": str(new_id)},
        )
        return new_id in there


def _renamed(organization_id: UUID, contact_id: UUID, email: str, address: str) -> Iterator[dict[str, UUID]]:
    rows = Message.objects.select_for_update().filter(organization=organization_id, contact=contact_id).order_by("pk")
    for message in rows.defer(*TEXTS):
        yield {"old_id": message.pk, "new_id": message_renamed(message, email, address)}


def _mailboxes(report: MergeReport, *, dry_run: bool) -> set[UUID]:
    """Convert addresses of email accounts and of rows that refer to them; return the organizations whose stats change."""
    odd = Q(email_account__gt="") & (~Q(email_account__regex=ORDINARY_IN_SQL) | Q(email_account__contains="xn--"))
    touched: set[UUID] = set()
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        pairs = set(DailyStats.objects.filter(odd).order_by().values_list("organization_id", "email_account"))
        for organization_id, old in pairs:
            new = canonical_or_none(old)
            if new is None or new == old:
                continue
            touched.add(organization_id)
            for model in () if dry_run else (Message, Event):
                model._default_manager.filter(organization=organization_id, email_account=old).update(email_account=new)
        for account in EmailAccount.objects.filter(
            ~Q(address__regex=ORDINARY_IN_SQL) | Q(address__contains="xn--")
        ).order_by("pk"):
            new = canonical_or_none(account.address)
            if new is None or new == account.address:
                continue
            if EmailAccount.objects.filter(connection=account.connection_id, address=new).exists():
                report.mailboxes_left.append(
                    account.pk
                )  # a sync has made the other one: this one is missing there by now
                continue
            report.mailboxes += 1
            if not dry_run:
                EmailAccount.objects.filter(pk=account.pk).update(address=new)
    return touched
