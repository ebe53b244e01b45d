"""Security events: logged, counted over all processes, audited where they concern a user."""

from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from accounts.models import AuditEntry
from salesbrain import rls
from salesbrain.kernel import security_events
from salesbrain.kernel.security_events import Kind
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def none_counted(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM security_event_count")
        cursor.execute("DELETE FROM api_throttle")  # of no model either, so they are not flushed


def counted() -> dict[str, int]:
    security_events.flush()
    return {kind: number for kind, number in security_events.totals().items() if number}


def audited() -> list[tuple[str, str, Any]]:
    with rls.scope(rls.SYSTEM):
        rows = AuditEntry.objects.order_by("id").values_list("action", "target_id", "address")
        return [(action, target, address) for action, target, address in rows if action != "token.create"]


def test_a_failed_login_is_counted_and_audited_for_a_user_there_is(viewer):
    for name in (viewer.email, "nobody@salesbrain.example"):
        Client().post("/login", {"username": name, "password": "wrong"}, REMOTE_ADDR="203.0.113.9")
    assert counted() == {Kind.LOGIN_FAILED: 2}
    assert audited() == [("login.failed", str(viewer.pk), "203.0.113.9")]


def test_a_lock_out_is_counted_each_time_and_audited_once(viewer):
    for _ in range(8):
        Client().post("/login", {"username": viewer.email, "password": "wrong"})
    assert counted() == {Kind.LOGIN_FAILED: 5, Kind.LOGIN_LOCKED_OUT: 4}
    assert [action for action, _, _ in audited()] == ["login.failed"] * 5 + ["login.locked_out"]


def test_a_refused_token_is_counted_and_only_a_deactivated_users_is_audited(api, customer):
    client = api()
    client.credentials(HTTP_AUTHORIZATION="Bearer sb_" + "0" * 40)
    client.get("/api/instantly/campaigns")
    assert audited() == []
    client = api(customer)
    type(customer).objects.filter(pk=customer.pk).update(is_active=False)
    for _ in range(3):
        assert client.get("/api/instantly/campaigns").status_code == 403
    assert counted() == {Kind.TOKEN_REFUSED: 4}
    assert [(action, target) for action, target, _ in audited()] == [("token.refused", str(customer.pk))]


def test_a_refused_permission_is_counted_and_audited_with_user_and_permission(api, customer, viewer):
    assert api(customer).get("/api/instantly/admin/email-accounts").status_code == 403
    client = Client()
    client.force_login(viewer)
    assert client.get("/admin/accounts/user/add/").status_code == 403
    assert counted() == {Kind.PERMISSION_REFUSED: 2}
    with rls.scope(rls.SYSTEM):
        entries = AuditEntry.objects.filter(action="permission.refused").order_by("id")
        assert [(entry.actor_id, entry.detail["path"]) for entry in entries] == [
            (customer.pk, "/api/instantly/admin/email-accounts"),
            (viewer.pk, "/admin/accounts/user/add/"),
        ]


def test_a_delivery_with_a_wrong_secret_is_counted(client, settings, acme_connection):
    factories.webhook_secret(acme_connection)
    settings.WEBHOOK_STRANGERS_PER_MINUTE = 2
    answers = [client.post("/webhooks/instantly/webhook", b"{}", "application/json").status_code for _ in range(3)]
    assert answers == [401, 401, 429] and counted() == {Kind.WEBHOOK_REFUSED: 3}


def test_counts_that_could_not_be_stored_are_stored_later(monkeypatch):
    security_events.note(Kind.TOKEN_REFUSED)
    with monkeypatch.context() as broken:
        broken.setattr(security_events, "ADD", "SELECT no_such_column")
        with pytest.raises((DatabaseError, TypeError)):
            security_events.flush()
    security_events.note(Kind.TOKEN_REFUSED)
    assert counted() == {Kind.TOKEN_REFUSED: 2}


def test_a_request_continues_if_its_audit_entry_cannot_be_written(monkeypatch, viewer, caplog):
    def broken(**_: Any) -> None:
        raise DatabaseError("no")

    monkeypatch.setattr("accounts.security_audit.record_audit", broken)
    assert Client().post("/login", {"username": viewer.email, "password": "wrong"}).status_code == 200
    assert "Could not audit" in caplog.text
