"""Retention of audit and access entries.

Both tables are append-only: no role may delete from them. Two functions of the database remove entries; a policy limits them to entries
older than LEAST_OF_RECORDS days, whatever age they are called with.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from accounts.models import AccessEntry, AuditEntry, Organization
from salesbrain import rls
from salesbrain.kernel import db
from salesbrain.kernel.retention import Rule

FORGET_AUDIT = "SELECT sb_forget_audit(%s, %s)"
FORGET_ACCESS = "SELECT sb_forget_access(%s, %s, %s)"


def _count_audit(before: datetime) -> int:
    with rls.scope(rls.SYSTEM):
        return AuditEntry.objects.filter(at__lt=before).count()


def _forget_audit(before: datetime, batch: int) -> Iterator[int]:
    while removed := _removed(FORGET_AUDIT, before, batch):
        yield removed


def _count_access(before: datetime) -> int:
    with rls.scope(rls.SYSTEM):
        return AccessEntry.objects.filter(at__lt=before).count()


def _forget_access(before: datetime, batch: int) -> Iterator[int]:
    for organization_id in _organizations():
        while removed := _removed(FORGET_ACCESS, organization_id, before, batch):
            yield removed


def _organizations() -> list[UUID]:
    with rls.scope(rls.SYSTEM):
        return list(Organization.objects.order_by("pk").values_list("pk", flat=True))


def _removed(statement: str, *arguments: object) -> int:
    with rls.scope(rls.SYSTEM):
        row = db.prepared(statement, arguments).fetchone()
        return int(row[0]) if row else 0


RULES = (
    Rule("audit", "RETENTION_AUDIT_DAYS", "audit entries", _count_audit, _forget_audit),
    Rule("access", "RETENTION_ACCESS_DAYS", "access log entries", _count_access, _forget_access),
)
