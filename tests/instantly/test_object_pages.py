"""Pages of organizations, campaigns and email accounts: figures, findings, bounded statements."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from instantly import findings
from instantly.models import StaffAction
from messaging.choices import MeasurementKind
from messaging.findings import sources
from salesbrain import rls
from tests import factories, faulty_world

pytestmark = pytest.mark.django_db
PAGES = {
    "organization": "accounts_organization",
    "campaign": "campaigns_campaign",
    "email account": "accounts_emailaccount",
    "connection": "accounts_providerconnection",
}


@pytest.fixture
def world():
    made = faulty_world.build()
    findings.update(now=datetime.now(UTC))
    return made


@pytest.fixture
def client(viewer) -> Client:
    client = Client()
    client.force_login(viewer)
    return client


def text(client: Client, page: str, row) -> str:
    answer = client.get(reverse(f"admin:{PAGES[page]}_change", args=[row.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def rows(world):
    return {
        "organization": world.acme,
        "campaign": world.campaigns["bouncing"],
        "email account": world.accounts["burning"],
        "connection": world.connection,
    }


@pytest.mark.parametrize("page", list(PAGES), ids=str)
def test_an_object_page_costs_a_bounded_number_of_statements(client, world, page):
    text(client, page, rows(world)[page])  # what a process reads once
    with CaptureQueriesContext(connection) as captured:
        text(client, page, rows(world)[page])
    few = len(captured)
    for number in range(8):
        campaign = factories.campaign(world.connection, f"more {number}", senders=["burning@acme.example"])
        factories.email_account(world.connection, f"more{number}@acme.example")
        factories.daily_stats(campaign, day=datetime.now(UTC).date(), sent=10)
    with CaptureQueriesContext(connection) as captured:
        text(client, page, rows(world)[page])
    assert len(captured) <= few, "\n".join(query["sql"][:150] for query in captured.captured_queries)
    assert few - FRAME <= MOST, "\n".join(query["sql"][:150] for query in captured.captured_queries)


MOST, FRAME = 16, 2
"""MOST: maximum of statements per page. FRAME: statements of the test's savepoint around a request, in place of BEGIN and COMMIT."""


def test_an_organization_shows_figures_findings_and_what_it_has(client, world):
    page = text(client, "organization", world.acme)
    for part in (
        "the 30 days before", "bouncing: ", "burning@acme.example: ", "12.5\u00a0%", ">faulty<", "broken@acme.example", "All campaigns",
        "Webhook secret is about to expire",
    ):  # fmt: skip
        assert part in page, part


def test_an_organizations_list_has_findings_and_links_from_counts(client, world):
    page = client.get(reverse("admin:accounts_organization_changelist")).content.decode()
    assert "Replies wait for an answer 30 hours" in page
    assert f'?organization__id__exact={world.acme.pk}&amp;status__exact=active">' in page or (
        f'?organization__id__exact={world.acme.pk}&status__exact=active">' in page
    )


def test_a_campaign_shows_why_it_does_not_send_its_steps_and_its_history(client, world):
    with rls.scope(rls.SYSTEM):
        for kind, outcome in (("campaign_assign", "Assigned."), ("campaign_pause", "Paused.")):
            StaffAction.objects.create(
                kind=kind, connection=world.connection, target_id=world.campaigns["compared"].pk, target_name="compared",
                actor_name="operator@salesbrain.example", state="done", outcome=outcome,
            )  # fmt: skip
    page = text(client, "campaign", world.campaigns["compared"])
    for part in ("clearly better", "15.0\u00a0%", "1A", "Assigned.", "Paused.", "operator@salesbrain.example"):
        assert part in page, part
    assert "Stopped by bounce protection" in text(client, "campaign", world.campaigns["stopped"])


def test_a_campaigns_drift_is_explained(client, world):
    campaign = world.campaigns["bouncing"]
    difference = {"sent": {"local": 90, "instantly": 100, "delta": -10}}
    with rls.scope(rls.SYSTEM):
        StaffAction.objects.filter(kind="drift").update(
            result={"differ": [{"campaign": campaign.provider_id, "name": "bouncing", "figures": difference}]}
        )
    page = text(client, "campaign", campaign)
    assert "<td>90</td><td>100</td><td>-10</td>" in page and "until gap repair has filled it" in page
    assert "None, compared on" in text(client, "campaign", world.campaigns["fading"])


@pytest.mark.parametrize(
    ("name", "word"),
    [("burning", "Burning"), ("busy", "Watch"), ("broken", "Burning")],
    ids=["bounces", "too many", "broken"],
)
def test_an_email_accounts_health_is_a_word_with_figure_and_rule(client, world, name, word):
    assert f">{word}<" in text(client, "email account", world.accounts[name])


def test_a_healthy_email_account_is_green_and_shows_its_warm_up_by_day(client, world):
    account = factories.email_account(world.connection, "green@acme.example", warmup_score=90)
    now = datetime.now(UTC)
    with rls.scope(rls.SYSTEM):
        for days, score in ((1, 88), (0, 90)):
            sources.keep(MeasurementKind.WARMUP_SCORE, {account.pk: score}, now - timedelta(days=days))
    page = text(client, "email account", account)
    assert ">Green<" in page and "88 90" in page


def test_an_email_account_that_cannot_send_is_burning_before_the_rules_have_run(client, world):
    account = factories.email_account(world.connection, "new@acme.example", status="suspended")
    assert ">Burning<" in text(client, "email account", account)


def test_an_email_accounts_error_says_since_when(client, world):
    account = factories.email_account(
        world.connection,
        "off@acme.example",
        status="connection_error",
        status_at=factories.NOON,
        status_reason="535 refused",
    )
    assert "Connection error since 2026-07-10 12:00 UTC 535 refused" in text(client, "email account", account)
