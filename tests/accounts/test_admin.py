"""Admin pages of users and connections: keys can be entered but not read, roles, audit entries."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, Membership, Organization, ProviderConnection, User
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db
KEY = "bXktdmVyeS1vd24ta2V5OmFiY2QxMjM0"  # made up: decodes to words


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def audit() -> list[tuple[str, str, str]]:
    with rls.scope(rls.SYSTEM):
        return [(entry.action, entry.actor_name, str(entry.detail)) for entry in AuditEntry.objects.order_by("id")]


def change(connection) -> str:
    return reverse("admin:accounts_providerconnection_change", args=[connection.pk])


def test_an_admin_replaces_a_key_and_sees_its_end_only(admin, acme_connection):
    client = as_(admin)
    answer = client.post(change(acme_connection), {"name": "acme", "is_active": "on", "new_api_key": f" {KEY} "})
    assert answer.status_code == 302
    with rls.scope(rls.SYSTEM):
        assert ProviderConnection.objects.get().api_key == KEY
    page = client.get(change(acme_connection)).content.decode()
    assert KEY not in page and "•••• MTIz" not in page and f"•••• {KEY[-4:]}" in page
    action, who, detail = audit()[-1]
    assert (action, who) == ("admin.change", admin.email)
    assert "API key" in detail and KEY not in detail


def test_an_empty_key_field_keeps_the_key(admin, acme_connection):
    as_(admin).post(change(acme_connection), {"name": "acme", "is_active": "on", "new_api_key": ""})
    with rls.scope(rls.SYSTEM):
        assert ProviderConnection.objects.get().api_key == acme_connection.api_key


def test_a_refused_form_does_not_send_the_key_back(admin, acme_connection):
    answer = as_(admin).post(change(acme_connection), {"name": "not a slug!", "new_api_key": KEY})
    assert answer.status_code == 200
    assert KEY not in answer.content.decode()


def test_an_operator_looks_at_a_connection_and_has_no_field_for_a_key(operator, acme_connection):
    client = as_(operator)
    page = client.get(change(acme_connection))
    assert page.status_code == 200
    assert "new_api_key" not in page.content.decode()
    assert client.post(change(acme_connection), {"name": "mine", "new_api_key": KEY}).status_code == 403
    assert client.get(reverse("admin:accounts_providerconnection_add")).status_code == 403


def test_a_connection_keeps_its_organization(admin, acme_connection, globex):
    as_(admin).post(change(acme_connection), {"name": "acme", "is_active": "on", "organization": str(globex.pk)})
    with rls.scope(rls.SYSTEM):
        assert ProviderConnection.objects.filter(organization__name="Acme").count() == 1


def test_an_admin_makes_a_connection(admin, acme):
    url = reverse("admin:accounts_providerconnection_add")
    fields = {
        "name": "fresh",
        "provider": "instantly",
        "organization": str(acme.pk),
        "is_active": "on",
        "new_api_key": KEY,
    }
    assert as_(admin).post(url, fields).status_code == 302
    with rls.scope(rls.SYSTEM):
        made = ProviderConnection.objects.get(name="fresh")
        assert (made.api_key, made.api_key_last4) == (KEY, KEY[-4:])
    assert audit()[-1][0] == "admin.add"


def test_an_admin_makes_a_customer_and_gives_them_an_organization(admin, acme):
    client = as_(admin)
    fields = {
        "email": "New@Acme.example", "name": "New", "role": "", "usable_password": "true",
        "password1": "a-long-secret-27", "password2": "a-long-secret-27",
    }  # fmt: skip
    assert client.post(reverse("admin:accounts_user_add"), fields).status_code == 302
    user = User.objects.get(email="new@acme.example")
    assert user.check_password("a-long-secret-27")
    url = reverse("admin:accounts_membership_add")
    assert client.post(url, {"user": str(user.pk), "organization": str(acme.pk), "role": "owner"}).status_code == 302
    assert user.scope_for() == rls.customer(acme.pk)
    assert [action for action, _, _ in audit()] == ["admin.add", "admin.add"]
    assert "a-long-secret-27" not in str(audit())


def test_a_changed_role_is_audited(admin, viewer):
    url = reverse("admin:accounts_user_change", args=[viewer.pk])
    inline = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    as_(admin).post(url, {"email": viewer.email, "role": "sb_operator", "is_active": "on", **inline})
    viewer.refresh_from_db()
    assert viewer.role == "sb_operator"
    action, who, detail = audit()[-1]
    assert (action, who) == ("admin.change", admin.email) and "Role" in detail


def test_ex_staff_lose_access_at_the_next_request(viewer):
    client = as_(viewer)
    assert client.get("/admin/").status_code == 200
    User.objects.filter(pk=viewer.pk).update(role="")
    assert client.get("/admin/").status_code == 302
    User.objects.filter(pk=viewer.pk).update(role="sb_viewer", is_active=False)
    assert client.get("/admin/").status_code == 302


def test_deleting_a_user_is_audited_and_deletes_the_memberships(admin, customer):
    url = reverse("admin:accounts_user_delete", args=[customer.pk])
    assert as_(admin).post(url, {"post": "yes"}).status_code == 302
    with rls.scope(rls.SYSTEM):
        assert not Membership.objects.exists()
    assert audit()[-1][0] == "admin.delete"


def test_an_operator_cannot_make_staff(operator):
    assert (
        as_(operator)
        .post(reverse("admin:accounts_user_add"), {"email": "me@x.example", "role": "sb_admin"})
        .status_code
        == 403
    )


def test_organizations_and_connections_cannot_be_deleted_in_the_admin(admin, acme, acme_connection):
    client = as_(admin)
    for url in (
        reverse("admin:accounts_organization_delete", args=[acme.pk]),
        reverse("admin:accounts_providerconnection_delete", args=[acme_connection.pk]),
    ):
        assert client.post(url, {"post": "yes"}).status_code == 403
    with rls.scope(rls.SYSTEM):
        assert Organization.objects.filter(pk=acme.pk).exists()


def test_the_audit_log_cannot_be_changed_by_an_admin(admin, acme_connection):
    as_(admin).post(change(acme_connection), {"name": "acme", "is_active": "on", "new_api_key": KEY})
    with rls.scope(rls.SYSTEM):
        entry = AuditEntry.objects.latest("id")
    for page in ("change", "delete"):
        url = reverse(f"admin:accounts_auditentry_{page}", args=[entry.pk])
        assert as_(admin).post(url, {"post": "yes"}).status_code == 403


def test_a_token_is_ended_in_the_admin_and_never_shown(admin, customer):
    token = factories.token(customer)
    client = as_(admin)
    page = client.get(reverse("admin:knox_authtoken_changelist")).content.decode()
    assert token not in page and token[:15] in page
    digest = customer.auth_token_set.get().digest
    assert client.post(reverse("admin:knox_authtoken_delete", args=[digest]), {"post": "yes"}).status_code == 302
    assert not customer.auth_token_set.exists()
    assert audit()[-1][0] == "admin.delete"


def test_the_health_filter_of_email_accounts_finds_those_that_cannot_send(viewer, acme_connection):
    factories.email_account(acme_connection, "good@sender.example")
    factories.email_account(acme_connection, "bad@sender.example", status="connection_error")
    page = as_(viewer).get(reverse("admin:accounts_emailaccount_changelist"), {"health": "unhealthy"}).content.decode()
    assert "bad@sender.example" in page and "good@sender.example" not in page
