"""API documentation page in a browser without internet: operations shown, one tried."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests import factories

PATIENCE = 60_000  # ms; Swagger UI and ReDoc lay the whole document out first
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def offline(page: Page, live_server) -> list[str]:
    """Block every other site; return the list of requests to other sites."""
    elsewhere: list[str] = []

    def only_here(route: Route) -> None:
        if route.request.url.startswith((live_server.url, "data:", "blob:")):
            route.continue_()
        else:
            elsewhere.append(route.request.url)
            route.abort()

    page.route("**/*", only_here)
    return elsewhere


def test_an_operation_is_tried_in_swagger_ui(page, picture, offline, customer, acme_connection):
    factories.campaign(acme_connection, "Seen in the browser")
    page.goto("/api/docs")
    expect(page.get_by_role("heading", name="Salesbrain API")).to_be_visible(timeout=PATIENCE)
    picture("swagger")
    page.get_by_role("button", name="Authorize").first.click()
    page.locator("#auth-bearer-value, input[aria-label='auth-bearer-value']").first.fill(factories.token(customer))
    page.locator(".auth-btn-wrapper").get_by_role("button", name=re.compile("^(Authorize|Apply credentials)$")).click()
    page.locator(".btn-done, button.close-modal").first.click()
    operation = page.locator("#operations-Customers-campaigns_list")
    operation.locator(".opblock-summary-control").click()
    expect(operation.get_by_text("next").first).to_be_visible()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table")).to_contain_text("Seen in the browser")
    picture("swagger-tried")
    assert offline == []


def test_redoc_shows_every_operation(page, picture, offline):
    page.goto("/api/docs/redoc")
    expect(page.get_by_role("heading", name=re.compile("Salesbrain API")).first).to_be_visible(timeout=PATIENCE)
    last = page.get_by_role("heading", name=re.compile("Search emails by address"))
    last.scroll_into_view_if_needed(timeout=PATIENCE)
    expect(last).to_be_visible()
    picture("redoc")
    assert offline == []
