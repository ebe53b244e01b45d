"""RLS scope: visible rows, end with its block, no widening by a customer."""

import sys

import pytest
from django.db import DatabaseError, OperationalError, ProgrammingError, connection, transaction
from psycopg.pq import TransactionStatus

from accounts.models import AuditEntry, Organization, ProviderConnection
from campaigns.models import Campaign
from salesbrain import rls
from salesbrain.kernel import db
from tests import factories


@pytest.fixture
def two(acme_connection, globex_connection):
    return factories.campaign(acme_connection, "Ours"), factories.campaign(globex_connection, "Theirs")


def names() -> list[str]:
    return sorted(Campaign.objects.values_list("name", flat=True))


def test_without_a_scope_there_are_no_rows(two):
    assert names() == []
    assert Organization.objects.count() == 0


def test_a_customer_sees_her_organizations_rows_only(two, acme):
    with rls.scope(rls.customer(acme.pk)):
        assert names() == ["Ours"]
        assert list(Organization.objects.all()) == [acme]


@pytest.mark.parametrize("role", rls.ROLES)
def test_staff_see_every_organization(two, role):
    with rls.scope(rls.staff(role)):
        assert names() == ["Ours", "Theirs"]


def test_the_role_variable_alone_gives_nothing(two):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.user_role', 'sb_admin', true)")
        assert names() == []


def test_a_customer_cannot_read_staff_tables(two, acme):
    for model in (ProviderConnection, AuditEntry):
        with rls.scope(rls.customer(acme.pk)), transaction.atomic():
            if model is ProviderConnection:
                with pytest.raises(ProgrammingError, match="permission denied"):
                    model.objects.count()
                transaction.set_rollback(True)
            else:
                assert model.objects.count() == 0


def test_a_customer_cannot_write(two, acme):
    with (
        rls.scope(rls.customer(acme.pk)),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
    ):
        Campaign.objects.update(name="mine now")


def test_a_viewer_cannot_write(two):
    with rls.scope(rls.staff("sb_viewer")):
        assert Campaign.objects.update(name="changed") == 0


def test_an_operator_cannot_delete(two):
    with rls.scope(rls.staff("sb_operator")):
        Campaign.objects.filter(name="Ours")._raw_delete("default")
    with rls.scope(rls.SYSTEM):
        assert names() == ["Ours", "Theirs"]


def test_the_outer_scope_applies_again_after_an_inner_one(two, acme):
    with rls.scope(rls.customer(acme.pk)):
        with rls.scope(rls.SYSTEM):
            assert names() == ["Ours", "Theirs"]
        assert names() == ["Ours"]


def test_the_outer_scope_applies_again_after_an_exception(two, acme, globex):
    with rls.scope(rls.customer(acme.pk)):
        with pytest.raises(ZeroDivisionError), rls.scope(rls.customer(globex.pk)):
            raise ZeroDivisionError
        assert names() == ["Ours"]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_a_scope_is_refused():
    with pytest.raises(rls.NoTransaction):
        rls.enter(rls.SYSTEM)


@pytest.mark.django_db(transaction=True)
@pytest.mark.django_db(transaction=True)
def test_begin_and_scope_are_sent_in_one_message(acme):
    """BEGIN and the scope are one message; it is a real transaction: its writes are rolled back, and the scope ends with it."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM api_throttle")
    with pytest.raises(ZeroDivisionError), rls.scope(rls.customer(acme.pk)):
        assert connection.connection.info.transaction_status == TransactionStatus.INTRANS
        assert rls.current() == ("customer", str(acme.pk), "none")
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO api_throttle VALUES ('mine', now(), 1)")
        raise ZeroDivisionError
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM api_throttle WHERE key = 'mine'")
        assert cursor.fetchone() == (0,)
    assert rls.current() == ("", "", "none")


@pytest.mark.django_db(transaction=True)
def test_a_scope_that_cannot_be_set_is_an_error_of_the_databases(acme, monkeypatch):
    monkeypatch.setattr(
        sys.modules["salesbrain.rls.scope"],
        "_written_out",
        lambda values: "SELECT set_config('role', 'nobody_at_all', true)",
    )
    with pytest.raises(DatabaseError, match="nobody_at_all"), rls.scope(rls.customer(acme.pk)):
        pytest.fail("nothing may run without its scope")


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_dies_on_entering_a_scope_is_reported_as_dead(acme):
    with pytest.raises(OperationalError) as told, transaction.atomic():
        with db.direct_connection() as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
        rls.enter(rls.customer(acme.pk))
    assert db.is_transient(told.value) and db.is_disconnected(told.value)
    with rls.scope(rls.customer(acme.pk)):
        assert Organization.objects.get() == acme, "the next one works again"


def test_nothing_of_a_scope_stays_on_the_connection(acme):
    with rls.scope(rls.customer(acme.pk)):
        assert rls.current() == ("customer", str(acme.pk), "none")
    assert rls.current() == ("", "", "none")


def test_invalid_scopes_are_refused(acme):
    for wrong in (("root", None), ("customer", None), ("sb_admin", acme.pk)):
        with pytest.raises(ValueError):
            rls.Scope(*wrong)


def test_a_row_cannot_refer_to_another_organizations_row(two, acme):
    """Foreign keys ignore row-level security, so the composite key must refuse the row."""
    from django.db import IntegrityError

    _, theirs = two
    contact = factories.contact(acme)
    with (
        pytest.raises(IntegrityError, match="message_campaign_fk"),
        rls.scope(rls.SYSTEM),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            """INSERT INTO messaging_message (id, organization_id, campaign_id, contact_id, direction, step, variant, happened_at)
            VALUES (gen_random_uuid(), %s, %s, %s, 'out', 1, 1, now())""",
            [acme.pk, theirs.pk, contact.pk],
        )
