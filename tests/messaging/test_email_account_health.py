"""Health of email accounts and completeness of the event feed, as staff see them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from instantly.models import SyncRun
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(viewer) -> Client:
    client = Client()
    client.force_login(viewer)
    return client


def cells(client: Client, **query: str) -> dict[str, list[str]]:
    """Return each mailbox's row of the list as texts, by its connection's name."""
    page = client.get(reverse("admin:accounts_emailaccount_changelist"), query)
    found = page.context["cl"]
    admin = found.model_admin
    names = ("sent_today", "bounce_rate", "complaint_rate", "reply_rate")
    return {row.connection.name: [str(getattr(admin, name)(row)) for name in names] for row in found.result_list}


def test_a_mailbox_shows_its_day_and_its_week(client, acme_connection, globex_connection):
    today = timezone.now().date()
    for connection in (acme_connection, globex_connection):  # the same address in two workspaces is two mailboxes
        factories.email_account(connection, daily_limit=50)
    campaign = factories.campaign(acme_connection)
    factories.daily_stats(campaign, day=today, sent=20, bounces=4, replies=3, complaints=1)
    factories.daily_stats(factories.campaign(acme_connection, "Other"), day=today - timedelta(days=6), sent=20)
    factories.daily_stats(campaign, day=today - timedelta(days=7), sent=1000)
    told = cells(client)
    assert told["acme"] == [
        "20 of 50",
        '<span class="sb-badge sb-bad">10.0\u00a0%</span>',
        '<span class="sb-badge sb-bad">2.5\u00a0%</span>',
        "7.5\u00a0%",
    ]
    assert told["globex"] == ["0 of 50", "–", "–", "–"]


def test_a_mailboxs_own_page_shows_the_same_figures(client, acme_connection):
    account = factories.email_account(acme_connection, daily_limit=None)
    factories.daily_stats(factories.campaign(acme_connection), day=timezone.now().date(), sent=20, replies=3)
    page = client.get(reverse("admin:accounts_emailaccount_change", args=[account.pk])).content.decode()
    assert "15.0\u00a0%" in page and "replies, 7 d" in page.lower()


def test_a_page_of_mailboxes_costs_one_statement_for_its_figures(
    client, acme_connection, django_assert_max_num_queries
):
    for number in range(5):
        factories.email_account(acme_connection, f"sender{number}@sender.example")
    with django_assert_max_num_queries(25):
        client.get(reverse("admin:accounts_emailaccount_changelist"))


def test_a_connections_page_shows_open_gaps(client, acme_connection):
    url = reverse("admin:accounts_providerconnection_change", args=[acme_connection.pk])
    assert "nothing can be said yet" in client.get(url).content.decode()
    gap = {"from": "2026-07-02T10:00:00", "until": "2026-07-03T10:00:00", "filled": True, "missing": "opens"}
    with rls.scope(rls.SYSTEM):
        SyncRun.objects.create(
            connection=acme_connection,
            trigger="reconcile",
            status="succeeded",
            counts={"complete_since": "2026-07-01T00:00:00+00:00", "gaps": [gap], "undated": {"opens": 3, "clicks": 0}},
        )
    page = client.get(url).content.decode()
    assert (
        "complete since 2026-07-01 00:00 UTC, but for opens between 2026-07-02 10:00 and 2026-07-03 10:00 UTC; 3 opens that "
        "Instantly counts and no longer dates"
    ) in page
