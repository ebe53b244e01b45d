"""A staff member's morning in a browser: dashboard, dead delivery, sync, a viewer's limits."""

import orjson
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import ProviderConnection
from instantly import findings
from instantly.actions import runner
from instantly.actions.progress import SyncProgress
from instantly.choices import AlertKind
from instantly.models import Delivery, Heartbeat, Held, StaffAction
from instantly.monitoring import heartbeats
from instantly.monitoring.alerts import raise_alert
from instantly.processing.batch import process_pending
from instantly.webhooks.store import store_raw
from messaging import handlers
from salesbrain import rls
from salesbrain.kernel.messages import message
from tests import factories, staff_world
from tests.browser.test_admin_browser import log_in
from tests.instantly.conftest import empty_queue, fake, instantly, space, sync, workspace  # noqa: F401  the emulator on a real socket

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("empty_queue"),
]
HOSTILE = '<script>document.title="pwned"</script><img src=x onerror=\'document.title="pwned"\'>'


@pytest.fixture
def jobs_run(transactional_db) -> None:
    with rls.scope(rls.SYSTEM):
        Heartbeat.objects.all().delete()
        for process in (heartbeats.JOBS, heartbeats.REPLIES):
            heartbeats.beat(process, started_at=timezone.now())


def test_a_dashboard_on_which_nothing_happens_says_so(page: Page, picture, jobs_run, viewer, house):
    findings.update(now=timezone.now())
    log_in(page, viewer.email, "viewer-password")
    expect(page.locator(".sb-sentence")).to_contain_text("Nothing needs attention")
    expect(page.locator("#sb-concerns")).to_have_count(0)
    expect(page.get_by_text("None yet.")).to_be_visible()
    picture("dashboard-empty", whole=True)


@pytest.fixture
def dead(acme_connection, monkeypatch) -> int:
    """A dead delivery with its alert; the bug that made it fail is fixed by now."""
    campaign = factories.campaign(acme_connection, "Q3")
    body = {
        "event_type": "reply_received", "timestamp": "2026-07-10T09:00:00.000Z", "campaign_id": campaign.provider_id,
        "lead_email": "lead@lead.example", "email_account": "sender@sender.example", "step": 1, "reply_text": HOSTILE,
    }  # fmt: skip
    id = store_raw(acme_connection.pk, orjson.dumps(body))
    assert id is not None

    def broken(event: object) -> None:
        raise RuntimeError("a bug of ours")

    with monkeypatch.context() as patch:
        patch.setitem(handlers.HANDLERS, handlers.EventType.REPLY_RECEIVED, broken)
        process_pending()
    with rls.scope(rls.SYSTEM):
        Held.objects.filter(pk=id).update(reason="dead", attempts=6, next_try_at=None)
        raise_alert(AlertKind.DEAD_DELIVERIES, acme_connection.pk, message("alert.given_up", detail="a bug of ours"))
    findings.update(now=timezone.now())
    return id


def test_a_dead_delivery_is_replayed_with_a_preview(page: Page, picture, dead, operator):
    log_in(page, operator.email, "operator-password")
    given_up = page.locator(".sb-attention li").filter(has_text="Deliveries were given up")
    given_up.get_by_role("link", name="Show the deliveries").click()
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator(".sb-about")).to_contain_text("Nothing happens with it until a person decides.")
    picture("held-page", whole=True)
    page.get_by_role("button", name="Replay: show what it would do").click()
    expect(page.locator(".sb-chosen")).to_contain_text("Would be recorded")
    expect(page.locator(".sb-chosen")).to_contain_text("“Reply” of 10 Jul 2026, 09:00 for Acme, campaign Q3.")
    picture("replay-preview", whole=True)
    page.get_by_role("button", name="Replay").click()
    expect(page.locator("#content-main")).to_contain_text("It waits for a worker.")
    picture("replay-progress", whole=True)
    process_pending()
    expect(page.locator("#content-main")).to_contain_text("Recorded as “Reply” for Acme.", timeout=15_000)
    page.get_by_role("link", name="Show the delivery").click()
    expect(page.locator(".field-contact_link")).to_contain_text("lead@lead.example")
    assert page.title() != "pwned"
    picture("delivery-recorded", whole=True)
    page.locator(".field-message_link a").click()
    expect(page.locator(".sb-about")).to_contain_text("Received from lead@lead.example")
    expect(page.frame_locator("iframe.sb-body").locator("body")).to_contain_text("<script>")
    assert page.title() != "pwned"


