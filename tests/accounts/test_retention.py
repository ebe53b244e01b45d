"""Retention of audit and access entries: old ones only, and by no other way."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection
from django.utils import timezone

from accounts import retention
from accounts.models import AccessEntry, AuditEntry
from salesbrain import rls
from salesbrain.kernel.retention import LEAST_OF_RECORDS
from salesbrain.rls import policies
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()
AUDIT, ACCESS = retention.RULES


def days(number: float):
    return NOW - timedelta(days=number)


@pytest.fixture
def audit():
    """Audit entries of these ages in days: 1, 29, 31, 800, 900."""
    with rls.scope(rls.SYSTEM):
        return [AuditEntry.objects.create(action=f"of {age}", at=days(age)).pk for age in (1, 29, 31, 800, 900)]


@pytest.fixture
def access(acme, globex, customer):
    """Access entries of Acme and Globex, two and three years old, and one of yesterday each."""
    for organization in (acme, globex):
        conversation = factories.conversation(factories.contact(organization))
        for age in (1, 760, 1100):
            factories.access_entry(conversation, customer, at=days(age))


def call(scope: rls.Scope, statement: str, *arguments: Any):
    with rls.scope(scope), connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return cursor.fetchone()[0]


def ages() -> list[int]:
    with rls.scope(rls.SYSTEM):
        return sorted(
            (NOW - at).days for at in AuditEntry.objects.filter(action__startswith="of ").values_list("at", flat=True)
        )


def test_old_audit_entries_are_removed_in_batches_and_younger_ones_stay(audit):
    assert AUDIT.count(days(730)) == 2
    assert list(AUDIT.batches(days(730), 1)) == [1, 1]
    assert ages() == [1, 29, 31]


def test_old_access_entries_of_every_organization_are_removed(access):
    assert ACCESS.count(days(730)) == 4
    assert sum(ACCESS.batches(days(730), 100)) == 4
    with rls.scope(rls.SYSTEM):
        assert AccessEntry.objects.count() == 2


def test_the_database_keeps_a_month_of_entries_at_any_requested_age(audit, acme, access):
    assert call(rls.SYSTEM, "SELECT sb_forget_audit(%s, 100)", NOW + timedelta(days=1)) == 3
    assert ages() == [1, 29]
    assert call(rls.SYSTEM, "SELECT sb_forget_access(%s, %s, 100)", acme.pk, NOW + timedelta(days=1)) == 2
    assert f"'{LEAST_OF_RECORDS} days'" in policies.OLD


@pytest.mark.parametrize("role", ["sb_viewer", "sb_operator"])
def test_other_staff_scopes_are_refused(audit, role):
    with pytest.raises(ProgrammingError, match="Only the retention job"):
        call(rls.staff(role), "SELECT sb_forget_audit(%s, 100)", NOW)


def test_a_customers_scope_may_not_call_the_functions(audit, acme):
    for statement in ("SELECT sb_forget_audit(now(), 9)", f"SELECT sb_forget_access('{acme.pk}', now(), 9)"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            call(rls.customer(acme.pk), statement)


@pytest.mark.parametrize("table", ["accounts_auditentry", "accounts_accessentry"])
@pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET at = '2000-01-01'"])
def test_nobody_deletes_or_changes_entries_directly(audit, access, table, verb):
    for scope in (rls.SYSTEM, rls.staff("sb_operator")):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            rls.scope(scope),
            connection.cursor() as cursor,
        ):
            cursor.execute(verb.format(table))
