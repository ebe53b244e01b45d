"""Audit log entries: actor, time, action and IP address of everything beyond reading a page."""

from io import StringIO
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from instantly.actions import runner
from instantly.models import StaffAction
from salesbrain import rls
from salesbrain.kernel.request_origin import address, override_address
from tests import factories

pytestmark = pytest.mark.django_db
SOMEWHERE = "198.51.100.7"


def entries() -> list[AuditEntry]:
    with rls.scope(rls.SYSTEM):
        return list(AuditEntry.objects.order_by("id"))


def last() -> AuditEntry:
    return entries()[-1]


@pytest.fixture
def office(client: Client):
    """Return `office(user)`: an HTTP client logged in to the admin, from a known IP address."""

    def somebodys(user: User) -> Client:
        client.defaults["REMOTE_ADDR"] = SOMEWHERE
        client.force_login(user)
        return client

    return somebodys


def test_a_customers_export_is_audited_before_its_first_byte(api, customer, acme):
    began = timezone.now()
    answer = api(customer).get(
        "/api/instantly/export/contacts", {"format": "csv", "since": "2026-01-01"}, REMOTE_ADDR=SOMEWHERE
    )
    assert answer.status_code == 200, "its body was not read"
    entry = last()
    assert (entry.action, entry.actor_id, entry.actor_name) == ("export", customer.pk, customer.email)
    assert (entry.organization_id, entry.address) == (acme.pk, SOMEWHERE)
    assert entry.detail == {"kind": "contacts", "format": "csv", "filters": {"since": "2026-01-01"}}
    assert began <= entry.at <= timezone.now()


def test_the_staff_export_names_the_organization(api, viewer, globex):
    api(viewer).get("/api/instantly/export/events", {"organization_id": str(globex.pk)}, REMOTE_ADDR=SOMEWHERE)
    assert (last().action, last().actor_name, last().organization_id) == ("export", viewer.email, globex.pk)


def test_a_refused_export_is_not_audited(api, customer, globex):
    assert api(customer).get("/api/instantly/export/nothing").status_code == 404
    assert api(customer).get("/api/instantly/export/events", {"organization_id": str(globex.pk)}).status_code == 404
    assert entries() == []


def test_an_export_by_command_is_audited_with_user_and_host(acme, acme_connection, tmp_path, monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "box")
    monkeypatch.setattr("getpass.getuser", lambda: "ops")
    factories.campaign(acme_connection)
    call_command("export_instantly", "--organization", "acme", "--output", str(tmp_path / "out"), stdout=StringIO())
    entry = last()
    assert (entry.action, entry.actor_name, entry.organization_id) == ("export", "manage.py export_instantly", acme.pk)
    assert entry.detail == {"kind": "everything", "format": "ndjson", "rows": 1, "run_by": "ops@box"}


def test_a_changed_role_is_there_before_and_after(office, admin, viewer):
    url = reverse("admin:accounts_user_change", args=[viewer.pk])
    inline = {f"memberships-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}
    answer = office(admin).post(
        url, {"email": viewer.email, "name": "New", "role": "sb_admin", "is_active": "on", **inline}
    )
    assert answer.status_code == 302
    entry = last()
    assert (entry.action, entry.actor_name, entry.target_id, entry.address) == (
        "admin.change",
        admin.email,
        str(viewer.pk),
        SOMEWHERE,
    )
    assert entry.detail["role"] == {"from": "sb_viewer", "to": "sb_admin"} and set(entry.detail["fields"]) == {
        "Name",
        "Role",
    }


def test_audit_entries_of_a_staff_job_have_the_staff_members_address(shared_connection, house, acme, operator):
    campaign = factories.campaign(shared_connection)
    with override_address(SOMEWHERE), rls.scope(rls.SYSTEM):
        action = runner.request_action(
            "campaign_assign", actor=operator, target=campaign, arguments={"organization_id": str(acme.pk)}
        )
    assert address() is None
    runner.run_action(action.pk)
    entry = last()
    assert (entry.action, entry.actor_name, entry.address) == ("campaign.assign", operator.email, SOMEWHERE)
    with rls.scope(rls.SYSTEM):
        assert StaffAction.objects.get().state == "done"


@pytest.mark.parametrize(
    ("command", "action"),
    [
        (["rotate_encryption_key"], "encryption_key.rotate"),
        (["webhook_secret", "acme", "--rotate"], "webhook_secret.issue"),
        (["create_token", "customer@acme.example"], "token.create"),
        (["revoke_tokens", "customer@acme.example"], "token.revoke"),
        (["assign_campaign", "Q3 Outbound", "acme"], "campaign.assign"),
    ],
)
def test_audit_entries_of_a_command_have_user_and_host(
    command, action, acme_connection, shared_connection, house, customer, settings, monkeypatch
):
    monkeypatch.setattr("socket.gethostname", lambda: "box")
    monkeypatch.setattr("getpass.getuser", lambda: "ops")
    factories.campaign(shared_connection)
    factories.webhook_secret(acme_connection)
    factories.token(customer)
    settings.SALESBRAIN_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.SALESBRAIN_ENCRYPTION_KEYS]
    call_command(*command, stdout=StringIO(), stderr=StringIO())
    assert (last().action, last().detail["run_by"]) == (action, "ops@box")


def test_the_stored_client_address_ends_with_its_request():
    with override_address("192.0.2.1"):
        with override_address(None):
            assert address() is None
        assert address() == "192.0.2.1"
    assert address() is None


READINGS = "campaign/{campaign}/messages", "contacts/{contact}", "search/messages?query=hello"


@pytest.mark.parametrize("path", READINGS)
def test_reading_mail_texts_over_the_api_is_audited_for_staff(path, api, viewer, acme, acme_connection):
    message = factories.message(factories.campaign(acme_connection), body_text="hello")
    path = "/api/instantly/" + path.format(campaign=message.campaign_id, contact=message.contact_id)
    assert api(viewer).get(path, REMOTE_ADDR=SOMEWHERE).status_code == 200
    (entry,) = entries()
    assert (entry.action, entry.actor_name, entry.address) == ("api.read", viewer.email, SOMEWHERE)
    assert entry.detail == {"path": path.partition("?")[0]}, "not what was searched for"
    api(viewer).get(path + ("&" if "?" in path else "?") + f"organization_id={acme.pk}")
    assert last().organization_id == acme.pk


@pytest.mark.parametrize("path", READINGS)
def test_customer_reads_and_missing_messages_are_not_audited(path, api, customer, viewer, acme_connection):
    message = factories.message(factories.campaign(acme_connection), body_text="hello")
    known = path.format(campaign=message.campaign_id, contact=message.contact_id)
    assert api(customer).get(f"/api/instantly/{known}").status_code == 200
    if "{" in path:
        unknown = path.format(campaign=uuid4(), contact=uuid4())
        assert api(viewer).get(f"/api/instantly/{unknown}").status_code == 404
    assert entries() == []


def test_reading_lists_without_texts_is_not_audited(api, viewer, acme_connection):
    factories.message(factories.campaign(acme_connection))
    for path in ("contacts", "campaigns", "events", "admin/campaigns"):
        assert api(viewer).get(f"/api/instantly/{path}").status_code == 200, path
    assert entries() == []
