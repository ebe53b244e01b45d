"""Admin in a browser: login, dashboard, lists, and the display of a malicious mail."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django_otp.oath import TOTP
from playwright.sync_api import Page, expect

from accounts.models import Authenticator
from salesbrain import rls
from salesbrain.isolation.report import latest
from tests import factories, staff_world
from tests.factories import NOON
from tests.salesbrain.site.test_admin_isolation import PROOF

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(db):
    return staff_world.build(("Acme", "Globex"))


def log_in(page: Page, email: str, password: str) -> None:
    page.goto("/admin/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_a_wrong_password_does_not_reveal_whether_the_user_exists(page, picture, admin):
    log_in(page, admin.email, "wrong")
    known = page.locator(".notice.error").inner_text()
    log_in(page, "nobody@salesbrain.example", "wrong")
    assert page.locator(".notice.error").inner_text() == known


def test_setting_up_a_second_factor_and_logging_in_with_it(page, picture, admin, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    log_in(page, admin.email, "admin-password")
    expect(page.get_by_text("Scan this with an authenticator app")).to_be_visible()
    expect(page.locator(".qr svg path")).to_have_count(1)
    picture("second-factor")
    device = Authenticator.objects.get(user=admin)
    page.get_by_label("Code").fill(code_of(device))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.locator(".codes li")).to_have_count(10)
    picture("recovery-codes")
    recovery = page.locator(".codes code").first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Today", level=1)).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    log_in(page, admin.email, "admin-password")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".errors")).to_contain_text("This code is not right")
    picture("login-code")
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Today", level=1)).to_be_visible()


def code_of(device: Authenticator) -> str:
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time()
    return f"{totp.token():06d}"


def test_the_dashboard_shows_stats_and_alerts(page, picture, world, admin):
    call_command("update_findings")
    log_in(page, admin.email, "admin-password")
    expect(page.get_by_role("heading", name="Today", level=1)).to_be_visible()
    row = page.get_by_role("row", name="Acme").first
    # 40 + 41 + 42 sent today, and 3 x 120 three days ago: this week from Thursday on
    expect(row).to_contain_text("123" if datetime.now(UTC).weekday() < 3 else "483")
    expect(page.get_by_text("2 deliveries given up")).to_be_visible()
    given_up = page.get_by_role("listitem").filter(has_text="Deliveries were given up")
    expect(given_up).to_have_count(2)
    for connection in ("acme", "globex"):
        expect(given_up.filter(has_text=connection)).to_be_visible()
    picture("start", whole=True)
    page.get_by_text("2 deliveries held").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    picture("held")


def test_the_campaign_list_and_a_campaign(page, picture, world, viewer):
    log_in(page, viewer.email, "viewer-password")
    page.goto("/admin/campaigns/campaign/")
    expect(page.locator("#result_list tbody tr")).to_have_count(6)
    picture("campaigns")
    page.get_by_role("link", name="Acme wave 1").click()
    expect(page.get_by_text("Messages", exact=True).first).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    picture("campaign", whole=True)


def test_a_hostile_mail_is_shown_and_does_nothing(page, picture, world, viewer):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    log_in(page, viewer.email, "viewer-password")
    page.goto("/admin/messaging/message/")
    expect(page.locator("#result_list tbody tr")).to_have_count(19)
    picture("messages")
    page.goto(f"/admin/messaging/message/{world.hostile.pk}/change/")
    frame = page.frame_locator("iframe.sb-body")
    expect(frame.get_by_text("Hello Ann")).to_be_visible()
    offer = frame.get_by_role("link", name="offer")
    expect(offer).to_have_attribute("href", "https://sender.example/offer")
    expect(offer).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(offer).to_have_attribute("target", "_blank")
    expect(frame.locator("img, script, form, iframe, input, [onclick], [onerror], [href^='javascript']")).to_have_count(
        0
    )
    assert "pwned" not in page.title()
    picture("message", whole=True)
    page.get_by_role("link", name="Text", exact=True).click()
    expect(frame.get_by_text("Hello <b>Ann</b>, plain words")).to_be_visible()
    outside = [url for url in asked if not url.startswith(page.url.split("/admin")[0])]
    assert outside == [], "nothing is asked of anybody else"


def test_a_delivery_shows_its_payload_and_state(page, picture, world, operator):
    log_in(page, operator.email, "operator-password")
    page.goto("/admin/instantly/delivery/?state=dead")
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator("pre.sb-json")).to_contain_text('"event_type": "email_sent"')
    picture("delivery", whole=True)


def test_a_contact_with_its_timeline(page, picture, world, operator):
    log_in(page, operator.email, "operator-password")
    page.goto(f"/admin/messaging/contact/?q={world.messages[0].contact.email}")
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator(".sb-timeline tr")).to_have_count(1)
    picture("contact", whole=True)
    page.goto("/admin/accounts/providerconnection/")
    picture("connections")


def test_the_proof_of_isolation_is_a_page_and_a_file(page, picture, viewer, settings, tmp_path):
    """The page shows this checkout's last proof if there is one, so that the screenshot is a real one."""
    if not latest():
        settings.LOCAL_DIR = tmp_path
        (tmp_path / "isolation").mkdir()
        (tmp_path / "isolation" / "isolation.json").write_text(json.dumps(PROOF))
    log_in(page, viewer.email, "viewer-password")
    page.goto("/admin/isolation/")
    expect(page.get_by_role("heading", name="What was tried")).to_be_visible()
    expect(page.locator(".sb-table tbody tr").first).to_be_visible()
    picture("isolation")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the whole report").click()
    assert download.value.suggested_filename.startswith("isolation-")
    assert "<script" not in Path(download.value.path()).read_text(encoding="utf-8")


WIDE = (
    "accounts/emailaccount",
    "accounts/providerconnection",
    "campaigns/campaign",
    "instantly/delivery",
    "messaging/contact",
    "messaging/event",
    "messaging/message",
)


@pytest.mark.parametrize("width", [1280, 1440])
def test_no_column_of_a_list_is_cut_off(page: Page, operator, acme_connection, width):
    campaign = factories.campaign(acme_connection, "Manufacturing directors in the north, second attempt")
    address = "friederike.hohenstein-baumgarten@outreach-of-acme.example"
    factories.email_account(
        acme_connection, address, warmup_status="active", warmup_score=97, status_at=NOON, synced_at=NOON
    )
    told = {
        "first_name": "Friederike",
        "last_name": "Hohenstein",
        "company": "Analytics Consulting Group",
        "interest": "lead_not_interested",
    }
    dates = dict.fromkeys(("replied_at", "bounced_at", "unsubscribed_at"), NOON)
    message = factories.message(campaign, "adrian.fletcher499@atlas-robotics.example", email_account=address)
    contact = factories.contact(acme_connection.organization, "friederike@atlas-robotics.example", **told, **dates)
    factories.event(
        campaign,
        1,
        "auto_reply_received",
        contact=contact,
        message=message,
        email_account=address,
        lead_email=contact.email,
    )
    with rls.scope(rls.SYSTEM):
        staff_world.delivery(acme_connection, 1, {"event_type": "campaign_completed_for_lead_without_reply"})
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, operator.email, "operator-password")
    for path in WIDE:
        page.goto(f"/admin/{path}/")
        table = page.locator("#result_list")
        expect(table).to_be_visible()
        assert table.evaluate("table => table.scrollWidth - table.parentElement.clientWidth") <= 0, path