def test_a_sync_shows_how_far_it_has_come(page: Page, picture, space, operator):  # noqa: F811
    log_in(page, operator.email, "operator-password")
    page.goto("/admin/accounts/providerconnection/")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("button", name="Sync now").click()
    expect(page.locator(".sb-badge").first).to_have_text("Queued")
    with rls.scope(rls.SYSTEM):
        action = StaffAction.objects.get(kind="sync")
        StaffAction.objects.filter(pk=action.pk).update(state="running")
    SyncProgress(action.pk)("campaigns", 3)
    expect(page.locator("#content")).to_contain_text("Reading from Instantly: 3 campaigns", timeout=15_000)
    picture("sync-running", whole=True)
    second = page.context.new_page()
    second.goto(reverse("admin:accounts_providerconnection_change", args=[action.connection_id]))
    expect(second.locator(".sb-running")).to_contain_text("Sync now: Running")
    with rls.scope(rls.SYSTEM):
        StaffAction.objects.filter(pk=action.pk).update(state="queued")
    runner.run_action(action.pk)
    expect(page.locator(".sb-badge").first).to_have_text("Done", timeout=15_000)
    expect(page.locator("#content")).to_contain_text("campaigns (0 new")
    expect(second.locator(".sb-running")).to_have_count(0, timeout=15_000)


def test_typed_text_survives_the_reloads_during_a_running_action(page: Page, space, admin):  # noqa: F811
    with rls.scope(rls.SYSTEM):
        target = ProviderConnection.objects.defer("api_key", "raw").get()
        action = runner.request_action("sync", actor=admin, target=target)
    log_in(page, admin.email, "admin-password")
    page.goto(reverse("admin:accounts_providerconnection_change", args=[action.connection_id]))
    expect(page.locator(".sb-running")).to_have_count(1)
    page.locator("#id_name").fill("Another name")
    runner.run_action(action.pk)
    page.wait_for_timeout(7_000)
    expect(page.locator("#id_name")).to_have_value("Another name")


def test_a_viewer_reads_everything_and_changes_nothing(page: Page, picture, dead, viewer):
    log_in(page, viewer.email, "viewer-password")
    expect(page.get_by_role("link", name="Fix:")).to_have_count(0)
    world = staff_world.build(("Globex",), per=1)
    for path in (
        "campaigns/campaign",
        "accounts/emailaccount",
        "accounts/providerconnection",
        "instantly/held",
        "messaging/suppression",
    ):
        page.goto(f"/admin/{path}/")
        expect(page.locator("#result_list")).to_be_visible()
        expect(page.locator("select[name=action]")).to_have_count(0)
        expect(page.locator("a.addlink:visible")).to_have_count(0)
    for name, key in (
        ("accounts_providerconnection", world.connections[0].pk), ("campaigns_campaign", world.campaigns[0].pk),
        ("accounts_organization", world.organizations[0].pk), ("instantly_held", dead), ("instantly_delivery", dead),
    ):  # fmt: skip
        page.goto(reverse(f"admin:{name}_change", args=[key]))
        for word in ("Save", "Replay", "Dismiss", "Sync now", "Pause", "Activate"):
            expect(page.get_by_role("button", name=word)).to_have_count(0)
        expect(page.locator("input[type=password], .submit-row input")).to_have_count(0)
    picture("viewer-organization", whole=True)
    client = Client()
    client.force_login(viewer)
    assert client.post(reverse("admin:campaigns_campaign_changelist"), {"action": "campaign_pause"}).status_code in (
        200,
        302,
    )
    with rls.scope(rls.SYSTEM):
        assert not StaffAction.objects.filter(actor=viewer).exists() and Delivery.objects.filter(pk=dead).exists()


def test_untrusted_texts_run_nothing_on_pages_of_contacts_and_messages(page: Page, picture, acme_connection, viewer):
    campaign = factories.campaign(acme_connection, HOSTILE)
    organization = acme_connection.organization
    person = factories.contact(
        organization, "mallory@evil.example", first_name=HOSTILE, company=HOSTILE, interest=HOSTILE
    )
    mail = factories.message(
        campaign, "mallory@evil.example", subject=HOSTILE, body_html=staff_world.HOSTILE, direction="in"
    )
    factories.event(campaign, 5, "custom", detail=HOSTILE, contact=person, message=mail)
    log_in(page, viewer.email, "viewer-password")
    for name, key in (
        ("messaging_contact", person.pk), ("messaging_message", mail.pk), ("messaging_event", 5), ("campaigns_campaign", campaign.pk),
        ("accounts_organization", organization.pk),
    ):  # fmt: skip
        page.goto(reverse(f"admin:{name}_change", args=[key]))
        expect(page.locator("#content")).to_contain_text("<script>document.title")
        assert page.title() != "pwned", name
    for path in ("messaging/contact", "messaging/message", "messaging/event", "campaigns/campaign"):
        page.goto(f"/admin/{path}/")
        expect(page.locator("#result_list")).to_be_visible()
        assert page.title() != "pwned", path
    picture("hostile-list")
