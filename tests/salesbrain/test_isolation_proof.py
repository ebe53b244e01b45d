"""The proof proves something: it is clean on what we ship, finds each weakening, and leaves nothing behind."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.test import Client

from accounts.models import AuditEntry, Organization, ProviderConnection, User, WebhookSecret
from salesbrain import rls
from salesbrain.admin_site.isolation import proof, routes, tables, world
from salesbrain.admin_site.isolation.report import markdown


def planted_breaches() -> list[tables.Cell]:
    with transaction.atomic():
        found = [cell for cell in tables.walk(world.build()) if not cell.fits]
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
@pytest.mark.timeout(900)
def test_no_customer_sees_another_and_nothing_is_left_behind(viewer, tmp_path, house):
    before = User.objects.count()
    out, file = StringIO(), tmp_path / "isolation.md"
    call_command("prove_isolation", "--output", str(file), stdout=out)
    assert "no row, mark or id of one organization reached the other" in out.getvalue()
    with rls.scope(rls.SYSTEM):
        assert list(Organization.objects.all()) == [house]
        assert not ProviderConnection.objects.exists() and not WebhookSecret.objects.exists()
        report = AuditEntry.objects.get().detail["report"]
    assert User.objects.count() == before
    assert len(report["tables"]) == len(world.protected())
    assert report["tables"]["campaigns_campaign"]["customer A"] == {
        "SELECT": "own", "INSERT": "refused", "UPDATE": "refused", "DELETE": "refused",
    }  # fmt: skip
    assert {operation[0] for operation in routes.operations()} <= {route.split(" ")[1] for route in report["routes"]}
    assert "| campaigns_campaign |" in file.read_text()
    client = Client()
    client.force_login(viewer)
    page = client.get("/admin/isolation/").content.decode()
    assert "Proved" in page and "campaigns_campaign" in page
    download = client.get("/admin/isolation/?file")
    assert download["Content-Disposition"].startswith("attachment") and download.content.decode() == markdown(report)


@pytest.mark.django_db
def test_an_installation_that_was_never_proved_says_how(viewer):
    client = Client()
    client.force_login(viewer)
    assert "manage.py prove_isolation" in client.get("/admin/isolation/").content.decode()


WEAKENINGS = {
    "policy lets everything through": (
        "ALTER POLICY sb_tenant ON campaigns_campaign USING (true)",
        "ALTER POLICY sb_tenant ON campaigns_campaign USING (organization_id = (SELECT NULLIF(current_setting('app.current_org_id', true), '')::uuid))",
    ),
    "table is not protected": (
        "ALTER TABLE messaging_message DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE messaging_message ENABLE ROW LEVEL SECURITY",
    ),
    "customers may write": (
        "GRANT UPDATE ON messaging_contact TO sb_app",
        "REVOKE UPDATE ON messaging_contact FROM sb_app",
    ),
    "customers read what is staff's": (
        "GRANT SELECT ON accounts_providerconnection TO sb_app; ALTER POLICY sb_staff_read ON accounts_providerconnection TO PUBLIC USING (true)",
        """REVOKE SELECT ON accounts_providerconnection FROM sb_app; ALTER POLICY sb_staff_read ON accounts_providerconnection
        TO sb_staff, sb_owner USING ((SELECT current_setting('app.user_role', true)) IN ('sb_admin', 'sb_operator', 'sb_viewer'))""",
    ),
    "viewers may delete": (
        "ALTER POLICY sb_staff_delete ON campaigns_assignmentrule USING (true)",
        "ALTER POLICY sb_staff_delete ON campaigns_assignmentrule USING ((SELECT current_setting('app.user_role', true)) = 'sb_admin')",
    ),
    "the audit log may be changed": (
        "GRANT UPDATE ON accounts_auditentry TO sb_staff",
        "REVOKE UPDATE ON accounts_auditentry FROM sb_staff",
    ),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", WEAKENINGS)
def test_each_weakening_is_found(name):
    weaken, restore = WEAKENINGS[name]
    with connections["owner"].cursor() as cursor:
        cursor.execute(weaken)
        try:
            found = planted_breaches()
        finally:
            cursor.execute(restore)
    assert found, f"the proof does not notice that {name}"
    assert planted_breaches() == [], "restored"


@pytest.mark.django_db
def test_a_route_that_shows_a_foreign_row_is_found(monkeypatch):
    """As if a view forgot whose it asks for: every answer of the API carries B's marker."""
    with transaction.atomic():
        planted = world.build()
        ask = routes.callers.ask_api

        def careless(*args, **kwargs):
            answer = ask(*args, **kwargs)
            answer.proved_text += planted.b.marker
            return answer

        monkeypatch.setattr(routes.callers, "ask_api", careless)
        path, method, operation = next(found for found in routes.operations() if found[0].endswith("/campaigns"))
        calls = list(routes._as_one(path, method, operation, "customer A", planted.a.customer, planted))
        transaction.set_rollback(True)
    assert calls[0].why.startswith(f"it shows {planted.b.marker}")


@pytest.mark.django_db
def test_a_route_nobody_said_anything_about_is_found(monkeypatch):
    operation = {"parameters": [{"name": "thing_id", "in": "path", "schema": {"type": "string"}}]}
    monkeypatch.setattr(routes, "operations", lambda: iter([("/api/things/{thing_id}", "get", operation)]))
    with transaction.atomic():
        calls = list(routes.walk_api(world.build()))
        transaction.set_rollback(True)
    assert [call.why.split(":")[0] for call in calls] == ["nobody said what thing_id names"]


@pytest.mark.django_db
def test_a_breach_is_said_and_the_command_fails(monkeypatch):
    seen = proof.Proof(
        proof.datetime.now(proof.UTC),
        {},
        cells=[tables.Cell("campaigns_campaign", "customer A", "SELECT", "both", fits=False)],
    )
    monkeypatch.setattr("salesbrain.management.commands.prove_isolation.prove", lambda: seen)
    with pytest.raises(CommandError, match="customer A SELECT campaigns_campaign: both"):
        call_command("prove_isolation")
