"""Findings in the admin: list, filters, fix with preview, fix of all equal ones, snooze."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, EmailAccount
from instantly import findings
from instantly.models import StaffAction
from messaging.models import Finding
from salesbrain import rls
from tests import factories, faulty_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]
LIST = "admin:messaging_finding_changelist"


@pytest.fixture
def world():
    made = faulty_world.build()
    findings.update(now=datetime.now(UTC))
    return made


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def finding(rule: str, **of: object) -> Finding:
    with rls.scope(rls.SYSTEM):
        return Finding.objects.get(rule=rule, until=None, **of)


def test_the_list_has_the_worst_first_with_figure_rule_customer_and_fix(world, operator):
    page = as_(operator).get(reverse(LIST))
    severities = [row.severity for row in page.context["cl"].result_list]
    assert severities == sorted(severities, key=["critical", "warning", "notice"].index)
    text = page.content.decode()
    assert "12.5\u00a0% of 80 emails sent in 7 days came back" in text and "Fix: Pause" in text and "Acme" in text


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_every_finding_and_its_object_has_a_page(world, request, role):
    client = as_(request.getfixturevalue(role))
    with rls.scope(rls.SYSTEM):
        rows = list(Finding.objects.all())
    for row in rows:
        page = client.get(reverse("admin:messaging_finding_change", args=[row.pk]))
        assert page.status_code == 200, row
        fix = page.context["fix"]
        assert fix is None or role != "viewer", row
        if fix is not None:
            preview = client.get(reverse("admin:messaging_finding_fix", args=[row.pk]))
            assert preview.status_code == 200 and row.target_name in preview.content.decode(), row


def test_a_viewer_is_offered_no_fix_and_refused_one(world, viewer):
    row = finding("account_broken")
    assert "Fix:" not in as_(viewer).get(reverse(LIST)).content.decode()
    assert as_(viewer).get(reverse("admin:messaging_finding_fix", args=[row.pk])).status_code == 403


def test_a_preview_changes_nothing_and_shows_before_and_after(world, operator):
    row = finding("bounces", target_type="campaign")
    page = as_(operator).get(reverse("admin:messaging_finding_fix", args=[row.pk])).content.decode()
    assert "Active → Paused" in page and "emails sent in 7 days came back" in page
    with rls.scope(rls.SYSTEM):
        assert not StaffAction.objects.filter(kind="campaign_pause").exists()


def test_all_equal_ones_are_previewed_together(world, operator):
    second = factories.email_account(world.connection, "second@acme.example", status="suspended")
    findings.update(now=datetime.now(UTC))
    row = finding("account_broken", target_name="broken@acme.example")
    page = as_(operator).get(reverse("admin:messaging_finding_change", args=[row.pk]))
    assert page.context["equal"] == 2 and "Fix all 2 equal ones" in page.content.decode()
    preview = as_(operator).get(reverse("admin:messaging_finding_fix_equal", args=[row.pk])).content.decode()
    assert "broken@acme.example" in preview and second.address in preview
    assert 'action="/admin/accounts/emailaccount/"' in preview


def test_a_paused_account_is_no_longer_burning_once_the_action_is_done(world, operator):
    row = finding("bounces", target_type="email_account")
    with rls.scope(rls.SYSTEM):
        EmailAccount.objects.filter(pk=row.target_id).update(status="paused")
    findings.update(now=datetime.now(UTC))
    with rls.scope(rls.SYSTEM):
        assert Finding.objects.get(pk=row.pk).until is not None


def test_a_finished_action_has_the_rules_run_again(world, operator):
    data = {"action": "drift", "_selected_action": str(world.connection.pk)}
    as_(operator).post(reverse("admin:accounts_providerconnection_changelist"), data)
    with rls.scope(rls.SYSTEM):
        Finding.objects.filter(rule="leads_left").update(until=datetime.now(UTC))
    call_command("run_jobs", "--once")
    assert finding("leads_left")


@pytest.mark.parametrize(
    ("page", "name", "others"),
    [
        ("campaigns_campaign", "bouncing", "compared"),
        ("accounts_emailaccount", "burning@acme.example", "broken@acme.example"),
    ],
    ids=["campaigns", "email accounts"],
)
def test_lists_show_findings_and_filter_by_them(world, viewer, page, name, others):
    url = reverse(f"admin:{page}_changelist")
    everything = as_(viewer).get(url).content.decode()
    assert "Too many bounces 12.5\u00a0%" in everything and others in everything
    filtered = as_(viewer).get(f"{url}?finding=bounces")
    assert [str(row) for row in filtered.context["cl"].result_list] == [name]
    assert as_(viewer).get(f"{url}?finding=any").context["cl"].result_count >= 3


def test_a_snooze_asks_for_a_reason_and_is_audited_and_ended(world, operator):
    row = finding("leads_left")
    client, data = as_(operator), {"action": "snooze", "_selected_action": str(row.pk)}
    asked = client.post(reverse(LIST), {**data, "confirmed": "yes", "days": "7", "reason": ""})
    assert "This field is required." in asked.content.decode()
    client.post(reverse(LIST), {**data, "confirmed": "yes", "days": "7", "reason": "The new list comes on Monday"})
    assert row.target_name not in [found.target_name for found in client.get(reverse(LIST)).context["cl"].result_list]
    snoozed = client.get(reverse(LIST) + "?state=snoozed").content.decode()
    assert "The new list comes on Monday" in snoozed and operator.email in snoozed
    with rls.scope(rls.SYSTEM):
        assert AuditEntry.objects.filter(action="admin.snooze", detail__reason="The new list comes on Monday").exists()
    client.post(reverse(LIST) + "?state=all", {"action": "wake", "_selected_action": str(row.pk)})
    assert finding("leads_left").snoozed_until is None
